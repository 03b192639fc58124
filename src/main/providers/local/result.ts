/** A result of one file: removed again where making it fails. Apart, as every engine that makes one does it so. */
import { rm, stat } from 'node:fs/promises'
import type { FormatId } from '../../../shared/formats.ts'
import type { Part } from '../../../shared/job.ts'
import type { Remark } from '../../../shared/notes.ts'

/** @param make answers what is to be said of it, if anything. */
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
