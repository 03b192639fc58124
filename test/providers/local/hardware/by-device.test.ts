import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createLocal, type LocalProvider } from '../../../../src/main/providers/local/local.ts'
import { driversOf } from '../../../../src/main/providers/local/media/hardware/drivers.ts'
import type { HardwarePorts } from '../../../../src/main/providers/local/media/hardware/hardware.ts'
import { systemClock } from '../../../../src/main/system.ts'
import { describe as inWords, describeCheck, noteText } from '../../../../src/shared/describe.ts'
import { toFailure } from '../../../../src/shared/failure.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import type { Part } from '../../../../src/shared/job.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { deviceFfmpeg, type DeviceFfmpeg } from '../../../support/device-ffmpeg.ts'
import { namedFfmpeg } from '../../../support/ffmpeg-place.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { testLog } from '../../../support/log.ts'
import { ffprobe, ownSource } from '../../../support/media.ts'
import { processes } from '../../../support/processes.ts'
import { orderIn } from '../../../support/order.ts'
import { leavesNothingOpen } from '../../../support/quiet.ts'
import { never } from '../machine.ts'

leavesNothingOpen()
const started: LocalProvider[] = []
afterAll(async () => void (await Promise.all(started.map(async (local) => await local.stop()))))

const film = async (name = 'film.mov', seconds = 2, more: readonly string[] = []) =>
  await ownSource(name, [
    ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${seconds}`],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`],
    ...['-c:v', 'mjpeg', '-q:v', '3', '-c:a', 'pcm_s16le', ...more],
  ])

const deepFilm = async () =>
  await ownSource('deep.mkv', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1,format=yuv422p10le'],
    ...['-c:v', 'ffv1', '-pix_fmt', 'yuv422p10le'],
  ])

interface Machine {
  readonly local: LocalProvider
  /** Answers with the part; throws what the provider threw. */
  convert(path: string, target: FormatId, options: Options, signal?: AbortSignal): Promise<Part>
}

interface Kept {
  readonly memory: HardwarePorts['memory']
  readonly root: string
}

function remembering(): HardwarePorts['memory'] {
  let json = 'null'
  return { read: () => JSON.parse(json) as unknown, write: (value) => void (json = JSON.stringify(value)) }
}

async function machineWith(ffmpeg: DeviceFfmpeg, kept: Partial<Kept> = {}): Promise<Machine> {
  const { memory = remembering(), root = await temporaryFolder() } = kept
  const local = createLocal({
    ...{ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: namedFfmpeg(ffmpeg.path) },
    ...{ memory, drivers: driversOf(root) },
  })
  started.push(local)
  return {
    local,
    convert: async (path, target, options, signal = never) => {
      const facts = await local.inspect(path, never)
      const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
      const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options, facts })
      const submitted = await local.submit(order, () => {}, signal)
      if (submitted.kind !== 'converted' || submitted.parts[0] === undefined) throw new Error('no parts')
      return submitted.parts[0]
    },
  }
}

const failureIn = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: unknown) => toFailure(error),
  )

const fast = { videoCodec: 'h264', speed: 'fast' } as const
const hard = { videoCodec: 'h264', encoder: 'hardware' } as const

