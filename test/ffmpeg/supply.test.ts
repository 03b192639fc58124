/** FFmpeg as Beside comes by it: looked for, fetched from a server on this machine, and never half there. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { isFetched, thisSystem, type FfmpegBuild } from '../../src/main/ffmpeg/builds.ts'
import { installLine } from '../../src/main/files/install-line.ts'
import { createFfmpegSupply, ffmpegPackages, type FfmpegSupply, type SupplyOptions } from '../../src/main/ffmpeg/supply.ts'
import { systemClock } from '../../src/main/system.ts'
import type { FfmpegState } from '../../src/shared/ffmpeg.ts'
import { archiveServer, cut, deadAddress } from '../support/archive-server.ts'
import { buildAt, sha256, standIn, tarOf } from '../support/ffmpeg-builds.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { fill, mountOn } from '../support/small-disk.ts'
import { zipOf } from '../support/zip-writer.ts'

const programs = ['ffmpeg', 'ffprobe']
const zip = zipOf(programs.map((name) => ({ name: `build/bin/${name}`, content: standIn(name), mode: 0o100755 })))

let home: string
beforeEach(async () => {
  home = await temporaryFolder()
})

const serving =
  (content: Buffer): RequestListener =>
  (_, response) =>
    void response.end(content)

/** Answers the rest of what was asked for, or all of it. */
const resumable =
  (content: Buffer): RequestListener =>
  (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` })
    response.end(content.subarray(from))
  }

function supplyOf(build: FfmpegBuild | null, more: Partial<SupplyOptions> = {}): FfmpegSupply {
  const pins = build === null ? {} : { [thisSystem]: build }
  const given = { home, pins, named: () => '', packed: null, env: {}, clock: systemClock, log: testLog, ...more }
  const supply = createFfmpegSupply(given)
  onTestFinished(async () => await supply.stop())
  return supply
}

/** The first state that fits. */
async function when(supply: FfmpegSupply, fits: (state: FfmpegState) => boolean): Promise<FfmpegState> {
  for await (const state of supply.watch(new AbortController().signal)) if (fits(state)) return state
  throw new Error('it ended')
}

const over = ({ work }: FfmpegState) => work.kind === 'idle' || work.kind === 'failed'

async function fetched(supply: FfmpegSupply): Promise<FfmpegState> {
  supply.fetch()
  return await when(supply, over)
}

async function failure(build: FfmpegBuild): Promise<object> {
  const { work, from } = await fetched(supplyOf(build))
  expect([from, (await readdir(home)).filter((name) => name !== 'ffmpeg.part')]).toEqual([null, []])
  return work.kind === 'failed' ? { [work.why.code]: work.why.facts } : work
}

describe('FFmpeg is looked for', () => {
  it('in the settings, with the app, among what was fetched, on PATH, in this order', async () => {
    const { address } = await archiveServer(serving(zip))
    const build = buildAt(`${address}ffmpeg.zip`, sha256(zip))
    const [onPath, named] = [await temporaryFolder(), await temporaryFolder()]
    for (const folder of [onPath, named]) {
      for (const name of programs) await writeFile(join(folder, name), standIn(name), { mode: 0o755 })
    }
    const env = { PATH: onPath }
    const packed = join(named, 'ffmpeg')
    expect([supplyOf(null).state().from, supplyOf(null, { env }).state().from]).toEqual([null, 'path'])
    expect((await fetched(supplyOf(build, { env }))).from).toBe('fetched')
    expect(supplyOf(build, { env }).place()).toEqual({ from: 'fetched', path: join(home, 'ffmpeg', 'ffmpeg') })
    expect(supplyOf(build, { env, packed }).place()).toEqual({ from: 'app', path: packed })
    expect(supplyOf(build, { env, packed, named: () => '/mine' }).place()).toEqual({ from: 'setting', path: '/mine' })
  })

  it('again with each run: what was fetched is used at once, and what the settings name now', async () => {
    const { address } = await archiveServer(serving(zip))
    let named = ''
    const supply = supplyOf(buildAt(`${address}ffmpeg.zip`, sha256(zip)), { named: () => named })
    expect(supply.place().path).toBe(null)
    await fetched(supply)
    const { path } = supply.place()
    expect((await promisify(execFile)(path ?? '', ['-version'])).stdout).toBe('ffmpeg stands in\n')
    named = '/nowhere/ffmpeg'
    expect(supply.state()).toMatchObject({ from: null, misnamed: '/nowhere/ffmpeg' })
  })

  it.each([
    ['ID=ubuntu\nID_LIKE=debian\n', 'sudo apt install ffmpeg'],
    ['ID=debian\n', 'sudo apt install ffmpeg'],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'sudo apt install ffmpeg'],
    ['ID=fedora\n', 'sudo dnf install ffmpeg-free'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install ffmpeg-free'],
    ['ID=manjaro\nID_LIKE=arch\n', 'sudo pacman -S ffmpeg'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'sudo zypper install ffmpeg'],
    ['ID=nixos\n', null],
    ['', null],
  ])('and the line that installs it is known by %j', (release, line) => {
    expect(installLine(ffmpegPackages, 'linux', release)).toBe(line)
  })

  it('and on other systems by their usual package manager', () => {
    expect(['darwin', 'win32', 'freebsd'].map((platform) => installLine(ffmpegPackages, platform, ''))).toEqual([
      'brew install ffmpeg',
      'winget install Gyan.FFmpeg',
      null,
    ])
  })
})

describe('a fetch', () => {
  it('is offered with version, size and host, where a build is pinned', () => {
    const build = buildAt('https://builds.example/ffmpeg.zip', '1'.repeat(64), 110_000_000)
    expect(supplyOf(build).state().offer).toEqual({ version: '1', bytes: 110_000_000, host: 'builds.example' })
    expect(supplyOf(buildAt('https://builds.example/ffmpeg.zip', null)).state().offer).toBe(null)
    expect(() => supplyOf(null).fetch()).toThrow('ffmpeg-not-pinned')
  })

  it('is one at a time, told to everybody who watches, with its bytes and what of them is there', async () => {
    let send = () => {}
    const { address, asked } = await archiveServer((_, response) => {
      response.writeHead(200, { 'content-length': zip.length })
      response.write(zip.subarray(0, 100))
      send = () => void response.end(zip.subarray(100))
    })
    const supply = supplyOf(buildAt(`${address}ffmpeg.zip`, sha256(zip)))
    supply.fetch()
    supply.fetch()
    const isHalf = ({ work }: FfmpegState) => work.kind === 'fetching' && work.bytes === 100
    const [one, other] = await Promise.all([when(supply, isHalf), when(supply, isHalf)])
    expect(one.work).toMatchObject({ kind: 'fetching', bytes: 100, ofBytes: zip.length })
    expect(other).toEqual(one)
    send()
    expect((await when(supply, over)).from).toBe('fetched')
    expect(asked).toHaveLength(1)
  })

  it('that is cancelled goes on from there at the next try', async () => {
    const ranges: (string | undefined)[] = []
    let isFirst = true
    const { address } = await archiveServer((request, response) => {
      ranges.push(request.headers.range)
      if (!isFirst) return resumable(zip)(request, response)
      isFirst = false
      response.writeHead(200, { 'content-length': zip.length })
      response.write(zip.subarray(0, 100))
    })
    const supply = supplyOf(buildAt(`${address}ffmpeg.zip`, sha256(zip)))
    supply.fetch()
    await when(supply, ({ work }) => work.kind === 'fetching' && work.bytes === 100)
    const part = join(home, 'ffmpeg.part', sha256(zip))
    await expect.poll(async () => (await stat(part)).size).toBe(100)
    supply.cancel()
    expect(await when(supply, over)).toMatchObject({ from: null, work: { kind: 'idle' } })
    expect(await fetched(supply)).toMatchObject({ from: 'fetched', work: { kind: 'idle' } })
    expect(ranges).toEqual([undefined, 'bytes=100-'])
    expect(await readdir(home)).toEqual(['ffmpeg'])
  })

  it('begins anew where the server sends all of it again, or where the part was of another file', async () => {
    const { address, asked } = await archiveServer((request, response) =>
      request.url === '/whole.zip' ? response.end(zip) : resumable(zip)(request, response),
    )
    for (const [name, part] of [
      ['whole.zip', zip.subarray(0, 50)],
      ['part.zip', Buffer.from('something else')],
      ['long.zip', Buffer.alloc(zip.length + 9)],
    ] as const) {
      const folder = await temporaryFolder()
      await mkdir(join(folder, 'ffmpeg.part'))
      await writeFile(join(folder, 'ffmpeg.part', sha256(zip)), part)
      const supply = supplyOf(buildAt(`${address}${name}`, sha256(zip), zip.length), { home: folder })
      expect(await fetched(supply)).toMatchObject({ from: 'fetched', work: { kind: 'idle' } })
    }
    expect(asked).toEqual(['/whole.zip', '/part.zip', '/part.zip', '/long.zip'])
  })

  it.each<[string, RequestListener, object]>([
    ['breaks off', cut(zip), { because: 'connection-broken' }],
    ['is another file', serving(Buffer.from('<html>Sign in</html>')), { because: 'wrong-checksum' }],
    ['is not there', (_, response) => void response.writeHead(404).end(), { because: 'http-status', status: 404 }],
    [
      'leads in a circle',
      (_, response) => void response.writeHead(302, { location: '/x' }).end(),
      { because: 'http-status', status: 302 },
    ],
    ['never ends', (_, response) => void response.end(Buffer.alloc(zip.length * 3)), { because: 'wrong-checksum' }],
  ])('of what %s says so, and installs nothing', async (_, answer, facts) => {
    const { address } = await archiveServer(answer)
    expect(await failure(buildAt(`${address}ffmpeg.zip`, sha256(zip), zip.length))).toMatchObject({
      'fetch-failed': { host: new URL(address).host, ...facts },
    })
  })

  it('from where nothing answers says so', async () => {
    const address = await deadAddress()
    expect(await failure(buildAt(`${address}ffmpeg.zip`, sha256(zip)))).toEqual({
      'fetch-failed': { host: new URL(address).host, because: 'unreachable' },
    })
  })

  it('follows to where the file lies, and never from https to http', async () => {
    const { address, asked } = await archiveServer((request, response) =>
      request.url === '/ffmpeg.zip' ? response.writeHead(302, { location: '/storage/1?x=2' }).end() : response.end(zip),
    )
    expect((await fetched(supplyOf(buildAt(`${address}ffmpeg.zip`, sha256(zip))))).from).toBe('fetched')
    expect(asked).toEqual(['/ffmpeg.zip', '/storage/1?x=2'])
  })

  it('goes through the proxy that HTTP_PROXY names, and past it to what NO_PROXY names', async () => {
    const { address: proxy, asked } = await archiveServer(serving(zip))
    const build = buildAt('http://builds.example/ffmpeg.zip', sha256(zip))
    expect((await fetched(supplyOf(build, { env: { HTTP_PROXY: proxy } }))).from).toBe('fetched')
    expect(asked).toEqual(['http://builds.example/ffmpeg.zip'])
    const { address } = await archiveServer(serving(zip))
    const near = buildAt(`${address}ffmpeg.zip`, sha256(zip))
    const env = { HTTP_PROXY: proxy, NO_PROXY: '127.0.0.1' }
    expect((await fetched(supplyOf(near, { home: await temporaryFolder(), env }))).from).toBe('fetched')
    expect(asked).toHaveLength(1)
  })
})

describe('an archive', () => {
  const archived = async (name: string, content: Buffer) => {
    const { address } = await archiveServer(serving(content))
    return buildAt(`${address}${name}`, sha256(content))
  }

  it('writes nothing outside of its folder, whatever its entries are called', async () => {
    const away = ['../../ffmpeg', '/ffmpeg', 'build/../../../ffprobe', '..\\ffmpeg']
    const entries = away.map((name) => ({ name, content: Buffer.from('away'), mode: 0o100755 }))
    expect(await failure(await archived('ffmpeg.zip', zipOf(entries)))).toMatchObject({
      'fetch-failed': { because: 'archive-unreadable' },
    })
    const tar = await tarOf({ 'bin/ffmpeg': standIn('ffmpeg'), 'bin/ffprobe': standIn('ffprobe') }, [
      '-P',
      '--transform=s,^build/bin/ffmpeg$,../../ffmpeg,',
    ])
    expect(await failure(await archived('ffmpeg.tar.xz', tar))).toMatchObject({
      'fetch-failed': { because: 'archive-lacks', program: 'ffmpeg' },
    })
    expect(await readdir(join(home, '..')).then((names) => names.includes('ffmpeg'))).toBe(false)
  })

  it('with a link in the place of a program has no program', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'build'))
    await symlink('/bin/sh', join(folder, 'build', 'ffmpeg'))
    await writeFile(join(folder, 'build', 'ffprobe'), standIn('ffprobe'), { mode: 0o755 })
    await promisify(execFile)('tar', ['-cJf', join(folder, 'a.tar.xz'), '-C', folder, 'build'])
    expect(await failure(await archived('a.tar.xz', await readFile(join(folder, 'a.tar.xz'))))).toMatchObject({
      'fetch-failed': { because: 'archive-lacks', program: 'ffmpeg' },
    })
  })

  it('that is none is said to be unreadable', async () => {
    for (const name of ['a.zip', 'a.tar.xz'])
      expect(await failure(await archived(name, Buffer.from('no archive')))).toMatchObject({
        'fetch-failed': { because: 'archive-unreadable', said: expect.stringMatching(/./) },
      })
  })

  it.each([
    [
      'says that it may not be passed on',
      'echo "configuration: --enable-gpl --enable-$NON"',
      { because: 'not-passed-on', part: '--enable-nonfree' },
    ],
    ['does not start', 'exit 3', { because: 'does-not-start', program: 'ffprobe' }],
  ])('of which a program %s is not installed', async (_, script, facts) => {
    const odd = Buffer.from(`#!/bin/sh\nNON=nonfree\n${script}\n`)
    const content = await tarOf({ 'bin/ffmpeg': standIn('ffmpeg'), 'bin/ffprobe': odd })
    expect(await failure(await archived('ffmpeg.tar.xz', content))).toMatchObject({ 'fetch-failed': facts })
  })

  it('that does not come leaves the one before it in use', async () => {
    const { address } = await archiveServer(serving(zip))
    const build = buildAt(`${address}ffmpeg.zip`, sha256(zip))
    await fetched(supplyOf(build))
    const { from, work } = await fetched(supplyOf(buildAt(`${address}ffmpeg.zip`, '0'.repeat(64))))
    expect([from, work.kind, isFetched(build, thisSystem, join(home, 'ffmpeg'))]).toEqual(['fetched', 'failed', true])
  })

  it('that the disk has no room for says so, and works once there is room', async (context) => {
    if (!mountOn(home)) return context.skip()
    fill(join(home, 'full'))
    const build = await archived('ffmpeg.zip', zip)
    const supply = supplyOf(build)
    expect((await fetched(supply)).work).toMatchObject({ kind: 'failed', why: { code: 'disk-full' } })
    await promisify(execFile)('rm', [join(home, 'full')])
    expect((await fetched(supply)).from).toBe('fetched')
  })

  it('that was being fetched or unpacked when Beside was killed is fetched by the next one', async () => {
    const ready = await tarOf({ 'bin/ffmpeg': standIn('ffmpeg'), 'bin/ffprobe': standIn('ffprobe') })
    const slow = await tarOf({
      'bin/ffmpeg': Buffer.from('#!/bin/sh\necho begun >&2\nexec sleep 60\n'),
      'bin/ffprobe': standIn('ffprobe'),
    })
    const isThere = async () =>
      await stat(join(home, 'ffmpeg.new', 'ready', 'ffmpeg')).then(
        () => true,
        () => false,
      )
    const { address } = await archiveServer(serving(slow))
    const child = spawn(process.execPath, [join(import.meta.dirname, '../support/ffmpeg-fetch-child.ts')], {
      env: { ...process.env, PLAN: JSON.stringify({ home, build: buildAt(`${address}slow.tar.xz`, sha256(slow)) }) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: child.stdout })) if (line === 'unpacking') break
    await expect.poll(isThere).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(supplyOf(null).place().from).toBe('path')
    expect((await fetched(supplyOf(await archived('ffmpeg.tar.xz', ready)))).from).toBe('fetched')
    expect(await readdir(home)).toEqual(['ffmpeg'])
  })
})
