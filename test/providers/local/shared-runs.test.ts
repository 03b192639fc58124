import { chmod, copyFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLocal, type LocalProvider } from '../../../src/main/providers/local/local.ts'
import { createSharedRuns } from '../../../src/main/providers/local/media/shared-runs.ts'
import { systemClock } from '../../../src/main/system.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { namedFfmpeg, onPath } from '../../support/ffmpeg-place.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testLog } from '../../support/log.ts'
import { ffprobe, mediaSource, ownSource } from '../../support/media.ts'
import { orderIn } from '../../support/order.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { never } from './machine.ts'

leavesNothingOpen()

/** This machine with one core, and an FFmpeg that notes how many outputs each of its runs has. */
async function workshop() {
  const folder = await temporaryFolder()
  const notes = join(folder, 'notes')
  await writeFile(notes, '')
  const note = `for one in "$@"; do case "$one" in file:*.part) n=$((n+1)) ;; esac; done; echo $n >> '${notes}'`
  await writeFile(join(folder, 'ffmpeg'), `#!/bin/sh\nn=0\n${note}\nexec ffmpeg "$@"\n`)
  await chmod(join(folder, 'ffmpeg'), 0o755)
  const local = createLocal({ clock: systemClock, log: testLog, cores: 1, ffmpegPlace: namedFfmpeg(join(folder, 'ffmpeg')) })
  onTestFinished(async () => await local.stop())
  return {
    local,
    /** Outputs of each run so far, in the order of their starts. */
    runs: async () => (await readFile(notes, 'utf8')).trim().split('\n').map(Number),
  }
}

async function submit(local: LocalProvider, path: string, target: FormatId, signal = never): Promise<string> {
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options: {}, facts })
  await local.submit(order, () => {}, signal)
  return order.temp(0)
}

describe('short conversions that come together', () => {
  it('share runs, and each has its own sound, tags and chapters', async () => {
    const { local, runs } = await workshop()
    const sources = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const tags = join(await temporaryFolder(), 'tags')
        const chapter = n % 2 === 0 ? `[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=Part ${n}\n` : ''
        await writeFile(tags, `;FFMETADATA1\ntitle=Song ${n}\n${chapter}`)
        const sine = ['-f', 'lavfi', '-i', `sine=f=${300 + n * 50}:d=${1 + n / 5}`, '-f', 'ffmetadata', '-i', tags]
        return await ownSource(`song${n}.mp3`, [...sine, '-map_metadata', '1', '-map_chapters', '1', '-c:a', 'libmp3lame'])
      }),
    )
    const results = await Promise.all(sources.map(async (path) => await submit(local, path, 'm4a')))
    const seen = await Promise.all(results.map(ffprobe))
    expect(seen.map(({ format }) => format.tags?.title)).toEqual(sources.map((_, n) => `Song ${n}`))
    expect(seen.map(({ format }) => Number(Number(format.duration).toFixed(1)))).toEqual(sources.map((_, n) => 1 + n / 5))
    expect(seen.map(({ chapters }) => chapters.map(({ tags }) => tags?.title))).toEqual(
      sources.map((_, n) => (n % 2 === 0 ? [`Part ${n}`] : [])),
    )
    const outputs = await runs()
    expect(outputs.reduce((sum, count) => sum + count)).toBe(10)
    expect(outputs.length).toBeLessThan(10)
    expect(Math.max(...outputs)).toBeLessThanOrEqual(8)
  })

  it('fail one by one: what is damaged takes no other with it', async () => {
    const { local } = await workshop()
    const damaged = join(await temporaryFolder(), 'damaged.flac')
    await copyFile(await mediaSource('flac'), damaged)
    await truncate(damaged, 60)
    const paths = ['wav', 'mp3', 'damaged', 'aiff', 'm4a', 'damaged', 'ogg', 'flac'] as const
    const settled = await Promise.allSettled(
      paths.map(async (name) => await submit(local, name === 'damaged' ? damaged : await mediaSource(name), 'mp3')),
    )
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(paths.map((name) => name !== 'damaged'))
    expect(settled[2]).toMatchObject({ reason: { failure: { code: 'source-damaged' } } })
  })

  it('end one by one: what is no longer wanted takes no other with it', async () => {
    const log: string[] = []
    const shared: { readonly args: readonly string[]; readonly signal: AbortSignal }[] = []
    const convert = async ({ args }: { readonly args: readonly string[] }, signal: AbortSignal): Promise<readonly string[]> => {
      shared.push({ args, signal })
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const runs = createSharedRuns({ convert }, () => 1)
    const folder = await temporaryFolder()
    const begin = (name: string, signal: AbortSignal, until: Promise<unknown> = Promise.resolve()): Promise<void> => {
      const alone = async (own: AbortSignal): Promise<void> => {
        await until
        own.throwIfAborted()
        log.push(name)
      }
      const share = {
        path: name,
        input: ['-i', name],
        output: (source: number) => ['-map', String(source)],
        isWhole: async () => true,
      }
      return runs.run({ temp: join(folder, name), alone, share }, signal)
    }
    const letGo = Promise.withResolvers<void>()
    const unwanted = new AbortController()
    const first = begin('first', never, letGo.promise)
    const second = begin('second', unwanted.signal)
    const third = begin('third', never)
    const dropped = begin('fourth', AbortSignal.any([unwanted.signal]))
    second.catch(() => undefined)
    dropped.catch(() => undefined)
    letGo.resolve()
    await first
    while (shared.length === 0) await new Promise((resolve) => setImmediate(resolve))
    unwanted.abort(new Error('no longer wanted'))
    await third
    await expect(second).rejects.toThrow('no longer wanted')
    await expect(dropped).rejects.toThrow('no longer wanted')
    expect(log).toEqual(['first', 'third'])
    const file = (name: string) => `file:${join(folder, name)}`
    expect(shared.map(({ args }) => args)).toEqual([
      [
        ...['-i', 'second', '-i', 'third', '-i', 'fourth'],
        ...['-map', '0', file('second'), '-map', '1', file('third'), '-map', '2', file('fourth')],
      ],
    ])
  })

  it('come after the runs that are long, one to a place', async () => {
    const { local, runs } = await workshop()
    const long = await ownSource('minute.wav', ['-f', 'lavfi', '-i', 'sine=d=60:r=8000'])
    const paths = [long, long, long, await mediaSource('wav')]
    await Promise.all(paths.map(async (path) => await submit(local, path, 'flac')))
    expect(await runs()).toEqual([1, 1, 1, 1])
  })

  it('queue in a lane that lets enough of them in', () => {
    const local = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: onPath })
    expect(local.lane('wav', 'mp3', 'audio', 500_000)).toBe('local:short')
    expect(local.lane('wav', 'mp3', 'audio', 50_000_000)).toBe('local:audio')
    expect(local.lane('mp4', 'mp3', 'audio', 500_000)).toBe('local:audio')
    expect(local.concurrency['local:short']).toBe(48)
  })
})
