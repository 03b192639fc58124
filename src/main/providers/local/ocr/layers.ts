/** Recognized text put under the pages of a PDF, by qpdf: all else of the file stays as it is. In a child process. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import createQpdf, { type QpdfInstance } from '@neslinesli93/qpdf-wasm'
import { JobError } from '../../../../shared/failure.ts'
import type { Turn } from './sheet.ts'

/** A PDF of one page. */
export interface PageLayer {
  /** From 0. */
  readonly page: number
  readonly pdf: Uint8Array
  /** What the page has to be turned by to stand upright, as the layer does. */
  readonly turn: Turn
  /** Put in its place rather than over it. */
  readonly isWhole: boolean
}

/** The type of the package knows no more of it than reading. */
type Files = QpdfInstance['FS'] & { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void }

async function startQpdf(): Promise<{ readonly files: Files; run(args: readonly string[], path: string): void }> {
  const require = createRequire(import.meta.url)
  const said: string[] = []
  const host = {
    locateFile: () => require.resolve('@neslinesli93/qpdf-wasm/dist/qpdf.wasm'),
    noInitialRun: true,
    print: () => {},
    printErr: (line: string) => said.push(line),
  }
  const qpdf = await createQpdf(host)
  return {
    files: qpdf.FS as Files,
    run: (args, path) => {
      const status = qpdf.callMain([...args])
      // 3: with warnings, as of a table that it had to make anew.
      if (status === 0 || status === 3) return
      const isLocked = said.some((line) => /invalid password/i.test(line))
      if (isLocked) throw new JobError('source-unreadable', { path, because: 'password' })
      throw new JobError('source-damaged', { path, reason: (said.at(-1) ?? '').replace(/^\S+: /, '').slice(0, 200) })
    },
  }
}

export async function withLayers(
  path: string,
  password: string | undefined,
  layers: readonly PageLayer[],
  count: number,
): Promise<Uint8Array> {
  const { files, run } = await startQpdf()
  files.writeFile('/source.pdf', await readFile(path))
  const opening = password === undefined ? [] : [`--password=${password}`]
  layers.forEach(({ pdf }, n) => files.writeFile(`/layer-${n}.pdf`, pdf))
  const isWhole = new Map(layers.flatMap((layer, n) => (layer.isWhole ? [[layer.page, n] as const] : [])))
  const over = layers.flatMap((layer, n) => (layer.isWhole ? [] : [{ ...layer, n }]))
  const one = ['1']
  const pages =
    isWhole.size === 0
      ? []
      : Array.from({ length: count }, (_, page) => {
          const layer = isWhole.get(page)
          return layer === undefined ? ['/source.pdf', ...opening, String(page + 1)] : [`/layer-${layer}.pdf`, ...one]
        })
  const rotate = over.flatMap(({ page, turn }) => (turn === 0 ? [] : [`--rotate=+${turn}:${page + 1}`]))
  const overlay: string[] = []
  if (over.length > 0) {
    run(['--empty', '--pages', ...over.flatMap(({ n }) => [`/layer-${n}.pdf`, ...one]), '--', '/layers.pdf'], path)
    overlay.push('--overlay', '/layers.pdf', `--to=${over.map(({ page }) => page + 1).join(',')}`, '--')
  }
  const taken = pages.length === 0 ? [] : ['--pages', ...pages.flat(), '--']
  run(['/source.pdf', ...opening, ...taken, ...rotate, ...overlay, '/result.pdf'], path)
  return files.readFile('/result.pdf')
}

/** Pages in their order as one file, described as the first is. */
export async function joined(pages: readonly Uint8Array[], path: string): Promise<Uint8Array> {
  const [first] = pages
  if (first !== undefined && pages.length === 1) return first
  const { files, run } = await startQpdf()
  pages.forEach((pdf, n) => files.writeFile(`/page-${n}.pdf`, pdf))
  run(['/page-0.pdf', '--pages', ...pages.flatMap((_, n) => [`/page-${n}.pdf`, '1']), '--', '/result.pdf'], path)
  return files.readFile('/result.pdf')
}
