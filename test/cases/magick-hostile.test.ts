import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { magickTargets } from '../../src/main/providers/local/magick/pairings.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import { emptyFacts } from '../../src/shared/media.ts'
import { temporaryFolder } from '../support/folder.ts'
import { orderIn } from '../support/order.ts'
import { never, startMachine } from '../providers/local/machine.ts'

const { local, convert } = startMachine()

/** As if its look had found nothing wrong. */
async function failureOf(path: string, from: FormatId) {
  const source = { kind: 'file', path, bytes: 1, mtimeMs: 0 } as const
  const { order } = orderIn(dirname(path), { source, from, target: 'png', options: {}, facts: emptyFacts(from, 1) })
  return await local
    .submit(order, () => {}, never)
    .then(
      () => null,
      (error: { failure: { code: string } }) => error.failure.code,
    )
}

it.for(magickTargets)(
  'a %s of which half is missing, or that is noise, ends in a failure or a picture, and leaves nothing',
  { timeout: 60_000 },
  async (format) => {
    const folder = await temporaryFolder()
    const photo = join(folder, 'photo.png')
    await sharp({
      create: { width: 64, height: 64, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
    })
      .png()
      .toFile(photo)
    const whole = await readFile(await convert(photo, format))
    const half = join(folder, `half.${format}`)
    const noise = join(folder, `noise.${format}`)
    await writeFile(half, whole.subarray(0, whole.length / 2))
    await writeFile(noise, Buffer.concat([whole.subarray(0, 24), Buffer.alloc(3000, 0xa5)]))

    const found = [await failureOf(half, format), await failureOf(noise, format)]

    for (const code of found) expect([null, 'source-damaged', 'source-unsupported', 'tool-memory']).toContain(code)
    expect((await readdir(folder)).filter((name) => name.startsWith('.beside') && !name.includes('.0.'))).toEqual([])
  },
)

it('a bomb of thirty thousand pixels a side is refused by its header', async () => {
  const folder = await temporaryFolder()
  const psd = Buffer.alloc(60)
  psd.write('8BPS', 'latin1')
  for (const [at, value] of [[4, 1], [12, 3], [22, 8], [24, 3]] as const) psd.writeUInt16BE(value, at) // prettier-ignore
  psd.writeUInt32BE(30_000, 14)
  psd.writeUInt32BE(30_000, 18)
  await writeFile(join(folder, 'bomb.psd'), psd)
  await writeFile(join(folder, 'bomb.ppm'), 'P6 60000 60000 255\n')
  await writeFile(join(folder, 'none.ppm'), 'P6 0 0 255\n')

  expect(await failureOf(join(folder, 'bomb.psd'), 'psd')).toBe('tool-memory')
  expect(['tool-memory', 'source-damaged']).toContain(await failureOf(join(folder, 'bomb.ppm'), 'ppm'))
  expect(await failureOf(join(folder, 'none.ppm'), 'ppm')).toBe('source-damaged')
})

it('a file that names another one by a wrong ending is read as what it is said to be, and as nothing else', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'secret.txt'), 'secret')
  const script = `<?xml version="1.0"?><image><read filename="text:${join(folder, 'secret.txt')}"/></image>`
  await writeFile(join(folder, 'script.bmp'), script)

  expect(await failureOf(join(folder, 'script.bmp'), 'bmp')).toBe('source-damaged')
  await expect(local.inspect(join(folder, 'script.bmp'), never)).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
})