describe('a device', () => {
  it('is used with speed where it works, and the result names it', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await film(), 'mp4', fast)
    const { streams } = await ffprobe(part.temp)
    expect({ by: part.by, said: part.said, codecs: streams.map(({ codec_name }) => codec_name), asked: ffmpeg.asked() }).toEqual({
      by: 'FFmpeg, NVENC',
      said: undefined,
      codecs: ['h264', 'aac'],
      asked: ['trial h264_nvenc', 'film h264_nvenc'],
    })
  })

  it('that FFmpeg knows by name and that refuses is not used', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'refuses', h264_vaapi: 'refuses' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await film(), 'mp4', fast)
    expect({ by: part.by, said: part.said, asked: ffmpeg.asked() }).toEqual({
      by: undefined,
      said: undefined,
      asked: ['trial h264_nvenc', 'trial h264_vaapi'],
    })
  })

  it('is the next one where the first refuses', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'refuses', h264_vaapi: 'works' })
    const { convert } = await machineWith(ffmpeg)
    expect((await convert(await film(), 'mp4', fast)).by).toBe('FFmpeg, VA-API')
  })

  it.each([
    ['in software', { videoCodec: 'h264', encoder: 'software', speed: 'fast' }],
    ['that is in no hurry', { videoCodec: 'h264' }],
    ['that has to fit', { videoCodec: 'h264', speed: 'fast', maxSize: 90_000 }],
  ] as const)('is not even tried for a film %s', async (_, options) => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await film(), 'mkv', options)
    expect([part.by, ffmpeg.asked()]).toEqual([undefined, []])
  })

  it('is not tried for a picture that is copied', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const source = await ownSource('copied.mkv', [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
    ])
    const parts = [await convert(source, 'mp4', { encoder: 'hardware' }), await convert(source, 'mp4', { speed: 'fast' })]
    expect([parts.map(({ by }) => by), ffmpeg.asked()]).toEqual([[undefined, undefined], []])
  })

  it('meets a size by its own bitrate where it is asked for', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await film(), 'mp4', { ...hard, maxSize: 90_000 })
    expect([part.by, part.bytes <= 90_000, (await stat(part.temp)).size]).toEqual(['FFmpeg, NVENC', true, part.bytes])
  })
})

describe('what came of a trial', () => {
  it('is remembered by the next run, until FFmpeg or a driver changes', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'refuses' })
    const kept = { memory: remembering(), root: await temporaryFolder() }
    const path = await film()
    const next = async () => {
      const { convert } = await machineWith(ffmpeg, kept)
      await convert(path, 'mp4', fast)
      return ffmpeg.asked().length
    }
    const counts = [await next(), await next()]
    ffmpeg.renew()
    counts.push(await next(), await next())
    await mkdir(join(kept.root, 'sys/module/nvidia'), { recursive: true })
    await writeFile(join(kept.root, 'sys/module/nvidia/version'), '555.42\n')
    counts.push(await next(), await next())
    expect(counts).toEqual([1, 1, 2, 2, 3, 3])
  })

  it('is found out once by several who want to know', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const path = await film()
    await Promise.all([convert(path, 'mp4', fast), convert(path, 'mp4', fast), convert(path, 'mp4', fast)])
    expect(ffmpeg.asked().filter((each) => each.startsWith('trial'))).toEqual(['trial h264_nvenc'])
  })

  it('that nobody can read is found out again', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg, { memory: { read: () => ({ trials: 'all' }), write: () => {} } })
    expect((await convert(await film(), 'mp4', fast)).by).toBe('FFmpeg, NVENC')
  })

  it('is told by the check of what is installed, which tries again', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'refuses', hevc_vaapi: 'shallow', h264_vaapi: 'works' })
    const { local, convert } = await machineWith(ffmpeg)
    const shown = async () =>
      (await local.checks()).flatMap((check) => {
        if (check.of !== 'hardware') return []
        const { what, found } = describeCheck(check)
        return [`${what}: ${found}`]
      })
    const before = await shown()
    ffmpeg.behave({ h264_nvenc: 'works', hevc_vaapi: 'works', h264_vaapi: 'works' })
    const after = await shown()
    expect({ before, after, by: (await convert(await film(), 'mp4', fast)).by }).toEqual({
      before: ['Hardware encoder NVENC: not available: Cannot load libcuda.so.1', 'Hardware encoder VA-API: H.264, H.265'],
      after: ['Hardware encoder NVENC: H.264', 'Hardware encoder VA-API: H.264, H.265 (10-bit too)'],
      by: 'FFmpeg, NVENC',
    })
  })
})

