/**
 * The calls of the service's documentation, as they stand there, made with the real curl against the real command: only the address, the key and the path
 * of the file are others.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseBuffer, parseFile } from 'music-metadata'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { apiKey, servedBeside } from '../support/served-beside.ts'
import { tone } from '../support/servers/convert.ts'
import { unpacked } from '../support/unpacked.ts'

leavesNothingOpen()

const run = promisify(execFile)

async function scene() {
  const [home, folder] = [await temporaryFolder(), await temporaryFolder()]
  const key = await apiKey(home, 'curl', '--quota', '5')
  const served = await servedBeside(home)
  onTestFinished(async () => await served.stop())
  const video = join(folder, 'video.mp4')
  const lavfi = ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=64x64', '-f', 'lavfi', '-i', 'sine=duration=1']
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...lavfi, '-shortest', video])
  /** What it prints. */
  const shell = async (command: string): Promise<string> => {
    const own = command
      .replaceAll('https://api.converter.app', served.address)
      .replaceAll('YOUR_API_KEY', key)
      .replaceAll('/path/to/video.mp4', video)
    return (await run('sh', ['-c', own], { cwd: folder })).stdout
  }
  return { folder, video, shell }
}

const publicPairs = 'curl "https://api.converter.app/public/pairs"'
const pairs = `curl "https://api.converter.app/pairs" \\
  -H "X-API-Key: YOUR_API_KEY"`
const convertSync = `curl -X POST "https://api.converter.app/convert/sync" \\
  -H "X-API-Key: YOUR_API_KEY" \\
  -F "target_format=mp3" \\
  -F "files=@/path/to/video.mp4" \\
  --output result.mp3`
const convert = `curl -X POST "https://api.converter.app/convert" \\
  -H "X-API-Key: YOUR_API_KEY" \\
  -F "target_format=mp3" \\
  -F "files=@/path/to/video.mp4"`
const progress = `curl "https://api.converter.app/progress/JOB_ID" \\
  -H "X-API-Key: YOUR_API_KEY"`
const download = `curl -L "https://api.converter.app/download/JOB_ID" \\
  -H "X-API-Key: YOUR_API_KEY" \\
  --output result.zip`

describe('curl', () => {
  it('finds the pairs, with a key and without', async () => {
    const { shell } = await scene()
    const [all, own] = [await shell(publicPairs), await shell(pairs)]
    const { supported_pairs: found } = JSON.parse(all) as { supported_pairs: readonly unknown[] }
    expect([found.some((pair) => JSON.stringify(pair) === '{"from":"mp4","to":"mp3"}'), own]).toEqual([true, all])
  })

  it('has a video converted within one request', async () => {
    const { shell, folder } = await scene()
    await shell(convertSync)
    expect((await parseFile(join(folder, 'result.mp3'))).format.container).toBe('MPEG')
  })

  it('has a video converted, asks how far it is, and downloads it', async () => {
    const { shell, folder } = await scene()
    const begun = JSON.parse(await shell(convert)) as Record<string, unknown>
    const withId = (command: string) => command.replace('JOB_ID', String(begun['jobid']))
    const state = async () => JSON.parse(await shell(withId(progress))) as Record<string, unknown>
    await expect.poll(async () => (await state())['status']).toBe('completed')
    await shell(withId(download))
    expect([begun['status'], begun['pair'], begun['remaining_quota'], await state()]).toMatchObject([
      'success',
      'mp42mp3',
      4,
      { jobid: begun['jobid'], progress: 1, error: null },
    ])
    // One result is no archive, whatever its file is called here.
    expect((await parseBuffer(await readFile(join(folder, 'result.zip')))).format.container).toBe('MPEG')
  })

  it('gets several results as a ZIP', async () => {
    const { shell, folder, video } = await scene()
    await writeFile(join(folder, 'two.mp4'), await readFile(video))
    const files = `-F "files=@/path/to/video.mp4" -F "files=@${join(folder, 'two.mp4')}"`
    await shell(convertSync.replace('-F "files=@/path/to/video.mp4"', files).replace('result.mp3', 'result.zip'))
    const names = (await unpacked(join(folder, 'result.zip'))).map(([name]) => name)
    expect(names.toSorted()).toEqual(['two.mp3', 'video.mp3'])
  })

  it('is told why not, and hears it though it would send more', async () => {
    const { shell, folder } = await scene()
    await writeFile(join(folder, 'song.wav'), Buffer.concat([await tone('wav'), Buffer.alloc(20_000_000)]))
    const refused = convert.replace('@/path/to/video.mp4', `@${join(folder, 'song.wav')}`).replace('YOUR_API_KEY', 'wrong')
    expect(JSON.parse(await shell(refused))).toEqual({ detail: 'This key is not valid.' })
    // Without asking first whether it may.
    expect(JSON.parse(await shell(`${refused} -H "Expect:"`))).toEqual({ detail: 'This key is not valid.' })
  })
})
