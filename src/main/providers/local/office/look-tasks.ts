/** Office files looked into, and made ready for the installed program: work of a process of its own, which LibreOffice is not loaded into. Apart for that. */
import { readFile, writeFile } from 'node:fs/promises'
import { look } from './look.ts'
import type { OfficeLook } from './looked.ts'
import { prepared, type Preparing } from './prepare.ts'

export const tasks = {
  /** @throws JobError `source-unreadable` where it opens with a password alone. */
  look: async ({ path }: { readonly path: string }): Promise<OfficeLook> => await look(await readFile(path), path),

  /** @param into a folder. @returns the file that it wrote there, and the options of the filter that reads it. */
  prepare: async ({ preparing, into }: { readonly preparing: Preparing; readonly into: string }) => {
    const { bytes, ending, load } = prepared(await readFile(preparing.path), preparing)
    const file = `${into}.${ending}`
    await writeFile(file, bytes, { flag: 'wx' })
    return { file, ending, load }
  },
}
