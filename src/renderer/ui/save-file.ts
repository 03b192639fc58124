/** Files that end where the user keeps downloads, since a page cannot write any other. Apart, for every view saves something. */
import { JobError } from '../../shared/failure.ts'

/** Something that the window has made or fetched. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** As the browser saves what a page links to. What is not there any more would be saved as a page that says so. */
export async function saveAddress(href: string, name: string): Promise<void> {
  const { ok } = await fetch(href, { method: 'HEAD' })
  if (!ok) throw new JobError('source-missing', { path: name })
  const link = document.createElement('a')
  link.href = href
  link.download = ''
  link.click()
}
