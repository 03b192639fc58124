import { describe, expect, it } from 'vitest'
import { plainRule, type Sighting, type SightingState } from '../../../src/shared/folders.ts'
import { asksAboutOldFiles, withLines } from '../../../src/renderer/folders/folder-queries.ts'

function sighting(id: number, state: SightingState = 'done', name = `take ${id}.wav`): Sighting {
  const at = { bytes: 1, mtimeMs: 1, seenAtMs: 1, sinceMs: id, version: 1, attempts: 0, dueAtMs: null }
  return { id, folderId: 1, path: `/music/${name}`, state, why: { code: 'converted', facts: {} }, gone: false, jobs: [], ...at }
}

function pages(...ids: readonly (readonly number[])[]) {
  return {
    pages: ids.map((each) => ({ sightings: each.map((id) => sighting(id)), next: null })),
    pageParams: ids.map(() => null),
  }
}

describe('lines of the ledger that change while they are looked at', () => {
  const all = { folderId: 1, states: [], text: '' }

  it('stay where they are, with what is new about them', () => {
    const { pages: now } = withLines(pages([9, 8], [7, 6]), [sighting(7, 'failed')], all)
    expect(now.map(({ sightings }) => sightings.map(({ id, state }) => [id, state]))).toEqual([
      [
        [9, 'done'],
        [8, 'done'],
      ],
      [
        [7, 'failed'],
        [6, 'done'],
      ],
    ])
  })

  it('come first where they are new, the last one before the others, and only where they fit what is asked for', () => {
    const came = [sighting(10), sighting(11, 'failed'), sighting(12, 'done', 'Talk.wav')]
    const ids = (query: Parameters<typeof withLines>[2]) =>
      withLines(pages([9]), came, query).pages.flatMap(({ sightings }) => sightings.map(({ id }) => id))
    expect([ids(all), ids({ ...all, states: ['failed'] }), ids({ ...all, text: 'TALK' })]).toEqual([
      [12, 11, 10, 9],
      [11, 9],
      [12, 9],
    ])
  })
})

describe('a rule that is changed', () => {
  const rule = plainRule('/music', [{ target: 'mp3', preset: null, options: {} }])

  it.each([
    ['what files become', { outputs: [{ target: 'flac' as const, preset: null, options: {} }] }, true],
    ['which files it takes', { include: ['*.wav'] }, true],
    ['where results go', { out: '/out' }, true],
    ['hours', { schedule: [{ days: [1], fromMinute: 0, toMinute: 60 }] }, false],
    ['the cap', { spend: { cap: 3, per: 'day' as const } }, false],
    ['nothing', {}, false],
  ])('asks what old files count for only where they could come out differently: %s', (_, change, asks) => {
    expect(asksAboutOldFiles(rule, { ...rule, ...change })).toBe(asks)
  })
})
