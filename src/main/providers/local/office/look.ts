/**
 * What an office file holds, read from its own parts and without laying out anything: quick, and nothing of it is run. Pages of a text document
 * are not counted, as they come to be when it is laid out; those that an author's program noted are of its fonts.
 */
import { JobError } from '../../../../shared/failure.ts'
import { formatOfName, type FormatId } from '../../../../shared/formats.ts'
import { isCompound, lookIntoCompound } from './compound.ts'
import { tagsOf, type OfficeLook } from './looked.ts'
import { lookIntoOoxml } from './ooxml.ts'
import { lookIntoFlatOdf, lookIntoOdf } from './opendocument.ts'
import { decoded } from './text-source.ts'
import { openZipParts } from './zip-parts.ts'

/** @throws JobError `source-damaged` or `source-unsupported`; what is locked is told by `facts.isEncrypted`. */
export async function look(bytes: Buffer, path: string): Promise<OfficeLook> {
  if (isCompound(bytes)) return await lookIntoCompound(bytes, path)
  const head = bytes.toString('latin1', 0, 4096)
  if (head.startsWith('PK')) {
    const parts = await openZipParts(bytes, path)
    try {
      if (parts.has('[Content_Types].xml')) return await lookIntoOoxml(parts, path)
      if (parts.has('content.xml')) return await lookIntoOdf(parts, path)
      const apple = appleFormat(parts.names, path)
      if (apple !== null) return { format: apple, facts: {}, tags: [] }
    } finally {
      parts.close()
    }
    throw new JobError('source-unknown', { path })
  }
  if (/^\s*\{\\rtf/.test(head)) return lookIntoRtf(bytes)
  const text = decoded(bytes, undefined)
  if (text !== null && /^\s*(<\?xml[^>]*>\s*)?<office:document\s/.test(text.slice(0, 4096))) return lookIntoFlatOdf(text, path)
  if (text !== null && /<(!doctype\s+html|html|head|body|table|div|p|h1)[\s>]/i.test(text.slice(0, 65_536)))
    return { format: 'html', facts: {}, tags: [] }
  throw new JobError('source-damaged', { path, because: 'not-decodable' })
}

/** Of Pages, Numbers and Keynote, whose parts are alike: which it is, its name says. */
function appleFormat(names: readonly string[], path: string): FormatId | null {
  const named = formatOfName(path)
  const isOne = names.some((name) => /^(.*\/)?(index\.(xml|apxl)(\.gz)?|Index\.zip|Index\/Document\.iwa)$/i.test(name))
  return isOne && (named === 'pages' || named === 'numbers' || named === 'key') ? named : null
}

/** Only what stands in its group of information; the text is among the commands. */
function lookIntoRtf(bytes: Buffer): OfficeLook {
  const head = bytes.toString('latin1', 0, 1 << 20)
  const field = (name: string): string => {
    const raw = new RegExp(String.raw`\{\\${name}\s+((?:[^{}\\]|\\[^{}])*)\}`).exec(head)?.[1] ?? ''
    return raw
      .replaceAll(/\\u(-?\d+)\s?(\\'[0-9a-f]{2}|\?)?/gi, (_, code: string) => String.fromCharCode(Number(code) & 0xffff))
      .replaceAll(/\\'([0-9a-f]{2})/gi, (_, hex: string) =>
        new TextDecoder('windows-1252').decode(Uint8Array.of(Number.parseInt(hex, 16))),
      )
      .replaceAll(/\\[a-z]+-?\d* ?/gi, '')
      .trim()
  }
  const tags = tagsOf({ TITLE: field('title'), ARTIST: field('author'), SUBJECT: field('subject'), KEYWORDS: field('keywords') })
  return { format: 'rtf', facts: {}, tags }
}
