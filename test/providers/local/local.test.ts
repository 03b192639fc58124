import type { ProgressReport } from '../../../src/main/providers/provider.ts'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pairingsFor } from '../../../src/main/engine/intake/route.ts'
import { createLocal, type LocalProvider } from '../../../src/main/providers/local/local.ts'
import { isMediaSource } from '../../../src/main/providers/local/media/demuxers.ts'
import { localEngines, localPairings } from '../../../src/main/providers/local/pairings.ts'
import { systemClock } from '../../../src/main/system.ts'
import { describeCheck } from '../../../src/shared/describe.ts'
import { formatIds, type FormatId, factsOf } from '../../../src/shared/formats.ts'
import { namedFfmpeg, onPath } from '../../support/ffmpeg-place.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testLog } from '../../support/log.ts'
import { ffprobe, mediaSource, ownSource } from '../../support/media.ts'
import type { FfmpegPlace } from '../../../src/shared/ffmpeg.ts'
import { orderIn } from '../../support/order.ts'
import { importsOf, sourcesUnder } from '../../support/sources.ts'
import { never, startMachine } from './machine.ts'

const { local, convert } = startMachine()

/** An hour of silence takes FFmpeg seconds, and a test that ends it early none. */
const hour = async (): Promise<string> =>
  await ownSource('hour.flac', ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono:d=7200', '-c:a', 'flac'])

describe('what this machine takes', () => {
  const capabilities = { pairings: localPairings, sources: ['file'], maxBytes: null } as const
  const targetsOf = (from: FormatId) => formatIds.filter((to) => pairingsFor(capabilities, from, to).length > 0)

  it('is every format of sound and film to every one that it writes', () => {
    const music = ['mp3', 'aac', 'm4a', 'alac', 'wav', 'flac', 'ogg', 'opus', 'aiff', 'webm']
    const sound = [...music, 'mp2', 'wma', 'ac3', 'amr', 'caf', 'mka', 'au', 'voc', 'wv', 'tta']
    const film = ['mp4', 'mkv', 'mov', 'webm', 'gif', 'avi', 'wmv', 'mpeg', 'ts', 'flv', 'ogv', '3gp', 'mxf']
    const ofFamily = (family: string) => formatIds.filter((id) => factsOf(id).family === family && isMediaSource(id))
    const played = (id: FormatId) =>
      new Set(targetsOf(id).filter((to) => to === 'gif' || factsOf(to).family === 'audio' || factsOf(to).family === 'video'))
    for (const id of ofFamily('audio')) expect(played(id)).toEqual(new Set(sound))
    for (const id of ofFamily('video')) expect(played(id)).toEqual(new Set([...sound, ...film]))
    expect(targetsOf('gif')).toEqual(expect.arrayContaining(['mp4', 'webm', 'mkv', 'mov']))
  })

  it('offers an option only where it has a meaning', () => {
    const options = (from: FormatId, to: FormatId) =>
      new Set(pairingsFor(capabilities, from, to).flatMap((pairing) => pairing.options))
    expect(options('wav', 'mp3').has('bitDepth')).toBe(false)
    expect(options('wav', 'flac').has('bitrate')).toBe(false)
    expect(options('wav', 'webm').has('crf')).toBe(false)
    expect(options('mp4', 'webm').has('crf')).toBe(true)
    const ofGif = ['preserveMetadata', 'preserveLocation', 'trimStart', 'trimEnd', 'fps', 'maxHeight', 'maxSize']
    expect(options('mp4', 'gif')).toEqual(new Set(ofGif))
  })

  it('offers only values that the codec can hold', () => {
    const values = (to: FormatId) => pairingsFor(capabilities, 'mp4', to)[0]?.values
    expect(values('mp3')).toMatchObject({ channels: [1, 2], sampleRate: [8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] })
    expect(values('opus')).toMatchObject({ sampleRate: [8000, 16_000, 24_000, 48_000] })
    expect(values('flac')).toMatchObject({ bitDepth: [16, 24] })
    expect(values('mov')).toMatchObject({ videoCodec: ['h264', 'h265', 'prores', 'dnxhr'] })
  })

  it('is known without loading a library', () => {
    const sources = new Map(sourcesUnder('src').map((source) => [source.path, source]))
    const reached = new Set<string>()
    const follow = (path: string): void => {
      if (reached.has(path)) return
      reached.add(path)
      const source = sources.get(path)
      if (source !== undefined) for (const { target, typeOnly } of importsOf(source)) if (!typeOnly) follow(target)
    }
    follow('src/main/providers/local/pairings.ts')
    expect([...reached].filter((path) => !path.startsWith('src/'))).toEqual([])
  })
})

describe('lanes', () => {
  it.each([
    ['wav', 'mp3', 'local:audio'],
    ['mp4', 'mp3', 'local:audio'],
    ['wav', 'webm', 'local:audio'],
    ['mov', 'mp4', 'local:video'],
    ['mp4', 'gif', 'local:video'],
    ['gif', 'mp4', 'local:video'],
    ['png', 'gif', 'local:image'],
    ['heic', 'jpeg', 'local:image'],
    ['pdf', 'png', 'local:document'],
    [null, 'mp4', 'local:video'],
  ] as const)('part the kinds of work: %s to %s', (from, target, lane) => {
    expect(local.lane(from, target, factsOf(target).family)).toBe(lane)
    expect(local.concurrency[lane]).toBeGreaterThan(0)
  })
})

describe('a conversion', () => {
  it('reports how far it is and how long it will take, to the end', async () => {
    const reports: ProgressReport[] = []
    await convert(await mediaSource('wav'), 'mp3', { normalize: true }, (report) => reports.push(report))
    const figures = reports.map(({ done }) => done ?? -1)
    expect(figures).toEqual(figures.toSorted((one, other) => one - other))
    expect([figures[0], figures.at(-1)]).toEqual([0, 1])
    expect(reports.at(-1)).toMatchObject({ stage: 'converting', leftMs: 0 })
    expect(reports[0]?.stage).toBe('measuring-loudness')
  })

  it('ends with the reason of its signal and leaves nothing behind', async () => {
    const path = await hour()
    const folder = await temporaryFolder()
    const ending = new AbortController()
    const facts = await local.inspect(path, never)
    const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
    const { order } = orderIn(folder, { source, from: 'flac', target: 'opus', options: {}, facts })
    const submitted = local.submit(
      order,
      ({ done }) => {
        if (done !== null && done > 0) ending.abort(new Error('enough'))
      },
      ending.signal,
    )
    await expect(submitted).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual([])
  })

  it('of a source that has been asked for by address is refused', async () => {
    const { order } = orderIn(await temporaryFolder(), {
      source: { kind: 'url', url: 'https://example.org/a.wav' },
      from: 'wav',
      target: 'mp3',
      options: {},
      facts: null,
    })
    await expect(local.submit(order, () => {}, never)).rejects.toMatchObject({ failure: { code: 'source-not-local' } })
  })

  it('into a folder that has gone says so', async () => {
    const facts = await local.inspect(await mediaSource('wav'), never)
    const source = { kind: 'file', path: await mediaSource('wav'), bytes: 0, mtimeMs: 0 } as const
    const { order } = orderIn('/nowhere/at/all', { source, from: 'wav', target: 'mp3', options: {}, facts })
    await expect(local.submit(order, () => {}, never)).rejects.toMatchObject({ failure: { code: 'folder-missing' } })
  })

  it('starts one program', async () => {
    const folder = await temporaryFolder()
    const started = join(folder, 'started')
    const counting = join(folder, 'ffmpeg')
    for (const name of ['ffmpeg', 'ffprobe']) {
      await writeFile(join(folder, name), `#!/bin/sh\necho ${name} >> ${started}\nexec ${name} "$@"\n`)
      await chmod(join(folder, name), 0o755)
    }
    const counted = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: namedFfmpeg(counting) })
    for (const [format, target] of [
      ['wav', 'mp3'],
      ['mp3', 'flac'],
      ['m4a', 'ogg'],
      ['mp4', 'mp3'],
    ] as const) {
      const path = await mediaSource(format)
      const facts = await counted.inspect(path, never)
      const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
      const { order } = orderIn(await temporaryFolder(), { source, from: format, target, options: {}, facts })
      await counted.submit(order, () => {}, never)
      await counted.inspect(order.temp(0), never)
    }
    await counted.stop()
    expect((await readFile(started, 'utf8')).split('\n').filter(Boolean)).toEqual([
      'ffmpeg',
      'ffmpeg',
      'ffmpeg',
      // Of a film it alone sees everything: what its header says, what only its first frames say, and whether its audio has holes.
      'ffprobe',
      'ffprobe',
      'ffprobe',
      'ffmpeg',
    ])
  })
})

