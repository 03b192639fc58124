import { afterAll, expect, it } from 'vitest'
import { imageSources, imageTargets } from '../../../../src/main/providers/local/images/pairings.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { convert, distance, green, never, red, seen, sourceOf, startImages, workers } from './studio.ts'

const images = startImages()
const sources = [...imageSources, 'pdf'] as const
const pairs = sources.flatMap((from) => imageTargets.map((target) => ({ from, target })))

/** Where to look for the first and the second colour. */
const shown = { width: 60, height: 40, first: [12, 20], second: [48, 20] } as const
/** The HEIC has them one above the other, and its numbers count in Display P3. */
const p3 = { red: [177, 50, 41], green: [76, 158, 76] } as const
const heic = { width: 64, height: 96, first: [32, 20], second: [32, 76] } as const
const pdf = { width: 600, height: 400, first: [150, 200], second: [450, 200] } as const
const places = { jpeg: shown, png: shown, webp: shown, avif: shown, tiff: shown, gif: shown, svg: shown, heic, pdf }

it.for(pairs)('$from becomes $target: same size, same colours, by another reader', async ({ from, target }) => {
  const source = await sourceOf(from, await temporaryFolder())
  const { width, height, first, second } = places[from]
  const colours = from === 'heic' && target !== 'gif' ? p3 : { red, green }

  const { temp, format, name, bytes } = await convert(images, source, from, target)

  const { at, ...result } = await seen(temp)
  expect({ format, name, result }).toEqual({ format: target, name: null, result: { type: target, width, height } })
  expect(distance(at(first[0], first[1]), [...colours.red, 255])).toBeLessThan(12)
  expect(distance(at(second[0], second[1]), [...colours.green, 255])).toBeLessThan(12)
  const { image, format: byContent, bytes: inspected } = await images.inspect(temp, target, never)
  expect({ image, byContent, inspected }).toMatchObject({
    image: { width, height, pages: 1 },
    byContent: target,
    inspected: bytes,
  })
})

it.for(sources)('a look at %s tells its format, size and pages', async (from) => {
  const source = await sourceOf(from, await temporaryFolder())
  const { width, height } = places[from]

  const facts = await images.inspect(source, from, never)

  expect(facts).toMatchObject({ format: from, durationMs: null, audio: [], video: [], image: { width, height, pages: 1 } })
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})
