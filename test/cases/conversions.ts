/** One source into several formats by a whole Beside: how each job ended, where its result is, and what it left behind. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Job } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'

export interface Result {
  readonly end: string
  /** Empty where there is none. */
  readonly path: string
  /** What was left behind. */
  readonly left: readonly string[]
}

/** Into each of the formats, in a folder each. */
export async function converted(
  name: string,
  bytes: Buffer | string,
  into: readonly FormatId[],
  options: Options = {},
): Promise<Readonly<Record<string, Result>>> {
  const folder = await temporaryFolder()
  const path = join(folder, name)
  await writeFile(path, bytes)
  return await intoEach(path, folder, into, options)
}

/** The same of a file that is there. @param bytes in the place of its own. */
export async function convertedFile(
  path: string,
  into: readonly FormatId[],
  options: Options,
  bytes?: Buffer,
): Promise<Readonly<Record<string, Result>>> {
  if (bytes !== undefined) await writeFile(path, bytes)
  return await intoEach(path, await temporaryFolder(), into, options)
}

async function intoEach(path: string, folder: string, into: readonly FormatId[], options: Options) {
  const { convert } = await testBeside(folder)
  const results: Record<string, Result> = {}
  for (const target of into) {
    const { jobs } = await convert([path], target, { options, out: join(folder, target) })
    const [job] = jobs
    if (job === undefined) throw new Error('no job')
    const [output = ''] = outputsOf(job)
    results[target] = { end: endedInWords(job), path: output, left: leftOf(job) }
  }
  return results
}

function leftOf({ state }: Job): readonly string[] {
  return state.phase === 'done' ? state.notes.flatMap((note) => (note.what === 'left' ? [note.thing] : [])) : []
}

export function all<T>(
  of: (result: Result, target: string) => T,
  results: Readonly<Record<string, Result>>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(results).map(([target, result]) => [target, of(result, target)]))
}

export function each<T>(value: T, into: readonly FormatId[]): Readonly<Record<string, T>> {
  return Object.fromEntries(into.map((target) => [target, value]))
}
