/** PDF files out of one, inside its process: fewer pages, in another order, turned, in several files, smaller, with a password or without. */
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { Remark } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import type { TaskContext } from '../children/task-table.ts'
import { recompressed } from './compression.ts'
import { opened } from './drawing.ts'
import type { Opening } from './page.ts'
import { opening, startQpdf, type Qpdf } from './qpdf.ts'
import { protection, verify, written } from './result.ts'

export interface Rearrangement extends Opening {
  readonly options: Pick<Options, 'rotate' | 'compress' | 'protect' | 'pagesPerFile'>
  /** From 0, in the order they are to have; null: all of them as they are. */
  readonly pages: readonly number[] | null
  /** How many there are. */
  readonly count: number
  /** As many as there are results; none of them is there yet. */
  readonly outputs: readonly string[]
}

/** @returns what is to be said of the results. */
export async function rearrange(order: Rearrangement, context: TaskContext): Promise<readonly Remark[]> {
  const { path, password, options, pages, count, outputs } = order
  const qpdf = await startQpdf(path)
  const source = await readFile(path)
  const name = await qpdf.addRepaired(source, password)
  const { length: asked } = pages ?? { length: count }
  const prepared =
    options.compress === undefined || options.compress === 'light'
      ? { name, password }
      : { name: await smaller(qpdf, name, order, options.compress, context), password: undefined }
  context.progress(0.5)
  const args = [
    ...opening(prepared.password),
    prepared.name,
    ...(pages === null ? [] : ['--pages', '.', pages.map((page) => page + 1).join(','), '--']),
    ...(options.rotate === undefined ? [] : [`--rotate=+${options.rotate}`]),
    ...written,
    ...(options.compress === undefined
      ? []
      : ['--recompress-flate', '--compression-level=9', '--remove-unreferenced-resources=yes']),
    ...protection(password, options.protect),
  ]
  if (outputs.length > 1) {
    const each = options.pagesPerFile ?? asked
    qpdf.folder('/parts')
    qpdf.run([...args, `--split-pages=${each}`, '/parts/%d.pdf'])
    const made = qpdf.list('/parts')
    if (made.length !== outputs.length)
      throw new JobError('output-bad', { because: 'pages-missing', expected: outputs.length, actual: made.length })
    for (const [n, part] of made.entries()) {
      const output = outputs[n] ?? ''
      await writeFile(output, qpdf.take(part), { flag: 'wx' })
      await verify(output, Math.min(each, asked - n * each), options.protect, context)
    }
    const document = await opened({ path, password }, context)
    return document.outline().length > 0 ? [{ code: 'outline-left' }] : []
  }
  const [output = ''] = outputs
  qpdf.run([...args, '/out.pdf'])
  const result = qpdf.take('/out.pdf')
  // Nothing but fewer bytes was asked for: what is smaller already stays as it is.
  const isOnlySmaller = pages === null && options.rotate === undefined && options.protect === undefined && password === undefined
  const isKept = options.compress !== undefined && isOnlySmaller && result.length >= (await stat(path)).size
  if (isKept) await copyFile(path, output)
  else await writeFile(output, result, { flag: 'wx' })
  await verify(output, asked, options.protect, context)
  return isKept ? [{ code: 'kept-smaller' }] : []
}

async function smaller(
  qpdf: Qpdf,
  name: string,
  { path, password }: Rearrangement,
  level: 'medium' | 'strong',
  context: TaskContext,
): Promise<string> {
  const document = await opened({ path, password }, context)
  qpdf.run([
    ...opening(password),
    name,
    '--decrypt',
    '--decode-level=generalized',
    '--compress-streams=n',
    '--object-streams=disable',
    '/plain.pdf',
  ])
  return qpdf.add(await recompressed(qpdf.take('/plain.pdf'), document, level, context))
}
