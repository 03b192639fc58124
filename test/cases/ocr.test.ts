/** Text that was recognized, and PDF files that were made searchable, as other programs read them. */
import { execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createOcrmypdf } from '../../src/main/providers/local/ocr/ocrmypdf.ts'
import { temporaryFolder } from '../support/folder.ts'
import { orderIn } from '../support/order.ts'
import { processes } from '../support/processes.ts'
import { english, paper, startOcr, wrongPercent } from '../providers/local/ocr/reading.ts'

const ocr = startOcr()
const pdftotext = (path: string, ...args: readonly string[]) =>
  execFileSync('pdftotext', [...args, path, '-'], { encoding: 'utf8' })
const pages = (path: string) => execFileSync('pdfinfo', ['-f', '1', '-l', '9', path], { encoding: 'utf8' }).match(/Page +\d.*/g)
const pictures = (path: string) =>
  execFileSync('pdfimages', ['-list', path], { encoding: 'utf8' })
    .split('\n')
    .slice(2)
    .filter(Boolean)
    .map((line) => line.trim().split(/\s+/))
    .map(([page, , , width, height, , , , encoding]) => `${page}: ${width}×${height} ${encoding}`)

/** A page with text of its own, a scanned one, and one that was scanned lying on its side. */
async function scanned(folder: string): Promise<string> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  pdf.addPage([420, 300]).drawText('Text from the beginning', { x: 40, y: 200, font, size: 14 })
  const upright = await pdf.embedPng(await paper(english).png().toBuffer())
  pdf.addPage([595, 300]).drawImage(upright, { x: 0, y: 50, width: 595, height: (595 * upright.height) / upright.width })
  const lying = await pdf.embedPng(await paper(english).rotate(90).png().toBuffer())
  pdf.addPage([300, 595]).drawImage(lying, { x: 50, y: 0, width: (595 * lying.width) / lying.height, height: 595 })
  const path = join(folder, 'scan.pdf')
  await writeFile(path, await pdf.save())
  return path
}
const asScanned = ['Page    1 size:  420 x 300 pts', 'Page    2 size:  595 x 300 pts', 'Page    3 size:  300 x 595 pts']

describe('a scanned PDF', () => {
  it('can be searched, keeps its pictures and its pages, and is turned where it could not be read', async () => {
    const path = await scanned(await temporaryFolder())
    const made = [
      await ocr.convert('embedded', path, 'pdf', 'pdf', { ocr: 'auto' }),
      await ocr.convert('installed', path, 'pdf', 'pdf', { ocr: 'auto' }),
    ]
    const seen = made.map((one) => ({
      first: pdftotext(one.path, '-l', '1').trim(),
      isRight: [2, 3].map((page) => wrongPercent(pdftotext(one.path, '-f', String(page), '-l', String(page)), english) <= 1),
      pages: pages(one.path)?.filter((line) => line.includes('size')),
      turned: pages(one.path)?.some((line) => /^Page +3 rot: +270$/.test(line)),
      pictures: pictures(one.path),
    }))
    const wanted = {
      first: 'Text from the beginning',
      isRight: [true, true],
      pages: asScanned,
      turned: true,
      pictures: pictures(path),
    }
    // An installed one reads lines that run upwards where they stand.
    expect(seen).toEqual([wanted, { ...wanted, turned: false }])
  })

  it('is read by OCRmyPDF alike', async () => {
    const folder = await temporaryFolder()
    const path = await scanned(folder)
    const source = { kind: 'file', path, bytes: 1, mtimeMs: 0 } as const
    const { order } = orderIn(folder, { source, from: 'pdf', target: 'pdf', options: { ocr: 'auto' }, facts: null })
    const engine = createOcrmypdf(ocr.context)
    const [part] = await engine.convert(order, () => {}, AbortSignal.timeout(60_000))
    const result = part?.temp ?? ''
    const text = pdftotext(result, '-f', '2', '-l', '2')
    expect([wrongPercent(text, english) <= 1, pictures(result), pages(result)?.filter((line) => line.includes('size'))]).toEqual([
      true,
      pictures(path),
      asScanned,
    ])
  })

  it('becomes text, with what it has as text already', async () => {
    const path = await scanned(await temporaryFolder())
    const text = await ocr.text(path, 'pdf', { ocr: 'auto', pages: '1-2' })
    expect(wrongPercent(text, ['Text from the beginning', ...english]) <= 1).toBe(true)
  })
})

describe('a picture', () => {
  it('becomes a page of its size with the picture as it was, and text that can be found', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'page.jpg')
    await paper(english).withMetadata({ density: 150 }).jpeg().toFile(path)
    const { path: result } = await ocr.convert('embedded', path, 'jpeg', 'pdf', { ocr: 'auto' })
    execFileSync('pdfimages', ['-all', result, join(folder, 'found')])
    const [size] = pages(result) ?? []
    const isSame = (await readFile(join(folder, 'found-000.jpg'))).equals(await readFile(path))
    expect([size, isSame, wrongPercent(pdftotext(result), english) <= 1]).toEqual([
      'Page    1 size:  595.2 x 148.8 pts',
      true,
      true,
    ])
  })

  it('on its side or on its head is read as well', async () => {
    const folder = await temporaryFolder()
    const found: boolean[] = []
    for (const angle of [90, 180, 270]) {
      const path = join(folder, `${angle}.png`)
      await paper(english).rotate(angle).png().toFile(path)
      found.push(wrongPercent(await ocr.text(path, 'png'), english) <= 1)
    }
    expect(found).toEqual([true, true, true])
  })

  it('in French is read by the data of an installed Tesseract', async () => {
    const french = ['L’élève a déjà mangé, là-bas, où Noël', 'est fêté avec un garçon naïf et bête.']
    const path = join(await temporaryFolder(), 'page.png')
    await paper(french).png().toFile(path)
    const texts = [
      await ocr.text(path, 'png', { ocrLanguage: 'fra' }),
      await readFile((await ocr.convert('installed', path, 'png', 'text', { ocrLanguage: 'eng+fra' })).path, 'utf8'),
    ]
    expect(texts.map((text) => wrongPercent(text.replaceAll("'", '’'), french) <= 3)).toEqual([true, true])
  })

  it('of a hundred megapixels is read in the memory that one may take', async () => {
    const path = join(await temporaryFolder(), 'large.jpg')
    const background = '#ffffff'
    const page = await paper(english).resize(6000).png().toBuffer()
    await sharp({ create: { width: 10_000, height: 10_000, channels: 3, background }, limitInputPixels: false })
      .composite([{ input: page, left: 500, top: 500 }])
      .jpeg()
      .toFile(path)
    expect(wrongPercent(await ocr.text(path, 'jpeg'), english) <= 1).toBe(true)
  })

  it('that is cancelled leaves nothing', async () => {
    const path = join(await temporaryFolder(), 'page.png')
    await paper([...english, ...english, ...english])
      .png()
      .toFile(path)
    const cancelling = new AbortController()
    const source = { kind: 'file', path, bytes: 1, mtimeMs: 0 } as const
    const { order } = orderIn(dirname(path), { source, from: 'png', target: 'pdf', options: { ocr: 'auto' }, facts: null })
    const failed = await ocr.engines.embedded
      .convert(order, () => cancelling.abort(new Error('cancelled')), cancelling.signal)
      .then(() => null, String)
    const readers = processes().filter(({ parent, line }) => parent === process.pid && line.includes('task-child'))
    // The process that had only counted pages may wait for more.
    expect([failed, await readdir(dirname(path)), readers.length <= 1]).toEqual(['Error: cancelled', ['page.png'], true])
  })
})
