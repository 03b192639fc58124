/** The FFmpeg for the installers, fetched from a server on this machine: stand-in archives of the kinds that the real builds come in. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { isFetched, readPins, type FfmpegBuild } from '../../src/main/ffmpeg/builds.ts'
import { fetchBuild, packable, pin, pinsFile } from '../../tools/ffmpeg.ts'
import { archiveServer, cut, deadAddress } from '../support/archive-server.ts'
import { buildAt, sha256, standIn, tarOf } from '../support/ffmpeg-builds.ts'
import { temporaryFolder } from '../support/folder.ts'
import { zipOf } from '../support/zip-writer.ts'

const zip = zipOf(
  ['bin/ffmpeg', 'bin/ffprobe', 'bin/ffplay', 'LICENSE.txt'].map((path) => ({ name: `build/${path}`, content: standIn(path) })),
)

let folder: string
let into: string
beforeEach(async () => {
  folder = await temporaryFolder()
  into = join(folder, 'builds', 'linux-x64')
})

const serving =
  (content: Buffer): RequestListener =>
  (_, response) =>
    void response.end(content)

/** What is there after a fetch that had to fail, and its message. */
async function failure(build: FfmpegBuild): Promise<string> {
  const message = await fetchBuild({ 'linux-x64': build }, 'linux-x64', into).then(
    () => 'no failure',
    (error: unknown) => (error as Error).message,
  )
  // What came before a transfer broke off is there for the next try.
  expect((await readdir(join(folder, 'builds'))).filter((name) => name !== 'linux-x64.part')).toEqual([])
  expect(message).not.toContain('\n')
  return message
}

describe('npm run ffmpeg:fetch', () => {
  it('unpacks both programs and the licence of a tar.xz, and they can be started', async () => {
    const content = await tarOf({
      'bin/ffmpeg': standIn('ffmpeg'),
      'bin/ffprobe': standIn('ffprobe'),
      'bin/ffplay': standIn('ffplay'),
      'LICENSE.txt': Buffer.from('GPL'),
    })
    const { address } = await archiveServer(serving(content))
    const build = buildAt(`${address}ffmpeg.tar.xz`, sha256(content))
    await fetchBuild({ 'linux-x64': build }, 'linux-x64', into)
    expect((await readdir(into)).toSorted()).toEqual(['LICENSE.txt', 'build.json', 'ffmpeg', 'ffprobe'])
    expect((await promisify(execFile)(join(into, 'ffprobe'))).stdout).toBe('ffprobe stands in\n')
    expect([isFetched(build, 'linux-x64', into), await readFile(join(into, 'LICENSE.txt'), 'utf8')]).toEqual([true, 'GPL'])
    expect(await readdir(join(folder, 'builds'))).toEqual(['linux-x64'])
  })

  it('unpacks a ZIP on any system', async () => {
    const { address } = await archiveServer(serving(zip))
    await fetchBuild({ 'linux-x64': buildAt(`${address}ffmpeg.zip`, sha256(zip)) }, 'linux-x64', into)
    expect((await promisify(execFile)(join(into, 'ffmpeg'))).stdout).toBe('bin/ffmpeg stands in\n')
  })

  it('takes the programs from two archives, and the text of the licence from the project where neither holds one', async () => {
    const contents = ['ffmpeg', 'ffprobe'].map((name) => zipOf([{ name, content: standIn(name) }]))
    const { address } = await archiveServer((request, response) => response.end(contents[request.url === '/ffmpeg.zip' ? 0 : 1]))
    const archives = contents.map((content, n) => ({
      address: `${address}${n === 0 ? 'ffmpeg' : 'ffprobe'}.zip`,
      sha256: sha256(content),
      bytes: null,
    }))
    const build = { ...buildAt('', null), archives }
    await fetchBuild({ 'linux-x64': build }, 'linux-x64', into)
    expect((await readdir(into)).toSorted()).toEqual(['LICENSE.txt', 'build.json', 'ffmpeg', 'ffprobe'])
    expect(await readFile(join(into, 'LICENSE.txt'), 'utf8')).toContain('GNU GENERAL PUBLIC LICENSE')
  })

  it('fetches once, and anew where another build is pinned', async () => {
    const { address, asked } = await archiveServer(serving(zip))
    const build = buildAt(`${address}one.zip`, sha256(zip))
    await fetchBuild({ 'linux-x64': build }, 'linux-x64', into)
    await fetchBuild({ 'linux-x64': build }, 'linux-x64', into)
    await fetchBuild({ 'linux-x64': buildAt(`${address}two.zip`, sha256(zip)) }, 'linux-x64', into)
    expect(asked).toEqual(['/one.zip', '/two.zip'])
  })

  it('says that a build is not pinned, and asks for nothing', async () => {
    const { address, asked } = await archiveServer(serving(zip))
    expect(await failure(buildAt(`${address}ffmpeg.zip`, null))).toBe(
      'FFmpeg for linux-x64 is not pinned yet. Type `npm run ffmpeg:pin` where the network is open.',
    )
    expect(asked).toEqual([])
  })

  it('says that an archive is not the one that was pinned, and unpacks nothing of it', async () => {
    const { address } = await archiveServer(serving(zip))
    const other = '0'.repeat(64)
    expect(await failure(buildAt(`${address}ffmpeg.zip`, other))).toBe(
      `FFmpeg could not be fetched from ${new URL(address).host}: what came is not the expected file (SHA-256 ${sha256(zip)}).`,
    )
  })

  it('says that a transfer broke off', async () => {
    const { address } = await archiveServer(cut(zip))
    expect(await failure(buildAt(`${address}ffmpeg.zip`, sha256(zip)))).toMatch(
      /could not be fetched from 127.+: the connection broke\.$/,
    )
  })

  it('says that nothing answers, or that there is no such file', async () => {
    const { address } = await archiveServer((_, response) => response.writeHead(404).end())
    expect(await failure(buildAt(`${address}ffmpeg.zip`, sha256(zip)))).toBe(
      `FFmpeg could not be fetched from ${new URL(address).host}: the server answers with status 404.`,
    )
    expect(await failure(buildAt(`${await deadAddress()}ffmpeg.zip`, sha256(zip)))).toMatch(/: the server cannot be reached\.$/)
  })

  it('says which program is in none of the archives', async () => {
    const content = zipOf([{ name: 'ffmpeg', content: standIn('ffmpeg') }])
    const { address } = await archiveServer(serving(content))
    expect(await failure(buildAt(`${address}ffmpeg.zip`, sha256(content)))).toBe(
      `FFmpeg could not be fetched from ${new URL(address).host}: there is no ffprobe in the archive.`,
    )
  })

  it('refuses a build with parts that may not be passed on', async () => {
    const ffmpeg = Buffer.from('configuration: --enable-gpl --enable-libfdk-aac --enable-libx264')
    const content = zipOf([
      { name: 'ffmpeg', content: ffmpeg },
      { name: 'ffprobe', content: standIn('ffprobe') },
    ])
    const { address } = await archiveServer(serving(content))
    expect(await failure(buildAt(`${address}ffmpeg.zip`, sha256(content)))).toBe(
      `FFmpeg could not be fetched from ${new URL(address).host}: it was built with --enable-libfdk-aac and may not be passed on.`,
    )
  })

  it('keeps what is there where another build does not come', async () => {
    const { address } = await archiveServer(serving(zip))
    const build = buildAt(`${address}ffmpeg.zip`, sha256(zip))
    await fetchBuild({ 'linux-x64': build }, 'linux-x64', into)
    await expect(fetchBuild({ 'linux-x64': buildAt(`${address}other.zip`, '0'.repeat(64)) }, 'linux-x64', into)).rejects.toThrow(
      'not the expected file',
    )
    expect(isFetched(build, 'linux-x64', into)).toBe(true)
  })

  it('ends with one line on standard error for a system that has no build', async () => {
    const tool = fileURLToPath(new URL('../../tools/ffmpeg.ts', import.meta.url))
    const child = spawn(process.execPath, [tool, 'fetch', 'plan9-mips'])
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
    expect([status, said]).toEqual([1, expect.stringMatching(/^ffmpeg: There is no FFmpeg for plan9-mips, only for .+\.\n$/)])
  })
})