describe('a trial', () => {
  it('that stands still holds up nobody who cancels, and ends with the provider', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'hangs' })
    const { local, convert } = await machineWith(ffmpeg)
    const cancel = new AbortController()
    const converting = convert(await film(), 'mp4', fast, cancel.signal).catch((thrown: unknown) => thrown)
    while (ffmpeg.asked().length === 0) await new Promise((resolve) => setImmediate(resolve))
    cancel.abort('cancel')
    const thrown = await converting
    await local.stop()
    expect([thrown, processes().filter(({ line }) => line.includes('sleep 1000'))]).toEqual(['cancel', []])
  })

  it('that had no room, or that broke off, is no refusal for ever', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'busy' })
    const kept = { memory: remembering(), root: await temporaryFolder() }
    const path = await film()
    const made: (string | undefined)[] = []
    for (const behaviour of ['busy', 'crashes', 'works'] as const) {
      ffmpeg.behave({ h264_nvenc: behaviour })
      const { convert } = await machineWith(ffmpeg, kept)
      made.push((await convert(path, 'mp4', fast)).by)
    }
    expect(made).toEqual([undefined, undefined, 'FFmpeg, NVENC'])
  })
})

describe('a device that is asked for', () => {
  it('and does not work is refused before anything is written, with why', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'refuses', h264_qsv: 'refuses' })
    const { convert } = await machineWith(ffmpeg)
    const why = await failureIn(convert(await film(), 'mp4', hard))
    expect(why).toMatchObject({ code: 'tool-missing', facts: { because: 'hardware-missing', encoder: 'h264' } })
    expect(why === null ? '' : inWords(why).message).toContain(
      'no hardware encoder for h264 works on this machine (NVENC: Cannot load libcuda.so.1; Quick Sync: Cannot load libcuda.so.1)',
    )
  })

  it('and has 8 bits leaves a film of 10 to software, with a note', async () => {
    const ffmpeg = await deviceFfmpeg({ hevc_nvenc: 'shallow' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await deepFilm(), 'mkv', { videoCodec: 'h265', encoder: 'hardware' })
    const { streams } = await ffprobe(part.temp)
    expect([part.by, part.said, streams[0]?.pix_fmt]).toEqual([undefined, [{ code: 'hardware-not-depth' }], 'yuv420p10le'])
  })

  it('and has 10 bits keeps them', async () => {
    const ffmpeg = await deviceFfmpeg({ hevc_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await deepFilm(), 'mkv', { videoCodec: 'h265', encoder: 'hardware' })
    const { streams } = await ffprobe(part.temp)
    expect([part.by, part.said, streams[0]?.pix_fmt]).toEqual(['FFmpeg, NVENC', undefined, 'yuv420p10le'])
  })

  it('leaves HDR to software, with a note', async () => {
    const ffmpeg = await deviceFfmpeg({ hevc_nvenc: 'works' })
    const { convert } = await machineWith(ffmpeg)
    const hdr = await ownSource('hdr.mkv', [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1,format=yuv420p10le'],
      ...['-c:v', 'ffv1', '-color_trc', 'smpte2084', '-color_primaries', 'bt2020', '-colorspace', 'bt2020nc'],
    ])
    const part = await convert(hdr, 'mp4', { encoder: 'hardware' })
    expect([part.by, part.said, ffmpeg.asked()]).toEqual([undefined, [{ code: 'hardware-not-hdr' }], []])
  })
})

