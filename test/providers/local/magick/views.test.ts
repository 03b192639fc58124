/** What somebody sees of pictures that libvips does not read. */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { magickTargets } from '../../../../src/main/providers/local/magick/pairings.ts'
import { wholeRegion } from '../../../../src/shared/views.ts'
import { negativeOf } from '../../../support/dng.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { distance, green, red, twoColours } from '../images/studio.ts'
import { never, startMachine } from '../machine.ts'

const { local, convert } = startMachine()
const room = { width: 800, height: 600 } as const

async function colourOf(picture: Uint8Array, atShare: number): Promise<readonly number[]> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width * atShare)) * 3
  return [...data.subarray(at, at + 3)]
}

it.for(magickTargets)('a %s has a small picture, and is seen pixel by pixel', { timeout: 60_000 }, async (format) => {
  const path = join(await temporaryFolder(), 'source.png')
  await twoColours({ width: 128, height: 128 }).png().toFile(path)
  const made = join(await temporaryFolder(), `made.${format}`)
  await rename(await convert(path, format), made)

  const small = await local.viewer.picture(made, 96, never)
  const right = { left: 0.5, top: 0, width: 0.5, height: 1 }
  const view = await local.viewer.view(made, { region: right, room, atMs: 0, page: 0 }, never)

  expect(distance(await colourOf(small?.data ?? Buffer.alloc(0), 0.1), red)).toBeLessThan(12)
  expect(view).toMatchObject({ whole: { width: 128, height: 128 }, region: right })
  expect(distance(await colourOf(view.data, 0.5), green)).toBeLessThan(12)
})

it("camera raw is seen as it is developed, and small by the camera's own picture", async () => {
  const path = join(await temporaryFolder(), 'IMG_1.dng')
  const small = { width: 60, height: 40 }
  const jpeg = await sharp({ create: { ...small, channels: 3, background: '#2040e0' } })
    .jpeg()
    .toBuffer()
  await writeFile(
    path,
    negativeOf({ width: 120, height: 80, colourAt: () => [0.4, 0.02, 0.02], orientation: 6, preview: { ...small, jpeg } }),
  )

  const picture = await local.viewer.picture(path, 96, never)
  const view = await local.viewer.view(path, { region: wholeRegion, room, atMs: 0, page: 0 }, never)

  expect(distance(await colourOf(picture?.data ?? Buffer.alloc(0), 0.5), [0x20, 0x40, 0xe0])).toBeLessThan(12)
  expect(view.whole).toEqual({ width: 80, height: 120 })
  const [redSeen = 0, greenSeen = 0] = await colourOf(view.data, 0.5)
  expect(redSeen - greenSeen).toBeGreaterThan(80)
})
