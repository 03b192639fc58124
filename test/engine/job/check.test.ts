import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failure, type Failure } from '../../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import { checkPart, gateTrouble, type ResultCheck } from '../../../src/main/engine/job/check.ts'
import { emptyFacts, type MediaFacts } from '../../../src/shared/media.ts'
import { temporaryFolder } from '../../support/folder.ts'

const audioTrack = { codec: 'mp3', sampleRate: 44_100, channels: 2, bitDepth: null, bitrate: 192 }
const videoTrack = { codec: 'h264', width: 640, height: 480, fps: 25 }

function facts(change: Partial<MediaFacts>): MediaFacts {
  return { ...emptyFacts('mp3', 50_000), durationMs: 10_000, ...change }
}

function trouble(change: Partial<ResultCheck>): Failure | null {
  const gate = {
    target: 'mp3',
    options: {},
    source: facts({ audio: [audioTrack] }),
    result: facts({ audio: [audioTrack] }),
    writtenMs: null,
    ...change,
  } as const
  return gateTrouble(gate)
}

describe('a result above the limit that was set', () => {
  it.each([
    ['mp3', 10],
    ['text', 10],
  ] as const)('is gone, whatever its provider says of its size: %s', async (format, bytes) => {
    const temp = join(await temporaryFolder(), 'part')
    await writeFile(temp, Buffer.alloc(2001))
    const inspect = async () => facts({ audio: [audioTrack] })
    const part = { temp, name: null, format, bytes }
    const check = (maxSize: number) =>
      checkPart({ part, options: { maxSize }, source: null, inspect, signal: new AbortController().signal })
    await expect(check(2001)).resolves.not.toThrow()
    await expect(check(2000)).rejects.toThrow(
      expect.objectContaining({ failure: failure('output-bad', { because: 'above-limit', bytes: 2001, maxBytes: 2000 }) }),
    )
    await expect(stat(temp)).rejects.toThrow('ENOENT')
  })
})

describe('the output gate', () => {
  it('lets an honest result through', () => expect(trouble({})).toBeNull())

  it('refuses an empty result', () =>
    expect(trouble({ result: facts({ bytes: 0, audio: [audioTrack] }) })).toEqual(failure('output-bad', { because: 'empty' })))

  it('refuses audio without audio', () =>
    expect(trouble({ result: facts({}) })).toEqual(failure('output-bad', { because: 'output-without-audio' })))

  it('blames the source when only a part of it could be read', () => {
    const result = facts({ audio: [audioTrack], durationMs: 3_000 })
    expect(trouble({ result })).toEqual(
      failure('source-damaged', { because: 'read-in-part', expectedSeconds: 10, actualSeconds: 3 }),
    )
  })

  it('knows that the audio of a video may end before its image', () => {
    const source = facts({ format: 'mp4', video: [videoTrack], audio: [audioTrack] })
    expect(trouble({ source, result: facts({ audio: [audioTrack], durationMs: 3_000 }) })).toBeNull()
  })

  it('believes that a source lasts longer than its header says, but not than a cut allows', () => {
    const result = facts({ audio: [audioTrack], durationMs: 20_000 })
    expect(trouble({ result })).toBeNull()
    expect(trouble({ result, options: { trimEnd: 10_000 } })).toEqual(
      failure('output-bad', { because: 'wrong-length', expectedSeconds: 10, actualSeconds: 20 }),
    )
  })

  it('holds a result against what was counted while it was written, whatever the header of the source says', () => {
    const lasting = (durationMs: number, writtenMs: number) =>
      trouble({ result: facts({ audio: [audioTrack], durationMs }), writtenMs })
    expect([lasting(3000, 3040), lasting(20_000, 20_100), lasting(400, 390)]).toEqual([null, null, null])
    expect([lasting(3000, 6000), lasting(100, 400)]).toEqual([
      failure('output-bad', { because: 'wrong-length', expectedSeconds: 6, actualSeconds: 3 }),
      failure('output-bad', { because: 'wrong-length', expectedSeconds: 0.4, actualSeconds: 0.1 }),
    ])
  })

  it('expects only what was not trimmed away', () => {
    const result = facts({ audio: [audioTrack], durationMs: 4_000 })
    expect(trouble({ result, options: { trimStart: 2_000, trimEnd: 6_000 } })).toBeNull()
  })

  it('misses a video that the source had', () => {
    const source = facts({ video: [videoTrack], audio: [audioTrack] })
    expect(trouble({ target: 'mp4', source, result: facts({ audio: [audioTrack] }) })).toEqual(
      failure('output-bad', { because: 'video-missing' }),
    )
  })

  it('misses audio that the source had', () => {
    const source = facts({ video: [videoTrack], audio: [audioTrack] })
    expect(trouble({ target: 'mp4', source, result: facts({ video: [videoTrack] }) })).toEqual(
      failure('output-bad', { because: 'audio-missing' }),
    )
  })

  it('asks for no audio in a moving GIF', () => {
    const source = facts({ video: [videoTrack], audio: [audioTrack] })
    const image = { width: 100, height: 100, pages: 20 }
    expect(trouble({ target: 'gif', source, result: facts({ format: 'gif', image }) })).toBeNull()
  })

  it('refuses an image of absurd size', () => {
    const image = { width: 10, height: 10, pages: 1 }
    const result = facts({ format: 'png', image, durationMs: null, bytes: 10 ** 9 })
    expect(trouble({ target: 'png', source: null, result })).toEqual(
      failure('output-bad', { because: 'output-too-large', bytes: 1_000_000_000 }),
    )
  })
})
