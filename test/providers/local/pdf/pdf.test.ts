import { readFile, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { distance, never, realClock, samplePhoto, seen, workers } from '../images/studio.ts'
import { lines, made, pdfWith, saved, startWorkshop, streamOf } from './workshop.ts'

const { engine, inspector, stop } = startWorkshop()

const three = pdfWith(['one', 'two', 'three'].map((word) => ({ drawing: lines([`page ${word}`]) })))

async function factsOf(path: string) {
  return (await inspector.inspect(path, 'pdf', never)).document
}

it('a look tells pages, size, characters and images', async () => {
  expect(await factsOf(await saved('a.pdf', three))).toEqual({
    pages: 3,
    pageSize: { width: 300, height: 400 },
    characters: 7 + 7 + 9,
    images: 0,
  })
})

it('pages become images as they are shown: cropped, turned, with what is noted on them and filled into forms', async () => {
  const square = '<< /Type /Annot /Subtype /Square /Rect [10 10 40 40] /F 4 /AP << /N 6 0 R >> >>'
  const field = '<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (b) /Rect [60 10 90 40] /F 4 /AP << /N 7 0 R >> >>'
  const looks = ['1 0 0 rg', '0 0 1 rg'].map((colour) =>
    streamOf(`${colour} 0 0 30 30 re f`, '/Type /XObject /Subtype /Form /BBox [0 0 30 30]'),
  )
  const path = await saved(
    'shown.pdf',
    pdfWith(
      [{ drawing: '0 1 0 rg 0 0 300 400 re f', more: `/CropBox [0 0 150 100] /Rotate 90 /Annots [5 0 R 8 0 R]` }],
      [square, ...looks, field],
      '/AcroForm << /Fields [8 0 R] >>',
    ),
  )

  const [part] = await made(engine, 'pdf', 'png', path, { dpi: 72 })

  const { width, height, at } = await seen(part?.temp ?? '')
  // Turned clockwise, what was at the left below is at the left above.
  expect({ width, height, note: at(25, 25), field: at(25, 75), page: at(80, 120) }).toEqual({
    width: 100,
    height: 150,
    note: [255, 0, 0, 255],
    field: [0, 0, 255, 255],
    page: [0, 255, 0, 255],
  })
})

it('only the pages that are asked for become images, in the density that is asked for', async () => {
  const path = await saved('a.pdf', three)

  const parts = await made(engine, 'pdf', 'jpeg', path, { pages: '3,1', dpi: 36 })

  const sizes = await Promise.all(parts.map(async ({ temp }) => await sharp(temp).metadata()))
  expect(sizes.map(({ width, height, density }) => ({ width, height, density }))).toEqual([
    { width: 150, height: 200, density: 36 },
    { width: 150, height: 200, density: 36 },
  ])
  await expect(made(engine, 'pdf', 'png', path, { pages: '2,4' })).rejects.toMatchObject({
    failure: { code: 'option-invalid', facts: { option: 'pages', allowed: '1-3' } },
  })
})

it('text comes out in lines, cells apart and columns one after the other', async () => {
  const column = (name: string) => Array.from({ length: 6 }, (_, n) => `${name} has a line of running text ${n}`)
  const table = `${lines(['Apples', 'Pears'], 40, 380)} ${lines(['12', '7'], 200, 380)}`
  const two = `${lines(column('left'), 20, 320)} ${lines(column('right'), 320, 320)}`
  const path = await saved('text.pdf', pdfWith([{ drawing: `${table} ${two}`, box: '0 0 600 400' }]))

  const [part] = await made(engine, 'pdf', 'text', path)

  const text = await readFile(part?.temp ?? '', 'utf8')
  expect(text).toMatch(/Apples {2,}12\n *Pears {2,}7$/m)
  expect(text.match(/left|right/g)).toEqual([...Array(6).fill('left'), ...Array(6).fill('right')])
})

it('HTML holds the text in paragraphs', async () => {
  const path = await saved('text.pdf', pdfWith([{ drawing: lines(['A word that is broken in the mid-', 'dle & more']) }]))

  const [part] = await made(engine, 'pdf', 'html', path)

  expect(await readFile(part?.temp ?? '', 'utf8')).toContain('<p>A word that is broken in the middle &amp; more</p>')
})

it('a PDF without text says so instead of becoming an empty file', async () => {
  const path = await saved('scan.pdf', pdfWith([{ drawing: '0 g 0 0 9 9 re f' }]))

  await expect(made(engine, 'pdf', 'text', path)).rejects.toMatchObject({ failure: { facts: { because: 'no-text' } } })
})

it.for([1, 2, 3, 4, 5, 6, 7, 8])('a JPEG of orientation %d goes in as it is, and is shown upright', async (orientation) => {
  const [width, height] = [120, 80]
  const half = { create: { width: 60, height: 40, channels: 3, background: '#20a040' } } as const
  const turned = await sharp({ create: { width, height, channels: 3, background: '#c02020' } })
    .composite([{ input: half, left: 0, top: 0 }])
    .jpeg({ quality: 95 })
    .withMetadata({ orientation })
    .toBuffer()
  const photo = await saved('photo.jpg', turned)

  const [part] = await made(engine, 'jpeg', 'pdf', photo)

  const shown = await seen((await made(engine, 'pdf', 'png', part?.temp ?? ''))[0]?.temp ?? '')
  const upright = await sharp(turned).autoOrient().ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const worst = [0.25, 0.75].flatMap((x) =>
    [0.25, 0.75].map((y) => {
      const [px, py] = [Math.floor(upright.info.width * x), Math.floor(upright.info.height * y)]
      const start = (py * upright.info.width + px) * 4
      return distance(shown.at(px, py), [...upright.data.subarray(start, start + 4)])
    }),
  )
  expect([shown.width, shown.height]).toEqual([upright.info.width, upright.info.height])
  expect(Math.max(...worst)).toBeLessThan(12)
  expect((await readFile(part?.temp ?? '')).includes(turned.subarray(200))).toBe(true)
})

it('an image stands on the paper that is asked for, within its margin, and what is transparent stays so', async () => {
  const clear = await sharp({ create: { width: 200, height: 100, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } })
    .png()
    .toBuffer()

  const [part] = await made(engine, 'png', 'pdf', await saved('clear.png', clear), { paper: 'a4', margin: 20 })

  const { width, height, at } = await seen((await made(engine, 'pdf', 'png', part?.temp ?? '', { dpi: 72 }))[0]?.temp ?? '')
  expect([width, height, at(30, 300), distance(at(421, 298), [255, 128, 128, 255]) < 6]).toEqual([
    842,
    595,
    [255, 255, 255, 255],
    true,
  ])
})

it('several files become one: PDF as it is, images and every page of a TIFF as pages', async () => {
  const frames = await Promise.all(
    ['#c02020', '#20a040'].map(
      async (background) =>
        await sharp({ create: { width: 60, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
    ),
  )
  const tiff = await saved(
    'scan.tiff',
    await sharp(frames, { join: { animated: true } })
      .tiff()
      .toBuffer(),
  )
  const pdf = await saved('a.pdf', three)

  const [part] = await made(engine, 'tiff', 'pdf', [tiff, pdf, samplePhoto])

  expect(await factsOf(part?.temp ?? '')).toMatchObject({ pages: 2 + 3 + 1, characters: 23, images: 3 })
})

it('pages are taken out, turned and put into files of so many', async () => {
  const path = await saved('a.pdf', three)

  const parts = await made(engine, 'pdf', 'pdf', path, { pages: '3,2,1', pagesPerFile: 2, rotate: 90 })

  const read = await Promise.all(
    parts.map(async ({ temp }) => {
      const [text] = await made(engine, 'pdf', 'text', temp)
      return { facts: await factsOf(temp), text: (await readFile(text?.temp ?? '', 'utf8')).match(/one|two|three/g) }
    }),
  )
  expect(read).toMatchObject([
    { facts: { pages: 2, pageSize: { width: 400, height: 300 } }, text: ['three', 'two'] },
    { facts: { pages: 1 }, text: ['one'] },
  ])
})

it('a password is set, asked for, refused where it is wrong, and removed', async () => {
  const path = await saved('a.pdf', three)
  const [locked] = await made(engine, 'pdf', 'pdf', path, { protect: 'schlüssel' })
  const sealed = locked?.temp ?? ''

  expect(await factsOf(sealed)).toEqual({ isEncrypted: true })
  for (const [options, because] of [
    [{}, 'password'],
    [{ password: 'x' }, 'password-wrong'],
  ] as const)
    for (const target of ['png', 'text', 'pdf'] as const)
      await expect(made(engine, 'pdf', target, sealed, options)).rejects.toMatchObject({
        failure: { code: 'source-unreadable', facts: { because } },
      })
  const [open] = await made(engine, 'pdf', 'pdf', sealed, { password: 'schlüssel' })
  expect(await factsOf(open?.temp ?? '')).toMatchObject({ pages: 3, characters: 23 })
  expect((await readFile(sealed)).includes('schlüssel')).toBe(false)
})

it('images within become smaller, and a file that cannot become so stays as it is', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
  const photo = await sharp({ create: { width: 1200, height: 900, channels: 3, background: '#888', noise } })
    .blur(2)
    .png()
    .toBuffer()
  const [album] = await made(engine, 'png', 'pdf', await saved('noise.png', photo), { dpi: 300 })

  const sizes = []
  for (const compress of ['light', 'medium', 'strong'] as const)
    sizes.push((await made(engine, 'pdf', 'pdf', album?.temp ?? '', { compress }))[0]?.bytes ?? 0)

  const [light = 0, medium = 0, strong = 0] = sizes
  expect([light <= (album?.bytes ?? 0), medium < light / 2, strong < medium]).toEqual([true, true, true])
})

/** Forms that draw others twice each, thirty deep. */
const endless = pdfWith(
  [{ drawing: '/X0 Do', more: '/Resources << /XObject << /X0 5 0 R >> >>' }],
  Array.from({ length: 30 }, (_, n) =>
    n === 29
      ? streamOf('0 0 9 9 re f', '/Type /XObject /Subtype /Form /BBox [0 0 300 400]')
      : streamOf(
          '/X Do /X Do',
          `/Type /XObject /Subtype /Form /BBox [0 0 300 400] /Resources << /XObject << /X ${6 + n} 0 R >> >>`,
        ),
  ),
)

it('a page that draws for ever is ended alone, and the next file is drawn', async () => {
  // Time that passes six times as fast.
  const workshop = startWorkshop({ ...realClock, after: (ms, then) => realClock.after(ms / 6, then) })
  const path = await saved('endless.pdf', endless)

  // A fast machine runs out of the memory that there is for it before the time is over.
  for (const target of ['png', 'text'] as const)
    await expect(made(workshop.engine, 'pdf', target, path)).rejects.toMatchObject({
      failure: { code: expect.stringMatching(/^tool-(timeout|crashed)$/), facts: { tool: 'PDFium' } },
    })

  expect(await made(workshop.engine, 'pdf', 'png', await saved('a.pdf', three), { dpi: 36 })).toHaveLength(3)
  expect((await readdir(dirname(path))).filter((name) => name.endsWith('.part'))).toEqual([])
  await workshop.stop()
})

it.for([
  { what: 'no PDF', bytes: Buffer.from('%PDF-1.4\nnot really\n'), code: 'source-damaged' },
  { what: 'cut off', bytes: three.subarray(0, 200), code: 'source-damaged' },
  { what: 'a page of a million points', bytes: pdfWith([{ drawing: '', box: '0 0 1000000 1000000' }]), code: 'tool-memory' },
])('$what fails once, and leaves nothing', async ({ bytes, code }) => {
  const path = await saved('bad.pdf', bytes)

  await expect(made(engine, 'pdf', 'png', path)).rejects.toMatchObject({ failure: { code } })

  expect(await readdir(dirname(path))).toEqual(['bad.pdf'])
})

it('a broken table of objects is repaired', async () => {
  const path = await saved(
    'broken.pdf',
    Buffer.from(three.toString('latin1').replace(/startxref\n\d+/, 'startxref\n9'), 'latin1'),
  )

  const [part] = await made(engine, 'pdf', 'pdf', path)

  expect(await factsOf(part?.temp ?? '')).toMatchObject({ pages: 3, characters: 23 })
})

it('ten thousand pages are looked at, and one of them taken out', async () => {
  const path = await saved('long.pdf', pdfWith(Array.from({ length: 10_000 }, () => ({ drawing: '0 g' }))))

  const [part] = await made(engine, 'pdf', 'png', path, { pages: '9999', dpi: 36 })

  expect([(await factsOf(path))?.pages, part?.format]).toEqual([10_000, 'png'])
})

afterAll(async () => {
  await stop()
  expect(workers()).toEqual([])
})
