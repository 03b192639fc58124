import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { temporaryFolder } from '../../../support/folder.ts'
import { never, orderOf, pdfOf, plain, sourceOf, startImages, workers } from './studio.ts'

const images = startImages()

const names = [
  '-i',
  '--help.jpg',
  'a b.jpg',
  ' leading and trailing .jpg ',
  'it\'s "quoted".jpg',
  'new\nline.jpg',
  '100%.jpg',
  '%d.jpg',
  '$(touch x).jpg',
  '`id`.jpg',
  'concat:a|b.jpg',
  'a[page=1].jpg',
  'b[1].jpg',
  '.hidden',
  'fil\u00e9.jpg',
  'file\u0301.jpg',
  '日本語 🎞.jpg',
  `${'x'.repeat(196)}.jpg`,
  'no extension',
]

it.for(names)('a JPEG named %j is converted', async (name) => {
  const folder = await temporaryFolder()
  const path = join(folder, name)
  await plain('#c02020').jpeg().toFile(path)
  const temp = join(folder, `${name.slice(0, 100)}.part`)

  const parts = await images.convert({ ...orderOf(path, 'jpeg', 'webp'), temp: () => temp }, () => {}, never)

  expect(parts.map((part) => part.temp)).toEqual([temp])
  expect((await images.inspect(temp, 'webp', never)).image).toMatchObject({ width: 60, height: 40, pages: 1 })
})

it.for(names)('a PDF named %j is converted', async (name) => {
  const folder = await temporaryFolder()
  const path = join(folder, name)
  await writeFile(path, pdfOf(['1 0 0 rg 0 0 288 192 re f']))
  const temp = join(folder, 'out.part')

  const parts = await images.convert({ ...orderOf(path, 'pdf', 'webp', { width: 30 }), temp: () => temp }, () => {}, never)

  expect(parts).toHaveLength(1)
})

it.for(['svg', 'heic', 'tiff'] as const)('a %s, which is read another way, may have any name as well', async (from) => {
  const folder = await temporaryFolder()
  for (const name of ['-x', 'a[page=1]', 'new\nline %d $(x)']) {
    const path = join(folder, name)
    await copyFile(await sourceOf(from, folder), path)

    const parts = await images.convert(orderOf(path, from, 'png'), () => {}, never)

    expect(parts).toHaveLength(1)
  }
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})
