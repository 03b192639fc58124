/** The serving process killed with SIGKILL: what a client was told is not lost, and what none was told of leaves nothing. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseBuffer } from 'music-metadata'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { apiKey, servedBeside, type ServedBeside } from '../support/served-beside.ts'
import { ask, conversionOf, ended, formType, post } from '../support/served-client.ts'
import { servedFiles } from '../support/served-scene.ts'
import { sessionProcess } from '../support/session-process.ts'
import { silentWav } from '../support/silence.ts'
import { toneOf } from '../support/tone.ts'

leavesNothingOpen()

const seconds = 900
/** Takes some seconds to convert. */
let long: Buffer = Buffer.alloc(0)
const short = toneOf(40_000)

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'beside-long-'))
  await silentWav(join(folder, 'long.wav'), seconds)
  long = await readFile(join(folder, 'long.wav'))
  await rm(folder, { recursive: true })
})

async function scene() {
  const home = await temporaryFolder()
  const key = await apiKey(home, 'one', '--quota', '9')
  const start = async (): Promise<ServedBeside> => {
    const served = await servedBeside(home)
    onTestFinished(async () => await served.kill())
    return served
  }
  /** As a new job says it: one less than there was before. */
  const left = async ({ address }: ServedBeside) =>
    (await post(address, '/convert', key, conversionOf('flac', ['a.wav', short]))).json()['remaining_quota']
  return { home, key, start, left, files: async () => await servedFiles(home) }
}

/** Begins an upload and resolves when so many of its files are on the disk; what comes of it nobody waits for. */
async function halfUpload(address: string, path: string, key: string, files: () => Promise<readonly string[]>): Promise<void> {
  const form = conversionOf('mp3', ['one.wav', short], ['two.wav', long])
  const headers = { 'x-api-key': key, 'content-type': formType, 'content-length': form.length }
  const sending = request(`${address}${path}`, { method: 'POST', agent: false, headers })
  sending.on('error', () => {})
  sending.write(form.subarray(0, 200_000))
  await expect.poll(files).toContainEqual('uploads/one.wav')
}

describe('a serving process that is killed', () => {
  it('in the middle of an upload leaves nothing of it', async () => {
    const { home, key, start, left, files } = await scene()
    const first = await start()
    await halfUpload(first.address, '/convert', key, files)
    await first.kill()
    const there = await files()
    const second = await start()
    expect([there.length > 0, await files(), await readdir(join(home, 'served', 'uploads')), await left(second)]).toEqual([
      true,
      [],
      [],
      8,
    ])
  })

  it('in the middle of a conversion goes on with it, under the same id, and leaves no part', async () => {
    const { key, start, files } = await scene()
    const first = await start()
    const id = String((await post(first.address, '/convert', key, conversionOf('mp3', ['song.wav', long]))).json()['jobid'])
    const progress = async () => Number((await ask(`${first.address}/progress/${id}`, { key })).json()['progress'])
    await expect.poll(progress, { interval: 20 }).toBeGreaterThan(0)
    await first.kill()
    const parts = (await files()).filter((name) => name.endsWith('.part'))
    const second = await start()
    const over = (await ended(second.address, id, key)).json()
    const { bytes } = await ask(`${second.address}/download/${id}`, { key })
    expect([parts.length, over['status'], await files()]).toEqual([1, 'completed', ['jobs/in/song.wav', 'jobs/out/song.mp3']])
    expect((await parseBuffer(bytes, undefined, { duration: true })).format.duration).toBeCloseTo(seconds, 0)
  })

  it('after a conversion still has its result', async () => {
    const { key, start, files } = await scene()
    const first = await start()
    const form = conversionOf('flac', ['song.wav', short])
    const id = String((await post(first.address, '/convert', key, form)).json()['jobid'])
    await ended(first.address, id, key)
    const before = await ask(`${first.address}/download/${id}`, { key })
    await first.kill()
    const second = await start()
    const after = await ask(`${second.address}/download/${id}`, { key })
    expect([after.status, after.bytes.equals(before.bytes), await files()]).toEqual([
      200,
      true,
      ['jobs/in/song.wav', 'jobs/out/song.flac'],
    ])
  })

  it('while a client waits within its request leaves nothing: nobody could ask for it', async () => {
    const { key, start, files } = await scene()
    const first = await start()
    const lost = post(first.address, '/convert/sync', key, conversionOf('mp3', ['song.wav', long])).catch(() => null)
    await expect.poll(async () => (await files()).some((name) => name.endsWith('.part'))).toBe(true)
    await first.kill()
    await start()
    expect([await lost, await files()]).toEqual([null, []])
  })
})

describe('a serving process whose queue another Beside holds', () => {
  it('goes on when that one is killed, and so do the jobs', async () => {
    const { home, key, start } = await scene()
    const holder = await sessionProcess(home, 'work')
    const served = await start()
    const id = String((await post(served.address, '/convert', key, conversionOf('mp3', ['song.wav', long]))).json()['jobid'])
    await holder.kill()
    expect([holder.role, (await ended(served.address, id, key)).json()['status']]).toEqual(['holder', 'completed'])
  })

  it('and which is killed itself in the middle of an upload leaves nothing once it serves again', async () => {
    const { home, key, start, files } = await scene()
    const holder = await sessionProcess(home, 'work')
    const first = await start()
    await halfUpload(first.address, '/convert/sync', key, files)
    await first.kill()
    await start()
    expect([holder.role, await files()]).toEqual(['holder', []])
  })
})
