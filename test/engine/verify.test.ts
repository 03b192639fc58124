import { factsOf } from '../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import { gateTrouble, type Gate } from '../../src/main/engine/verify.ts'
import type { MediaFacts } from '../../src/shared/media.ts'

const sound = { codec: 'mp3', sampleRate: 44_100, channels: 2, bitDepth: null, bitrate: 192 }
const picture = { codec: 'h264', width: 640, height: 480, fps: 25 }

function facts(change: Partial<MediaFacts>): MediaFacts {
  const nothing = { audio: [], video: [], image: null, hasCover: false, chapters: 0 }
  return { format: 'mp3', bytes: 50_000, durationMs: 10_000, ...nothing, ...change }
}

function trouble(change: Partial<Gate>): string | null {
  const gate = {
    target: 'mp3',
    options: {},
    source: facts({ audio: [sound] }),
    result: facts({ audio: [sound] }),
    ...change,
  } as const
  const found = gateTrouble(gate)
  return found === null ? null : `${found.code}: ${factsOf(found)['reason']}`
}

describe('the output gate', () => {
  it('lets an honest result through', () => expect(trouble({})).toBeNull())

  it('refuses an empty result', () =>
    expect(trouble({ result: facts({ bytes: 0, audio: [sound] }) })).toBe('output-bad: it is empty'))

  it('refuses sound without sound', () => expect(trouble({ result: facts({}) })).toBe('output-bad: it holds no sound'))

  it('blames the source when only a part of it could be read', () => {
    const result = facts({ audio: [sound], durationMs: 3_000 })
    expect(trouble({ result })).toBe('source-damaged: only 3.0 s of 10.0 s could be read')
  })

  it('knows that the sound of a film may end before its picture, but not after', () => {
    const source = facts({ format: 'mp4', video: [picture], audio: [sound] })
    expect(trouble({ source, result: facts({ audio: [sound], durationMs: 3_000 }) })).toBeNull()
    expect(trouble({ source, result: facts({ audio: [sound], durationMs: 20_000 }) })).toMatch(/lasts 20.0 s/)
  })

  it('refuses a result that lasts too long', () => {
    const result = facts({ audio: [sound], durationMs: 20_000 })
    expect(trouble({ result })).toBe('output-bad: it lasts 20.0 s instead of 10.0 s')
  })

  it('expects only what was not trimmed away', () => {
    const result = facts({ audio: [sound], durationMs: 4_000 })
    expect(trouble({ result, options: { trimStart: 2_000, trimEnd: 6_000 } })).toBeNull()
  })

  it('misses a picture that the source had', () => {
    const source = facts({ video: [picture], audio: [sound] })
    expect(trouble({ target: 'mp4', source, result: facts({ audio: [sound] }) })).toBe('output-bad: the picture is missing')
  })

  it('misses a sound that the source had', () => {
    const source = facts({ video: [picture], audio: [sound] })
    expect(trouble({ target: 'mp4', source, result: facts({ video: [picture] }) })).toBe('output-bad: the sound is missing')
  })

  it('asks for no sound in a moving GIF', () => {
    const source = facts({ video: [picture], audio: [sound] })
    const image = { width: 100, height: 100, pages: 20 }
    expect(trouble({ target: 'gif', source, result: facts({ format: 'gif', image }) })).toBeNull()
  })

  it('refuses a picture of absurd size', () => {
    const image = { width: 10, height: 10, pages: 1 }
    const result = facts({ format: 'png', image, durationMs: null, bytes: 10 ** 9 })
    expect(trouble({ target: 'png', source: null, result })).toBe('output-bad: it is absurdly large (1000000000 bytes)')
  })
})
