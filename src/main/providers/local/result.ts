/** A result of one file: removed again where making it fails. Apart, as every engine that makes one does it so. */
import { rm, stat } from 'node:fs/promises'
import type { FormatId } from '../../../shared/formats.ts'
import type { Part } from '../../../shared/job.ts'

export async function single(
  output: string,
  format: FormatId,
  make: (output: string) => Promise<void>,
): Promise<readonly Part[]> {
  try {
    await make(output)
    return [{ temp: output, name: null, format, bytes: (await stat(output)).size }]
  } catch (error) {
    await rm(output, { force: true })
    throw error
  }
}
