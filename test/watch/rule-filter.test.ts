import { describe, expect, it } from 'vitest'
import { filterOf, type Verdict } from '../../src/main/watch/rule-filter.ts'
import { plainRule, type Rule } from '../../src/shared/folders.ts'
import { type FormatId, factsOf } from '../../src/shared/formats.ts'

const nowMs = 1_800_000_000_000
const rule = plainRule('/in', [{ target: 'mp3', preset: null, options: {} }])
const isHeard = (format: FormatId) => ['audio', 'video'].includes(factsOf(format).family)

function verdict(path: string, change: Partial<Rule> = {}, file: { bytes?: number; ageMs?: number } = {}): string {
  const filter = filterOf({ ...rule, ...change }, ['mp3'], isHeard)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return inWord(filter.check({ path, name, bytes: file.bytes ?? 1000, mtimeMs: nowMs - (file.ageMs ?? 5000) }, nowMs))
}

function inWord(said: Verdict): string {
  return said.kind === 'take' ? 'take' : said.why.code
}

describe('a rule', () => {
  it.each<[says: string, path: string, change: Partial<Rule>, file?: { bytes?: number; ageMs?: number }]>([
    ['take', 'a.wav', {}],
    ['pair-unsupported', 'a.txt', {}],
    ['source-unknown', 'a.xyz', {}],
    ['take', 'a.xyz', { include: ['*.xyz'] }],
    ['take', 'without ending', {}],
    ['already-target', 'a.mp3', {}],
    ['take', 'a.mp3', { out: '/out' }],
    ['not-included', 'a.wav', { include: ['*.flac'] }],
    ['take', 'A.FLAC', { include: ['*.flac'] }],
    ['take', 'new/a.wav', { include: ['new/*'] }],
    ['not-included', 'old/a.wav', { include: ['new/*'] }],
    ['excluded', 'a draft.wav', { exclude: ['*draft*'] }],
    ['excluded', 'a draft.wav', { include: ['*.wav'], exclude: ['*draft*'] }],
    ['other-kind', 'a.mp4', { kinds: ['audio'] }],
    ['take', 'a.mp4', { kinds: ['audio', 'mp4'] }],
    ['take', 'a.mp4', { kinds: ['video'] }],
    ['empty', 'a.wav', {}, { bytes: 0 }],
    ['too-small', 'a.wav', { size: { minBytes: 1001, maxBytes: null } }],
    ['too-big', 'a.wav', { size: { minBytes: null, maxBytes: 999 } }],
    ['too-young', 'a.wav', { age: { minMs: 6000, maxMs: null } }],
    ['too-old', 'a.wav', { age: { minMs: null, maxMs: 4000 } }],
    ['partial-name', 'a.wav.part', { include: ['*.part'] }],
  ])('says %s of %s', (says, path, change, file) => expect(verdict(path, change, file)).toBe(says))

  it('says when a young file is old enough', () => {
    const filter = filterOf({ ...rule, age: { minMs: 6000, maxMs: null } }, ['mp3'], isHeard)
    expect(filter.check({ path: 'a.wav', name: 'a.wav', bytes: 1, mtimeMs: nowMs - 5000 }, nowMs)).toMatchObject({
      kind: 'later',
      dueAtMs: nowMs + 1000,
    })
  })
})
