import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { made, saved, startWorkshop } from '../providers/local/pdf/workshop.ts'
import { samplePhoto, workers } from '../providers/local/images/studio.ts'
import { temporaryFolder } from '../support/folder.ts'
import { pdfDrawn, pdfOutline, pdfRead, qpdfCheck } from '../support/readers.ts'

const { engine, ghostscript, djvu, stop } = startWorkshop()

const words = ['Alpha', 'Beta', 'Gamma'] as const

/** Made by Ghostscript: text in an embedded font, a drawing, and an entry of the outline for each page. */
async function document(name: string): Promise<string> {
  const path = join(await temporaryFolder(), `${name}.pdf`)
  const pages = words.map(
    (word, n) => `[/Page ${n + 1} /View [/XYZ 0 700 0] /Title (${name} ${word}) /OUT pdfmark
      /Times-Roman findfont 24 scalefont setfont 60 700 moveto (${name}, chapter ${word}) show
      0.2 0.4 0.8 setrgbcolor 60 100 300 ${200 + n * 100} rectfill showpage`,
  )
  const args = ['-q', '-dBATCH', '-dNOPAUSE', '-sDEVICE=pdfwrite', '-dPDFSETTINGS=/prepress', `-sOutputFile=${path}`, '-']
  execFileSync('gs', args, { input: pages.join('\n') })
  return path
}

async function only(...asked: Parameters<typeof made>): Promise<string> {
  const parts = await made(...asked)
  if (parts.length !== 1) throw new Error(`${parts.length} parts`)
  return parts[0]?.temp ?? ''
}

it('pages look as Poppler draws them', async () => {
  const path = await document('look')

  const parts = await made(engine, 'pdf', 'png', path, { dpi: 144 })

  const differences = await Promise.all(
    parts.map(async ({ temp }, n) => {
      const ours = await sharp(temp).removeAlpha().raw().toBuffer()
      const theirs = pdfDrawn(path, n + 1, 144)
      return ours.length === theirs.length
        ? ours.reduce((sum, value, at) => sum + Math.abs(value - (theirs[at] ?? 0)), 0) / ours.length / 255
        : 1
    }),
  )
  expect(differences.map((difference) => difference < 0.02)).toEqual([true, true, true])
})

it('files that were joined have all pages, text, fonts and outlines', async () => {
  const [one, other] = [await document('one'), await document('other')]

  const joined = await only(engine, 'pdf', 'pdf', [one, samplePhoto, other])

  const { pages, text, fonts } = pdfRead(joined)
  expect({ pages, fonts: fonts.every(Boolean), check: qpdfCheck(joined) }).toEqual({ pages: 7, fonts: true, check: '' })
  expect(text.match(/(one|other), chapter \w+/g)).toEqual(
    ['one', 'other'].flatMap((name) => words.map((word) => `${name}, chapter ${word}`)),
  )
  expect(pdfOutline(joined)).toEqual(
    ['one', 'other'].flatMap((name, n) => words.map((word, page) => `${name} ${word} ${n * 4 + page + 1}`)),
  )
})

it('text comes out as Poppler reads it', async () => {
  const path = await document('text')

  const text = await readFile(await only(engine, 'pdf', 'text', path), 'utf8')

  expect(text.split(/\s+/).filter(Boolean)).toEqual(pdfRead(path).text.split(/\s+/).filter(Boolean))
})

it('pages that are taken out, turned and split are those, in files that qpdf has nothing to say against', async () => {
  const path = await document('cut')

  const parts = await made(engine, 'pdf', 'pdf', path, { pages: '3,1', pagesPerFile: 1, rotate: 90 })

  const read = parts.map(({ temp }) => ({ ...pdfRead(temp), check: qpdfCheck(temp) }))
  expect(read.map(({ pages, text, check }) => [pages, text.trim().split(' ').at(-1), check])).toEqual([
    [1, 'Gamma', ''],
    [1, 'Alpha', ''],
  ])
})

it('a password that is set opens it for others, by AES-256, and none is asked once it is removed', async () => {
  const path = await document('sealed')
  const locked = await only(engine, 'pdf', 'pdf', path, { protect: 'schlüssel' })

  expect(() => pdfRead(locked)).toThrow(/Incorrect password/)
  expect(pdfRead(locked, 'schlüssel')).toMatchObject({ pages: 3, isEncrypted: true })
  expect(execFileSync('qpdf', ['--password=schlüssel', '--show-encryption', locked]).toString()).toContain('AESv3')
  expect(pdfRead(await only(engine, 'pdf', 'pdf', locked, { password: 'schlüssel' }))).toMatchObject({
    pages: 3,
    isEncrypted: false,
  })
})

it('a photo becomes a page of its shape, with its own bytes in it', async () => {
  const page = await only(engine, 'jpeg', 'pdf', samplePhoto, { paper: 'letter' })

  const list = execFileSync('pdfimages', ['-list', page]).toString()
  expect([pdfRead(page).size.split(' pts')[0], qpdfCheck(page), / jpeg /.test(list)]).toEqual(['792 x 612', '', true])
})

it.for(['1b', '2b', '3b'] as const)('Ghostscript makes PDF/A-%s of it, with fonts and colours within', async (pdfa) => {
  const path = await document('kept')

  const kept = await only(ghostscript, 'pdf', 'pdf', path, { pdfa })

  const text = (await readFile(kept)).toString('latin1')
  const said = [/pdfaid:part='(\d)'/, /pdfaid:conformance='(\w)'/].map((told) => told.exec(text)?.[1])
  const { pages, fonts } = pdfRead(kept)
  expect([said, pages, fonts.every(Boolean), text.includes('/GTS_PDFA1')]).toEqual([[pdfa.slice(0, 1), 'B'], 3, true, true])
})

it('EPS becomes PDF, and an image in the density that is asked for', async () => {
  const eps = '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 72 36\n1 0 0 setrgbcolor 0 0 72 36 rectfill showpage\n'
  const path = await saved('100%d.eps', Buffer.from(eps))

  const pdf = await only(ghostscript, 'eps', 'pdf', path)
  const png = await only(ghostscript, 'eps', 'png', path, { dpi: 144 })

  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([pdfRead(pdf).size, info.width, info.height, [...data.subarray(0, 3)]]).toEqual(['72 x 36 pts', 144, 72, [255, 0, 0]])
})

it('DjVu becomes PDF', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'scan.ppm'), Buffer.concat([Buffer.from('P6 64 48 255\n'), Buffer.alloc(64 * 48 * 3, 200)]))
  execFileSync('c44', [join(folder, 'scan.ppm'), join(folder, 'scan.djvu')])

  const pdf = await only(djvu, 'djvu', 'pdf', join(folder, 'scan.djvu'))

  expect(pdfRead(pdf).pages).toBe(1)
})

afterAll(async () => {
  await stop()
  expect(workers()).toEqual([])
})