describe('a program that fails', () => {
  async function programIn(folder: string, script: string) {
    const program = join(folder, 'ffmpeg')
    await writeFile(program, `#!/bin/sh\n${script}\n`)
    await chmod(program, 0o755)
    return createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: namedFfmpeg(program) })
  }

  async function soundOrder(machine: LocalProvider, path: string, folder: string) {
    const facts = await machine.inspect(path, never)
    const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
    return orderIn(folder, { source, from: facts.format, target: 'mp3', options: {}, facts })
  }

  async function withProgram(script: string) {
    const folder = await temporaryFolder()
    const broken = await programIn(folder, script)
    const { order } = await soundOrder(broken, await mediaSource('wav'), folder)
    const failure = await broken
      .submit(order, () => {}, never)
      .then(
        () => null,
        (error: { failure: unknown }) => error.failure,
      )
    await broken.stop()
    expect((await readdir(folder)).filter((name) => name !== 'ffmpeg')).toEqual([])
    return failure
  }

  it('by a crash fails one job, with the signal for a reason', async () => {
    expect(await withProgram('kill -SEGV $$')).toEqual({ code: 'tool-crashed', facts: { tool: 'FFmpeg', reason: 'SIGSEGV' } })
  })

  it('by lack of an encoder names it', async () => {
    expect(await withProgram(`echo "Unknown encoder 'libmp3lame'" >&2; exit 1`)).toMatchObject({ code: 'tool-missing' })
  })

  it('by leaving nothing is not believed, and where the folder has gone that is what is said', async () => {
    const failureWith = async (script: string) => {
      const folder = join(await temporaryFolder(), 'disk')
      await mkdir(folder)
      const idle = await programIn(await temporaryFolder(), `ffmpeg "$@" && ${script.replace('FOLDER', folder)}`)
      const { order } = await soundOrder(idle, await hour(), folder)
      const told = await idle.submit(order, () => {}, never).catch((error: { failure: unknown }) => error.failure)
      await idle.stop()
      return told
    }
    expect([await failureWith('find FOLDER -type f -delete'), await failureWith('rm -r FOLDER')]).toEqual([
      { code: 'tool-failed', facts: { tool: 'FFmpeg', because: 'no-result-file' } },
      { code: 'folder-missing', facts: { path: expect.stringContaining('disk') } },
    ])
  })

  it('by a full disk names the folder', async () => {
    expect(await withProgram('echo "av_interleaved_write_frame(): No space left on device" >&2; exit 228')).toMatchObject({
      code: 'disk-full',
      facts: { path: expect.stringContaining('beside-test-') },
    })
  })
})

