/** What a file is by its content. Its name is not asked. Apart, so that its library is loaded when it is asked for. */
import { open } from 'node:fs/promises'
import { fileTypeFromTokenizer } from 'file-type'
import { fromFile } from 'strtok3'
import { formatNamed, type FormatId } from '../../../../shared/formats.ts'

/** What file-type calls otherwise than Beside does. Endings that mean the same to both are not listed. */
const others: Readonly<Record<string, FormatId>> = {
  apng: 'png',
  f4v: 'mp4',
  m4p: 'm4a',
  f4a: 'm4a',
  f4b: 'm4a',
  asf: 'wmv',
  ogm: 'ogv',
  ogx: 'ogv',
  spx: 'ogg',
}
/** Endings that mean something else to Beside, or nothing that it reads. */
const ignoredEndings = new Set(['mp1', 'txt', 'xml'])

/** Null where nothing is recognised: that a file is no media, or a kind without a signature (raw streams). */
export async function sniff(path: string): Promise<FormatId | null> {
  const found = await recognised(path)
  if (found !== undefined && !ignoredEndings.has(found.ext)) return others[found.ext] ?? formatNamed(found.ext)
  const start = await beginning(path)
  if (start.startsWith('.snd')) return 'au'
  return /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/is.test(start) ? 'svg' : null
}

/** Not `fileTypeFromFile`, which loads its reader in a way that a bundler cannot follow. */
async function recognised(path: string): ReturnType<typeof fileTypeFromTokenizer> {
  const tokenizer = await fromFile(path)
  try {
    return await fileTypeFromTokenizer(tokenizer)
  } finally {
    await tokenizer.close()
  }
}

async function beginning(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
