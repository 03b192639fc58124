import { describe, expect, it } from 'vitest'
import { wordsIn, wordsToFind } from '../../src/main/store/words.ts'
import type { Store } from '../../src/main/store/store.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { finishedAt, finishNext, queued, temporaryStore } from '../support/stored.ts'

/** Names of the finished files that a search finds, oldest first. */
function found(store: Store, text: string): readonly string[] {
  const { jobs } = store.history.page({ text }, null, 1000)
  return jobs
    .map(({ order: { source } }) => (source.kind === 'file' ? source.path.replace('/music/', '') : source.url))
    .toReversed()
}

async function finished(names: readonly string[]): Promise<Store> {
  const store = await temporaryStore()
  queued(
    store,
    names.map((name) => draftOf(name)),
  )
  names.forEach((_, index) => finishNext(store, startMs + index))
  return store
}

describe('searching the history', () => {
  it('finds a job by the beginning of any word of its name, at underscores, dots and dashes too', async () => {
    const store = await finished(['IMG_1234.final.jpg', 'talk-to-me.wav', 'Überraschung.wav'])
    for (const text of ['img', 'IMG_1234', '123', '.FINAL', 'fin jpg', 'i', 'final.jpg'])
      expect([text, found(store, text)]).toEqual([text, ['IMG_1234.final.jpg']])
    for (const text of ['talk', 'to me', 'ME', 'talk-to-me.wav'])
      expect([text, found(store, text)]).toEqual([text, ['talk-to-me.wav']])
    for (const text of ['uber', 'ÜBER', 'U\u0308berrasch', 'überraschung'])
      expect([text, found(store, text)]).toEqual([text, ['Überraschung.wav']])
    expect(found(store, '234')).toEqual([])
  })

  it('wants every word to be there', async () => {
    const store = await finished(['red apple.wav', 'green apple.wav', 'green pear.wav'])
    expect([found(store, 'apple green'), found(store, 'gre ap'), found(store, 'red pear')]).toEqual([
      ['green apple.wav'],
      ['green apple.wav'],
      [],
    ])
  })

  it('finds words of any length by any beginning', async () => {
    const store = await finished(['antidisestablishmentarianism.wav', 'antidote.wav'])
    const word = 'antidisestablishmentarianism'
    for (let length = 6; length <= word.length; length += 1) expect(found(store, word.slice(0, length))).toEqual([`${word}.wav`])
    expect(found(store, 'antid')).toHaveLength(2)
    expect(found(store, `${word}s`)).toEqual([])
  })

  it('finds a long beginning that very many words share', async () => {
    const store = await temporaryStore()
    const names = Array.from({ length: 200 }, (_, index) => `scan${String(index).padStart(4, '0')}.tif`)
    queued(
      store,
      names.map((name) => draftOf(name)),
    )
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 1000)
    expect([found(store, 'scan0').length, found(store, 'scan01').length, found(store, 'scan0199')]).toEqual([
      200,
      100,
      ['scan0199.tif'],
    ])
  })

  it('finds parts of names in scripts that are written without blanks', async () => {
    const store = await finished(['東京都写真2024.jpg', '京都.jpg', '서울여행.wav', 'ภาพถ่าย.png'])
    expect([found(store, '東京'), found(store, '京都'), found(store, '写真'), found(store, '都'), found(store, '真')]).toEqual([
      ['東京都写真2024.jpg'],
      ['東京都写真2024.jpg', '京都.jpg'],
      ['東京都写真2024.jpg'],
      ['東京都写真2024.jpg', '京都.jpg'],
      ['東京都写真2024.jpg'],
    ])
    expect([found(store, '여행'), found(store, 'ถ่าย'), found(store, '2024 東京'), found(store, '都京')]).toEqual([
      ['서울여행.wav'],
      ['ภาพถ่าย.png'],
      ['東京都写真2024.jpg'],
      [],
    ])
  })

  it('takes what is typed as text, never as a query language', async () => {
    const store = await finished(['near and or not.wav', '"quoted" * (x).wav', 'plain.wav'])
    const all = 3
    for (const text of ['"', '*', '-', '(', 'words:', '^', '¤', "' OR 1=1 --"]) expect(() => found(store, text)).not.toThrow()
    expect([found(store, 'NEAR'), found(store, 'and OR not'), found(store, 'NOT plain'), found(store, '"quo')]).toEqual([
      ['near and or not.wav'],
      ['near and or not.wav'],
      [],
      ['"quoted" * (x).wav'],
    ])
    expect([found(store, '*').length, found(store, '¤outcome¤done').length, found(store, 'outcome').length]).toEqual([all, 0, 0])
  })

  it('looks at folders, formats, the provider, results and failures in words', async () => {
    const store = await temporaryStore()
    queued(store, [
      draftOf('a.wav', { order: { target: 'flac', folder: '/Volumes/Archive' } }),
      draftOf('b.wav', { provider: 'converter-app' }),
      draftOf('c.wav', { order: { source: { kind: 'url', url: 'https://example.org/sound/file.wav?x=1' } } }),
      draftOf('d.wav'),
    ])
    finishNext(store, startMs, [{ path: '/Volumes/Archive/renamed.flac', bytes: 1, mtimeMs: 1 }])
    finishNext(store, startMs)
    finishNext(store, startMs)
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(4, { type: 'fail', atMs: startMs, why: { code: 'source-damaged', facts: { reason: 'moov atom missing' } } })
    const ids = (text: string) => store.history.page({ text }, null, 10).jobs.map(({ id }) => id)
    expect(['archive', 'flac', 'renamed', 'converter-app', 'example.org', 'damaged moov', 'wav', 'mp3'].map(ids)).toEqual([
      [1],
      [1],
      [1],
      [2],
      [3],
      [4],
      [4, 3, 2, 1],
      [4, 3, 2],
    ])
  })

  it('finds what has finished a moment ago, and no longer what came back into the queue', async () => {
    const store = await temporaryStore()
    queued(store, numbered(600))
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 599)
    expect([found(store, 'take 599').length, found(store, 'take').length]).toEqual([1, 599])
    finishNext(store, startMs + 1)
    expect(found(store, 'take 600')).toEqual(['take 600.wav'])
    for (const id of [1, 599]) store.jobs.apply(id, { type: 'retry' })
    expect([found(store, 'take 599'), found(store, 'take').length]).toEqual([[], 598])
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(1, finishedAt(startMs + 2))
    expect(found(store, 'take').length).toBe(599)
  })

  it('finds a job by its new words alone when it finishes a second time in the same moment', async () => {
    const store = await temporaryStore()
    queued(store, [draftOf('take.wav')])
    const why = { code: 'tool-failed', facts: { tool: 'Encoder' } } as const
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(1, { type: 'fail', atMs: startMs, why })
    expect(found(store, 'encoder')).toEqual(['take.wav'])
    store.jobs.apply(1, { type: 'retry' })
    finishNext(store, startMs)
    expect([found(store, 'encoder'), found(store, 'take')]).toEqual([[], ['take.wav']])
  })

  it('stays quick to ask and right for the longest text that may be typed', async () => {
    const store = await finished(['some long name.wav', 'other.wav'])
    expect(found(store, 'some long '.repeat(50))).toEqual(['some long name.wav'])
    expect(found(store, 'x'.repeat(500))).toEqual([])
  })
})

describe('words', () => {
  it('are the same on both sides', () => {
    expect(wordsIn('Ünïcode ﬁle, ES-335 東京都!')).toEqual(['unicode', 'file', 'es', '335', '東京', '京都', '都'])
    expect(wordsToFind('Ünïcode 東京都 東 ünicode')).toEqual(['unicode', '東京', '京都', '東'])
  })

  it('are cut where they are too long, so that a long name is still found', async () => {
    const name = `${'é'.repeat(80)}.wav`
    const store = await finished([name])
    expect([found(store, 'é'.repeat(80)), found(store, 'e'.repeat(70))]).toEqual([[name], [name]])
  })
})