describe('the check of what is installed', () => {
  it('names versions', async () => {
    const well = { state: 'ok', facts: {}, why: null }
    const checks = await local.checks()
    expect(checks.slice(0, 3)).toMatchObject([
      { of: 'ffmpeg', ...well, version: expect.stringMatching(/^ffmpeg version \S+$/) },
      { of: 'ffprobe', ...well, version: expect.stringMatching(/^ffprobe version \S+$/) },
      { of: 'ffmpeg-encoders', ...well, version: null },
    ])
    // FFmpeg has been told of, and what reads pictures is what Beside is made of.
    const told = localEngines.filter(({ id }) => id === 'images' || id === 'media').map(({ title }) => title)
    const others = new Set(localEngines.map(({ title }) => title)).difference(new Set([...told, 'Beside']))
    // Which devices there are is the machine's affair.
    const engines = checks.slice(3).filter(({ of }) => of !== 'hardware')
    expect(engines).toMatchObject([...others].map((title) => ({ of: 'engine', facts: { title } })))
    expect(engines.filter(({ state, version }) => state === 'ok' && version === null)).toEqual([])
  })

  it('says which FFmpeg is used, and how old it is', async () => {
    const folder = await temporaryFolder()
    const saying = async (name: string, line: string) => {
      await mkdir(join(folder, name))
      for (const program of ['ffmpeg', 'ffprobe']) {
        await writeFile(join(folder, name, program), `#!/bin/sh\necho "${program} ${line}"\n`, { mode: 0o755 })
      }
      return join(folder, name, 'ffmpeg')
    }
    const used = async (place: FfmpegPlace) => {
      const machine = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: () => place })
      const [ffmpeg, prober] = await machine.checks()
      await machine.stop()
      return [ffmpeg?.version, prober?.version, ffmpeg?.facts]
    }
    const unsaid = await saying('unsaid', 'version 7')
    const daily = await saying('daily', 'version n9.0.2-17-g2a571b6068-20260930 Copyright (c) 2000-2026 the FFmpeg developers')
    expect([await used({ from: 'setting', path: unsaid }), await used({ from: 'fetched', path: daily })]).toEqual([
      ['ffmpeg version 7', 'ffprobe version 7', { from: 'setting', path: unsaid }],
      [
        'ffmpeg version n9.0.2-17-g2a571b6068-20260930',
        'ffprobe version n9.0.2-17-g2a571b6068-20260930',
        { from: 'fetched', released: '2026-09-30' },
      ],
    ])
    expect((await used(onPath())).at(-1)).toEqual({ from: 'path', released: expect.stringMatching(/^20\d\d/) })
  })

  it('says what to do where a program is missing', async () => {
    const lacking = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: namedFfmpeg('/nowhere/ffmpeg') })
    const checks = await lacking.checks()
    await lacking.stop()
    expect(checks.filter(({ of }) => of !== 'engine')).toMatchObject([
      { of: 'ffmpeg', state: 'missing', version: null, why: { code: 'tool-missing' } },
      { of: 'ffprobe', state: 'missing' },
    ])
    expect(checks.slice(0, 1).map((check) => describeCheck(check))).toEqual([
      { what: 'FFmpeg', found: 'FFmpeg was not found on this machine.', action: expect.stringContaining('/nowhere/ffmpeg') },
    ])
  })
})

describe('stopping', () => {
  it('ends what runs and waits for it', async () => {
    const machine = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: onPath })
    const path = await hour()
    const facts = await machine.inspect(path, never)
    const folder = await temporaryFolder()
    const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
    const { order } = orderIn(folder, { source, from: 'flac', target: 'ogg', options: {}, facts })
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const submitted = machine.submit(order, ({ done }) => done !== null && done > 0 && resolve(), never)
    submitted.catch(() => undefined)
    await begun
    await machine.stop()
    await expect(submitted).rejects.toThrow('Beside stopped')
    expect(await readdir(folder)).toEqual([])
    expect((await ffprobe(path)).streams).toHaveLength(1)
  })
})
