/** What goes through LibreOffice on its way: texts, books and pictures of pages, on the machine as a whole, read by programs that had no part in it. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createLocal } from '../../src/main/providers/local/local.ts'
import { systemClock } from '../../src/main/system.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Part } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import { onPath } from '../support/ffmpeg-place.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { docmOf, docxOf, endlessDocx, fodpOf } from '../support/office-files.ts'
import { orderIn } from '../support/order.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()
const minutes = 60_000
const never = new AbortController().signal
const local = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: onPath })
afterAll(async () => await local.stop())

/** @returns the results, and the path of the first. */
async function converted(name: string, content: Buffer | string, target: FormatId, options: Options = {}) {
  const folder = await temporaryFolder()
  const path = join(folder, name)
  await writeFile(path, content)
  return await convertedFrom(path, target, options)
}

async function convertedFrom(path: string, target: FormatId, options: Options = {}) {
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options, facts })
  const submitted = await local.submit(order, () => {}, never)
  if (submitted.kind !== 'converted') throw new Error('no parts')
  const [first] = submitted.parts
  return { parts: submitted.parts, path: (first as Part).temp }
}

function read(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
const words = (pdf: string): string => read('pdftotext', pdf, '-').replaceAll(/\s+/g, ' ').trim()
const texts = (path: string, part: string): string =>
  read(
    'python3',
    '-c',
    'import sys,zipfile,xml.etree.ElementTree as e\nz=zipfile.ZipFile(sys.argv[1])\nprint(" ".join(t.strip() for t in e.fromstring(z.read(sys.argv[2])).itertext() if t.strip()))',
    path,
    part,
  ).trim()
const members = (path: string): string =>
  read('python3', '-c', 'import sys,zipfile\nprint(zipfile.ZipFile(sys.argv[1]).namelist())', path)
const pixels = ({ temp }: Part): string => read('exiftool', '-s3', '-p', '$FileType ${ImageWidth}x$ImageHeight', temp).trim()

const markdown = '---\ntitle: A title\nauthor: Ann\n---\n\n# One\n\nFirst *words*, größer.\n\n# Two\n\n- a\n- b\n'

describe('by the LibreOffice that comes with Beside', { timeout: 8 * minutes }, () => {
  it('Markdown and a book become documents and pages', async () => {
    const docx = await converted('a.md', markdown, 'docx')
    const pdf = await converted('a.md', markdown, 'pdf', { paper: 'a5' })
    const epub = await converted('a.md', markdown, 'epub')
    const book = join(await temporaryFolder(), 'a.epub')
    await writeFile(book, execFileSync('cat', [epub.path]))
    const bookPdf = await convertedFrom(book, 'pdf')
    const bookDocx = await convertedFrom(book, 'docx')
    expect(texts(docx.path, 'word/document.xml')).toContain('One First words , größer. Two a b')
    expect(words(pdf.path)).toMatch(/One First words, größer\. Two .*a .*b$/)
    expect(read('pdfinfo', pdf.path)).toMatch(/Page size:\s+419\.\d+ x 595/)
    expect(words(bookPdf.path)).toMatch(/One First words, größer\. Two/)
    expect(texts(bookDocx.path, 'word/document.xml')).toContain('Two')
    expect(docx.parts[0]?.by).toBe('LibreOffice 24.8')
  })

  it('what the first of two steps has to say stands with the result', async () => {
    const { parts } = await converted('a.md', markdown.replace('author:', 'date: 2024-01-02\nauthor:'), 'docx')
    expect(parts[0]?.said).toEqual([{ code: 'fields-left', count: 1 }])
  })

  it('slides become pictures, each one of its own', async () => {
    const slides = fodpOf(['First slide', 'Second', 'Third'])
    const all = await converted('a.fodp', slides, 'png', { dpi: 50 })
    const one = await converted('a.fodp', slides, 'jpeg', { pages: '2', dpi: 100 })
    expect(all.parts.map(pixels)).toEqual(['PNG 551x310', 'PNG 551x310', 'PNG 551x310'])
    expect(one.parts.map(pixels)).toEqual(['JPEG 1102x620'])
    await expect(converted('a.fodp', slides, 'png', { pages: '4' })).rejects.toMatchObject({
      failure: { code: 'option-invalid', facts: { option: 'pages', allowed: '1-3' } },
    })
  })

  it('pages of a document become pictures', async () => {
    const docx = docxOf(Array.from({ length: 80 }, (_, n) => `Line ${n}`))
    const { parts } = await converted('a.docx', docx, 'jpeg', { dpi: 36 })
    expect(parts.map(pixels)).toEqual([expect.stringMatching(/^JPEG /), expect.stringMatching(/^JPEG /)])
  })

  it('macros stay behind', async () => {
    const { path } = await converted('a.docm', docmOf(['Words']), 'odt')
    expect(texts(path, 'content.xml')).toBe('Words')
    expect(members(path)).not.toMatch(/Basic|vba/i)
  })

  it.each(['docx', 'odt'] as const)(
    'what Pandoc alone reads becomes %s, where it cannot write that while it is cut off',
    async (target) => {
      const { path, parts } = await converted('a.rst', 'Head\n====\n\nSome *words*.\n\n- a\n- b\n', target)
      expect(texts(path, target === 'docx' ? 'word/document.xml' : 'content.xml').replaceAll(/\s+/g, ' ')).toMatch(
        /Head Some words ?\. ?.*a .*b/,
      )
      expect(parts[0]?.by).toMatch(/^(Pandoc|LibreOffice) \d/)
    },
  )

  it('a document without end ends within its limits, alone, and the next one is converted', async () => {
    await expect(converted('endless.docx', endlessDocx(), 'pdf')).rejects.toMatchObject({
      failure: { code: expect.stringMatching(/^(tool-timeout|tool-memory|tool-crashed|source-unsupported)$/) as unknown },
    })
    expect(words((await converted('a.docx', docxOf(['next']), 'pdf')).path)).toBe('next')
  })
})
