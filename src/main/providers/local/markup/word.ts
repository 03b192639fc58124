/**
 * Word documents as HTML. The library that reads them leaves out what it does not know, and says so to nobody: what people read of that is put
 * into words that it does know, and the rest is told.
 */
import { open } from 'node:fs/promises'
import mammoth from 'mammoth'
import { JobError } from '../../../../shared/failure.ts'
import type { Remark } from '../../../../shared/notes.ts'
import { isCompound } from '../office/compound.ts'
import { textBetween } from '../office/xml-text.ts'
import { escapedText } from '../text/html.ts'
import { openPacked, type PackedDocument } from '../text/packed.ts'
import type { TextAsHtml } from './reading.ts'

/** Pictures stand in it as `data:` addresses; what was deleted under tracked changes is gone, and what was inserted is there. */
export async function readWord(path: string): Promise<TextAsHtml> {
  // What has a password is no archive but an envelope around one.
  if (isCompound(await firstBytes(path))) throw new JobError('source-unreadable', { path, because: 'lock-unknown' })
  const packed = await openPacked(path)
  try {
    const counts = { formulas: 0, comments: 0 }
    const { value } = await mammoth.convertToHtml({ file: fileOf(packed, counts) } as never, { externalFileAccess: false })
    const said: Remark[] = []
    if (counts.formulas > 0) said.push({ code: 'equations-as-text', count: counts.formulas })
    if (counts.comments > 0) said.push({ code: 'comments-left', count: counts.comments })
    return { html: `${await headOf(packed)}${value}`, said }
  } catch (error) {
    if (error instanceof JobError) throw error
    const reason = error instanceof Error ? error.message.slice(0, 160) : ''
    throw new JobError('source-damaged', { path, because: 'not-decodable', reason }, { cause: error })
  } finally {
    packed.close()
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    return (await file.read(Buffer.alloc(8), 0, 8, 0)).buffer
  } finally {
    await file.close()
  }
}

async function headOf(packed: PackedDocument): Promise<string> {
  const name = 'docProps/core.xml'
  const core = packed.names.has(name) ? (await packed.read(name)).toString('utf8') : ''
  const [title, author] = [textBetween(core, 'title'), textBetween(core, 'creator')]
  return `<title>${escapedText(title)}</title>${author === '' ? '' : `<meta name="author" content="${escapedText(author)}">`}`
}

interface Counts {
  formulas: number
  comments: number
}

/** As the library takes archives that somebody has opened, though its types do not say so. */
function fileOf(packed: PackedDocument, counts: Counts) {
  return {
    exists: (name: string) => packed.names.has(name),
    read: async (name: string, encoding?: string) => {
      const bytes = await packed.read(name)
      if (encoding === 'base64') return bytes.toString('base64')
      if (encoding === undefined) return new Uint8Array(bytes)
      const text = new TextDecoder(encoding).decode(bytes)
      if (/(^|\/)comments\.xml$/.test(name)) counts.comments += [...text.matchAll(/<w:comment\s/g)].length
      return /^word\/[\w-]+\.xml$/.test(name) ? known(text, counts) : text
    },
  }
}

/** Fields, ruby and formulas, in elements that are read. */
function known(xml: string, counts: Counts): string {
  return xml
    .replaceAll(
      /<w:ruby>(?:(?!<\/?w:ruby>)[^])*?<w:rt>([^]*?)<\/w:rt>\s*<w:rubyBase>([^]*?)<\/w:rubyBase>\s*<\/w:ruby>/g,
      '$2<w:r><w:t>（</w:t></w:r>$1<w:r><w:t>）</w:t></w:r>',
    )
    .replaceAll(/<m:oMath(?:\s[^>]*)?>([^]*?)<\/m:oMath>/g, (_, inner: string) => {
      counts.formulas += 1
      const text = [...inner.matchAll(/<m:t(?:\s[^>]*)?>([^<]*)</g)].map(([, run = '']) => run).join('')
      return `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
    })
    .replaceAll(/<m:oMathParaPr>[^]*?<\/m:oMathParaPr>/g, '')
    .replaceAll(/<(\/?)(?:w:fldSimple|m:oMathPara)(?:\s[^>]*)?>/g, '<$1w:smartTag>')
}
