/** Pictures of a hundred megapixels and animations of as many: what the process that converts them takes at most, by the system's own count. */
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConvertCall } from '../../src/main/providers/local/images/call.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const worker = fileURLToPath(new URL('../../src/main/providers/local/images/image-worker.ts', import.meta.url))
const mebibytes = 1024
const side = 10_000

/** Converts in a process like those of the pool; answers the most memory that it ever had, in MiB. */
async function peakOf(call: ConvertCall): Promise<number> {
  await writeFile(call.output, '')
  const child = fork(worker)
  const ended = once(child, 'exit')
  const done = new Promise<string>((resolve) => {
    child.on('message', (message: { readonly kind: string }) => {
      if (message.kind !== 'begun') resolve(JSON.stringify(message))
    })
  })
  child.send({ kind: 'call', call, threads: 3 })
  const answer = await done
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  child.disconnect()
  await ended
  if (!answer.includes('"done"')) throw new Error(answer)
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beside-test-'))
})
afterAll(async () => await rm(folder, { recursive: true }))

describe.runIf(process.platform === 'linux')('a TIFF of a hundred megapixels', () => {
  let source = ''
  beforeAll(async () => {
    source = join(folder, 'scan.tif')
    const tile = await sharp({
      create: { width: 500, height: 500, channels: 3, background: '#406080', noise: { type: 'gaussian', mean: 120, sigma: 12 } },
    })
      .blur(1.5)
      .png()
      .toBuffer()
    await sharp({ create: { width: side, height: side, channels: 3, background: '#000000' }, limitInputPixels: false })
      .composite([{ input: tile, tile: true }])
      .tiff({ compression: 'lzw' })
      .toFile(source)
  })

  it.each(['jpeg', 'webp', 'png', 'tiff'] as const)('becomes %s within a gibibyte', async (target) => {
    const output = join(await temporaryFolder(), `out.${target}`)
    const peak = await peakOf({ kind: 'convert', source, from: 'tiff', target, page: 0, options: {}, output })
    const { width, height } = await sharp(output, { limitInputPixels: false }).metadata()
    expect([width, height, peak < mebibytes]).toEqual([side, side, true])
  })
})

describe.runIf(process.platform === 'linux')('an animation of a hundred megapixels', () => {
  let source = ''
  beforeAll(async () => {
    source = join(folder, 'film.gif')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=1000x1000:r=20:d=5', source])
  })

  it.each([
    ['webp', { width: 500 }],
    ['gif', { width: 500 }],
  ] as const)('becomes %s with %o within half a gibibyte, frame by frame', async (target, options) => {
    const output = join(await temporaryFolder(), `out.${target}`)
    const peak = await peakOf({ kind: 'convert', source, from: 'gif', target, page: 'all', options, output })
    const { pages } = await sharp(output, { animated: true, limitInputPixels: false }).metadata()
    expect([pages, (await stat(output)).size > 0, peak < mebibytes / 2]).toEqual([100, true, true])
  })
})
