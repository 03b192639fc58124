import { describe, expect, it } from 'vitest'
import { comparisonOf } from '../../../src/renderer/compare/compared.ts'
import { frameMsOf, kindsOf, movesFor } from '../../../src/renderer/compare/kinds.ts'
import { loudnessVerdict } from '../../../src/renderer/compare/loudness.ts'
import type { Job } from '../../../src/shared/job.ts'
import { emptyFacts, type MediaFacts } from '../../../src/shared/media.ts'

const source = { kind: 'file', path: '/home/a/film.mkv', bytes: 1, mtimeMs: 0 } as const
function done(order: object, outputs: readonly string[], archivedTo: string | null = null): Job {
  return {
    id: 7,
    order: { source, from: 'mkv', target: 'mp4', options: {}, afterwards: 'keep', ...order },
    state: { phase: 'done', outputs: outputs.map((path) => ({ path, bytes: 1, mtimeMs: 0 })), archivedTo },
  } as unknown as Job
}

const stream = { codec: 'h264', width: 64, height: 48, fps: 50 } as MediaFacts['video'][number]
const audio = { codec: 'aac', sampleRate: 48_000, channels: 2, bitDepth: null, bitrate: null }
const film: MediaFacts = { ...emptyFacts('mkv', 1), durationMs: 60_000, video: [stream], audio: [audio] }
const song: MediaFacts = { ...emptyFacts('mp3', 1), durationMs: 60_000, audio: [audio] }
const photo: MediaFacts = { ...emptyFacts('jpeg', 1), image: { width: 2, height: 2, pages: 1 } }

describe('what is compared', () => {
  it('is the source, from where it was cut, with each result', () => {
    const found = comparisonOf(done({ options: { trimStart: 5000, trimEnd: 8000 } }, ['/out/1.png', '/out/2.png']))
    expect(found?.title).toBe('film.mkv')
    expect(
      found?.pairs.map(({ before, after }) => [
        before.file,
        before.fromMs,
        before.lastsMs,
        before.page,
        after.file.index,
        after.name,
      ]),
    ).toEqual([
      [{ jobId: 7, of: 'source' }, 5000, 3000, 0, 0, '1.png'],
      [{ jobId: 7, of: 'source' }, 5000, 3000, 1, 1, '2.png'],
    ])
    expect(comparisonOf(done({}, []))).toBe(null)
  })

  it('is only what can be seen or heard; of a source that nobody knows, it may be', () => {
    const pairs = [
      ['epub', 'text'],
      ['pdf', 'docx'],
      ['docx', 'pdf'],
      ['pdf', 'png'],
      ['png', 'pdf'],
      [null, 'jpeg'],
    ] as const
    expect(pairs.filter(([from, target]) => comparisonOf(done({ from, target }, ['/out/1'])) !== null)).toEqual([
      ['pdf', 'png'],
      ['png', 'pdf'],
      [null, 'jpeg'],
    ])
  })

  it('says beforehand that a source is an address, has been replaced, or went to the trash', () => {
    const absences = [
      done({ source: { kind: 'url', url: 'https://example.org/a.wav' } }, ['/out/a.mp3']),
      done({}, ['/home/a/film.mkv']),
      done({}, ['/home/a/film.mkv'], '/home/a/archive/film.mkv'),
      done({ afterwards: 'trash' }, ['/out/a.mp4']),
    ].map((job) => comparisonOf(job)?.pairs[0]?.before)
    expect(absences.map((before) => [before?.absence, before?.ifMissing])).toEqual([
      ['address', null],
      ['replaced', null],
      [null, null],
      [null, 'trashed'],
    ])
  })

  it('is what both hold; a file that cannot be read hides nothing of the other', () => {
    expect([
      kindsOf([film, film]),
      kindsOf([film, song]),
      kindsOf([photo, undefined]),
      kindsOf([photo, song]),
      kindsOf([undefined, undefined]),
    ]).toEqual([['picture', 'audio'], ['audio'], ['picture'], [], []])
  })

  it('moves for as long as both do, a frame of the finer one at a time', () => {
    const [pair] = comparisonOf(done({ options: { trimStart: 5000 } }, ['/out/a.mp4']))?.pairs ?? []
    if (pair === undefined) throw new Error('no pair')
    const sides = [pair.before, pair.after] as const
    const slow = { ...film, durationMs: 90_000, video: [{ ...stream, fps: 25 }] }
    expect([
      movesFor([film, slow], sides),
      movesFor([photo, photo], sides),
      frameMsOf([film, slow]),
      frameMsOf([photo, photo]),
    ]).toEqual([55_000, null, 20, 40])
  })
})

describe('which of two is louder', () => {
  const measured = (integrated: number | null) => ({ integrated, peak: -1, range: null })
  it('is said where somebody would hear it, and not where one of them is silent', () => {
    const verdicts = [
      [-23, -16],
      [-16, -16.3],
      [-14, -16.04],
    ].map(([from = 0, to = 0]) => loudnessVerdict(measured(from), measured(to)))
    expect(verdicts).toEqual([
      { what: 'louder', difference: 7 },
      { what: 'sameLoudness', difference: 0.3 },
      { what: 'quieter', difference: 2 },
    ])
    expect([loudnessVerdict(measured(null), measured(-16)), loudnessVerdict(undefined, undefined)]).toEqual([null, null])
  })
})
