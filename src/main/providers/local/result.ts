/** How results are made of one file, or by way of another. Apart, as every engine that makes one does it so. */
import { rm, stat } from 'node:fs/promises'
import type { FormatId } from '../../../shared/formats.ts'
import type { Part } from '../../../shared/job.ts'
import type { Remark } from '../../../shared/notes.ts'
import type { ProviderOrder } from '../provider.ts'

/**
 * A result of one file: removed again where making it fails.
 * @param make answers what is to be said of it, if anything.
 */
export async function single(
  output: string,
  format: FormatId,
  make: (output: string) => Promise<readonly Remark[] | void>,
): Promise<readonly Part[]> {
  try {
    const said = (await make(output)) ?? []
    return [{ temp: output, name: null, format, bytes: (await stat(output)).size, ...(said.length > 0 && { said: [...said] }) }]
  } catch (error) {
    await rm(output, { force: true })
    throw error
  }
}

/** Two steps, by way of a file that is gone afterwards. What the first has to say stands with the results of the second. */
export async function byWayOf(
  path: string,
  first: () => Promise<readonly Part[]>,
  second: (source: ProviderOrder['source']) => Promise<readonly Part[]>,
): Promise<readonly Part[]> {
  const said = (await first()).flatMap((part) => part.said ?? [])
  try {
    const parts = await second({ kind: 'file', path, bytes: 0, mtimeMs: 0 })
    return said.length === 0 ? parts : parts.map((part) => ({ ...part, said: [...said, ...(part.said ?? [])] }))
  } finally {
    await rm(path, { force: true })
  }
}