describe('a device that fails on the way', () => {
  it.each([fast, hard])('leaves the film to software, with a note of what and why: %o', async (options) => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'dies' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await film(), 'mp4', options)
    const software = await convert(await film(), 'mp4', { ...options, encoder: 'software' })
    const reason = 'EncodePicture failed!: unknown error (20): internal error'
    expect({ by: part.by, said: part.said, bytes: part.bytes, left: await readdir(dirname(part.temp)) }).toEqual({
      by: undefined,
      said: [{ code: 'hardware-failed', device: 'NVENC', reason }],
      bytes: software.bytes,
      left: ['.beside-abcdef-1.0.part'],
    })
    expect(noteText({ what: 'said', code: 'hardware-failed', device: 'NVENC', reason })).toBe(
      `NVENC failed, so it was encoded in software (${reason})`,
    )
  })

  it('three times in a row is left alone, until somebody has it checked', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'dies' })
    const { local, convert } = await machineWith(ffmpeg)
    const path = await film()
    for (let n = 0; n < 3; n += 1) await convert(path, 'mp4', fast)
    const films = () => ffmpeg.asked().filter((each) => each.startsWith('film')).length
    const said = [(await convert(path, 'mp4', fast)).said, (await convert(path, 'mp4', hard)).said]
    const before = films()
    ffmpeg.behave({ h264_nvenc: 'works' })
    await local.checks()
    const by = (await convert(path, 'mp4', fast)).by
    expect({ said, before, by, after: films() }).toMatchObject({
      said: [undefined, [{ code: 'hardware-failed', device: 'NVENC' }]],
      before: 3,
      by: 'FFmpeg, NVENC',
      after: 4,
    })
  })

  it('while a size is to be met leaves all of it to software', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'dies' })
    const { convert } = await machineWith(ffmpeg)
    const part = await convert(await film(), 'mp4', { ...hard, maxSize: 90_000 })
    expect([part.said?.map(({ code }) => code), part.bytes <= 90_000]).toEqual([['hardware-failed'], true])
  })

  it('because the disk is full says that', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'full' })
    const { convert } = await machineWith(ffmpeg)
    const why = await failureIn(convert(await film(), 'mp4', fast))
    expect([why?.code, ffmpeg.asked()]).toEqual(['disk-full', ['trial h264_nvenc', 'film h264_nvenc']])
  })

  it('because it was cancelled is cancelled, and nothing is left', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'waits' })
    const { local } = await machineWith(ffmpeg)
    const path = await film('long.mov', 60, ['-s', '256x144'])
    const facts = await local.inspect(path, never)
    const folder = await temporaryFolder()
    const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
    const { order } = orderIn(folder, { source, from: facts.format, target: 'mp4', options: fast, facts })
    const cancel = new AbortController()
    const report = ({ done }: { readonly done: number | null }) => {
      if (done !== null && done > 0) cancel.abort('cancel')
    }
    const error: unknown = await local.submit(order, report, cancel.signal).catch((thrown: unknown) => thrown)
    expect([error, await readdir(folder), ffmpeg.asked()]).toEqual(['cancel', [], ['trial h264_nvenc', 'film h264_nvenc']])
  })

  it('over a source that software cannot read either is not to blame', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'dies' })
    const { local, convert } = await machineWith(ffmpeg)
    const good = await film()
    const facts = await local.inspect(good, never)
    const folder = await temporaryFolder()
    const path = join(folder, 'broken.mov')
    await writeFile(path, Buffer.alloc(facts.bytes, 7))
    const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
    const codes: (string | undefined)[] = []
    for (let n = 0; n < 4; n += 1) {
      const { order } = orderIn(await temporaryFolder(), { source, from: 'mov', target: 'mp4', options: fast, facts })
      codes.push((await failureIn(local.submit(order, () => {}, never)))?.code)
    }
    ffmpeg.behave({ h264_nvenc: 'works' })
    expect([codes, (await convert(good, 'mp4', fast)).by]).toEqual([codes.map(() => 'source-damaged'), 'FFmpeg, NVENC'])
  })
})

describe('the lane of devices', () => {
  const laneFor = ({ local }: Machine, options: Options, target: FormatId = 'mp4') =>
    local.lane('mov', target, 'video', 1e6, options)

  it('is for what a device is known to do, and for what is asked of one', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const machine = await machineWith(ffmpeg)
    const lanes = () =>
      [
        {},
        { speed: 'fast' },
        { encoder: 'hardware' },
        { encoder: 'software', speed: 'fast' },
        { speed: 'fast', maxSize: 1e6 },
      ].map((options) => laneFor(machine, options as Options))
    const before = lanes()
    await machine.convert(await film(), 'mp4', fast)
    expect([before, lanes(), laneFor(machine, { encoder: 'hardware' }, 'gif')]).toEqual([
      ['local:video', 'local:video', 'local:hardware', 'local:video', 'local:video'],
      ['local:video', 'local:hardware', 'local:hardware', 'local:video', 'local:video'],
      'local:video',
    ])
  })

  it('is as wide as the device that works', async () => {
    const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
    const { local, convert } = await machineWith(ffmpeg)
    const before = [local.automatic.hardware, local.concurrency['local:hardware']]
    await convert(await film(), 'mp4', fast)
    expect([before, local.automatic.hardware, local.concurrency['local:hardware']]).toEqual([[2, 2], 3, 3])
  })
})
