import { factsOf } from '../../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import { firstGain, gainFilter, nextGain, readLoudness } from '../../../src/main/providers/local/media/loudness.ts'
import { readProgress, type FfmpegProgress, failureOf } from '../../../src/main/providers/local/media/ffmpeg.ts'
import { createStages } from '../../../src/main/providers/local/media/stages.ts'
import { fakeClock } from '../../support/clock.ts'

describe('progress', () => {
  it('is read in whatever pieces it comes', () => {
    const seen: FfmpegProgress[] = []
    const read = readProgress((progress) => seen.push(progress))
    for (const piece of [
      'out_time_us=N/A\ntotal_size=0\nprog',
      'ress=continue\nframe=12\nout_ti',
      'me_us=1500000\ntotal_size=42\nprogress=end\n',
    ]) {
      read(Buffer.from(piece))
    }
    expect(seen).toEqual([
      { outMs: null, frames: 0, bytes: 0 },
      { outMs: 1500, frames: 12, bytes: 42 },
    ])
  })

  it('of several passes is one figure that only grows, with the time left and the speed of the pass', () => {
    const clock = fakeClock()
    const seen: (number | null | undefined)[][] = []
    const stages = createStages(10_000, clock, ({ done, leftMs, speed }) => seen.push([done, leftMs, speed?.value]))
    const measuring = stages.next('measuring-loudness', 0.25)
    clock.advance(1000)
    measuring({ outMs: 5000, frames: 0, bytes: 0 })
    const converting = stages.next('converting', 1)
    clock.advance(4000)
    converting({ outMs: 3333.333_333_333_333, frames: 0, bytes: 0 })
    converting({ outMs: 10_500, frames: 0, bytes: 0 })
    expect(seen).toEqual([
      [0, null, undefined],
      [0.125, 7000, 5],
      [0.25, null, undefined],
      [0.5, 5000, expect.closeTo(0.83, 2)],
      [1, 0, 2.625],
    ])
  })

  it('is not invented where nobody knows how long it takes', () => {
    const seen: unknown[] = []
    createStages(null, fakeClock(), (report) => seen.push(report)).next('converting', 1)({ outMs: 5000, frames: 0, bytes: 0 })
    expect(seen).toEqual([{ stage: 'converting', done: null, leftMs: null }])
  })
})

const summary = (i: string, peak: string): string => `
    title           : I: -5.0 LUFS
[Parsed_ebur128_0 @ 0x55ec2f361700] Summary:

  Integrated loudness:
    I:         ${i} LUFS
    Threshold: -41.8 LUFS

  Loudness range:
    LRA:         4.2 LU
    Threshold: -51.8 LUFS
    LRA low:   -31.8 LUFS
    LRA high:  -31.8 LUFS

  True peak:
    Peak:      ${peak} dBFS
`

describe('loudness', () => {
  it('is read from the summary, not from tags that look like it', () =>
    expect(readLoudness(summary('-31.8', '-12.1'))).toEqual({ integrated: -31.8, peak: -12.1, range: 4.2 }))

  it('is unknown where there is no summary', () => expect(readLoudness('Conversion failed!')).toBeNull())

  const measured = { integrated: -20, peak: -8 }

  it('is changed by one amount where no peak gets over the ceiling', () => {
    expect(firstGain(measured, {})).toEqual({ decibels: 4, ceiling: null })
    expect(gainFilter({ decibels: 4, ceiling: null })).toBe('volume=4.00dB')
    expect(firstGain(measured, { loudness: -23 })).toEqual({ decibels: -3, ceiling: null })
  })

  it('is limited where one would', () => {
    expect(firstGain(measured, { truePeak: -5 })).toEqual({ decibels: 4, ceiling: -5.5 })
    expect(gainFilter({ decibels: 4, ceiling: -6 })).toBe(
      'volume=4.00dB,aformat=sample_rates=192000,alimiter=limit=0.5012:level=false:attack=5:release=100',
    )
  })

  it('is corrected by what the limiter takes away, until it is near enough', () => {
    const gain = { decibels: 10, ceiling: -2 }
    expect(nextGain(gain, { integrated: -18.5, peak: -2 }, {})).toEqual({ decibels: 12.5, ceiling: -2 })
    expect(nextGain(gain, { integrated: -16.5, peak: -1 }, {})).toEqual({ decibels: 10.5, ceiling: -2.5 })
    expect(nextGain(gain, { integrated: -16.4, peak: -2 }, {})).toBe(gain)
  })

  it('of silence stays silence', () => {
    expect(firstGain(readLoudness(summary('-70.0', '-inf')) ?? measured, {})).toBeNull()
  })
})

describe('a failure of FFmpeg', () => {
  const failed = (errors: string, code: number | null = 1, signal: string | null = null) =>
    failureOf('/usr/bin/ffmpeg', { code, signal, errors }, ['/home/me/song.mp3', '/home/me/.part']).failure

  it.each([
    [
      '[mov,mp4 @ 0x55fb5d58c940] moov atom not found\nfile:/home/me/song.mp3: Invalid data found when processing input',
      'source-damaged',
      'moov atom not found',
    ],
    [
      'av_interleaved_write_frame(): No space left on device',
      'disk-full',
      'av_interleaved_write_frame(): No space left on device',
    ],
    ['[libx264 @ 0x1] malloc of size 99 failed\nCannot allocate memory', 'tool-memory', 'Cannot allocate memory'],
    ['something nobody has seen yet\nConversion failed!', 'tool-failed', 'something nobody has seen yet'],
  ])('says what it means: %s', (errors, code, reason) =>
    expect(failed(errors)).toEqual({ code, facts: { tool: 'FFmpeg', reason } }),
  )

  it('says how it ended where it printed nothing', () => {
    expect(failed('')).toEqual({ code: 'tool-failed', facts: { tool: 'FFmpeg', because: 'exit-status', status: 1 } })
  })

  it('names what is not installed', () => {
    expect(failed("Unknown encoder 'libmp3lame'")).toEqual({
      code: 'tool-missing',
      facts: { because: 'feature-missing', program: 'FFmpeg', reason: "Unknown encoder 'libmp3lame'" },
    })
  })

  it('tells a crash from an error, on Windows too', () => {
    expect(failed('decoding\n', null, 'SIGSEGV')).toEqual({
      code: 'tool-crashed',
      facts: { tool: 'FFmpeg', reason: 'SIGSEGV: decoding' },
    })
    expect(failed('', 0xc000_0005).code).toBe('tool-crashed')
  })

  it('gives reasons of bounded length without paths and addresses', () => {
    expect(factsOf(failed(`file:/home/me/song.mp3: ${'x'.repeat(500)}`))['reason']).toBe('x'.repeat(200))
    expect(factsOf(failed("[out#0 @ 0x1] File 'file:/home/me/.part' already exists. Exiting."))['reason']).toBe(
      'File the file already exists. Exiting.',
    )
  })
})