describe('npm run ffmpeg:pin', () => {
  it('writes the checksums that are missing, and leaves the others as they are', async () => {
    const { address, asked } = await archiveServer(serving(zip))
    const file = join(folder, 'pins.json')
    const pinned = buildAt(`${address}pinned.zip`, '1'.repeat(64))
    await writeFile(file, JSON.stringify({ 'linux-x64': buildAt(`${address}new.zip`, null), 'win32-x64': pinned }))
    await pin(file)
    expect(readPins(file)).toEqual({ 'linux-x64': buildAt(`${address}new.zip`, sha256(zip), zip.length), 'win32-x64': pinned })
    expect(asked).toEqual(['/new.zip'])
  })

  it('writes nothing where one of them does not come whole', async () => {
    const { address } = await archiveServer((request, response) =>
      request.url === '/good.zip' ? response.end(zip) : cut(zip)(request, response),
    )
    const file = join(folder, 'pins.json')
    const pins = { 'linux-x64': buildAt(`${address}good.zip`, null), 'win32-x64': buildAt(`${address}bad.zip`, null) }
    await writeFile(file, JSON.stringify(pins))
    await expect(pin(file)).rejects.toThrow('fetch-failed')
    expect(readPins(file)).toEqual(pins)
  })
})

describe('a release', () => {
  it('is packed with the build that is pinned, and with no other', async () => {
    const { address } = await archiveServer(serving(zip))
    const build = buildAt(`${address}ffmpeg.zip`, sha256(zip))
    const from = join(folder, 'builds')
    const refused = 'There is no FFmpeg for linux-x64 to pack. Type `npm run ffmpeg:fetch -- linux-x64`, then run this again.'
    expect(() => packable({ 'linux-x64': build }, 'linux-x64', from)).toThrow(refused)
    await fetchBuild({ 'linux-x64': build }, 'linux-x64', into)
    expect(packable({ 'linux-x64': build }, 'linux-x64', from)).toBe(into)
    expect(() => packable({ 'linux-x64': { ...build, version: '2' } }, 'linux-x64', from)).toThrow(refused)
    await rm(join(into, 'ffprobe'))
    expect(() => packable({ 'linux-x64': build }, 'linux-x64', from)).toThrow(refused)
  })
})

describe('the builds that are named', () => {
  it('are there for each system, at addresses that do not change, and none with parts that may not be passed on', () => {
    const pins = readPins(pinsFile)
    expect(Object.keys(pins)).toEqual(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'])
    for (const { archives } of Object.values(pins))
      for (const { address } of archives) expect(address).toMatch(/^https:(?!.*(latest|nonfree))/)
  })
})
