/** Small letters as PDF, by Beside's command line and by one call of soffice for all of them, in turns; each starts its LibreOffice anew. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { docxOf } from '../support/office-files.ts'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, has, timed, withFolder } from './scene.ts'

export async function documents(runs: number, count: number): Promise<readonly Figure[]> {
  if (!(await has('soffice', '--version'))) {
    console.error('soffice is not installed, so documents are not compared (npm run setup -- libreoffice)')
    return []
  }
  return await withFolder(async (folder) => {
    const names = Array.from({ length: count }, (_, n) => `letter ${n}.docx`)
    for (const [n, name] of names.entries()) await writeFile(join(folder, name), docxOf(letter(n)))
    const paths = names.map((name) => join(folder, name))
    const figure = await inTurns(
      `${count} small DOCX to PDF`,
      's',
      runs,
      async () => await filled(folder, count, async (to) => await beside(folder, to)),
      async () => await filled(folder, count, async (to) => await soffice(paths, to)),
      '≤ 1.00',
    )
    return [figure]
  })
}

function letter(n: number): readonly string[] {
  return Array.from({ length: 20 }, (_, row) =>
    `Letter ${n}, paragraph ${row}: what is written here is long enough for a line and a half, `.repeat(2),
  )
}

async function beside(folder: string, to: string): Promise<number> {
  return await withFolder(
    async (home) =>
      await timed(process.execPath, [besideProgram, 'convert', folder, '--include', '*.docx', '--to', 'pdf', '--out', to], {
        env: { BESIDE_HOME: home },
      }),
  )
}

/** With a profile of its own, as Beside starts it: one that somebody has open is nobody's to use. */
async function soffice(paths: readonly string[], to: string): Promise<number> {
  return await withFolder(
    async (profile) =>
      await timed('soffice', [
        `-env:UserInstallation=${pathToFileURL(profile).href}`,
        ...['--headless', '--norestore', '--convert-to', 'pdf', '--outdir', to],
        ...paths,
      ]),
  )
}

async function filled(folder: string, count: number, run: (to: string) => Promise<number>): Promise<number> {
  const to = join(folder, 'results')
  await mkdir(to)
  const seconds = await run(to)
  const made = (await readdir(to)).filter((name) => name.endsWith('.pdf')).length
  if (made !== count) throw new Error(`${made} results instead of ${count}`)
  await rm(to, { recursive: true })
  return seconds
}
