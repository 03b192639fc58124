import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chosenOf,
  matchedOf,
  measureFor,
  nextQuality,
  wantedOf,
  type QualityTry,
} from '../../../src/main/providers/local/matching.ts'
import { comparison, figureIn, stretchesOf } from '../../../src/main/providers/local/media/matching.ts'

/** Every try of an encoder that reaches so much with a quality, in their order. */
function searched(wanted: number, reachedBy: (quality: number) => number, least = 1, best = 100): readonly QualityTry[] {
  const tried: QualityTry[] = []
  const range = { wanted, least, best }
  for (let quality = nextQuality(tried, range); quality !== null; quality = nextQuality(tried, range))
    tried.push({ quality, reached: reachedBy(quality) })
  return tried
}

describe('the search for the quality', () => {
  it('finds the lowest that is good enough, whichever it is, with seven tries of a hundred at most', () => {
    const found = Array.from({ length: 100 }, (_, n) => {
      const tried = searched(0.9, (quality) => (quality >= n + 1 ? 0.95 : 0.5))
      return { quality: chosenOf(tried, 0.9)?.quality, isQuick: tried.length <= 7 }
    })
    expect(found).toEqual(Array.from({ length: 100 }, (_, n) => ({ quality: n + 1, isQuick: true })))
  })

  it('takes the best where none is good enough, and tries it', () => {
    const tried = searched(0.99, (quality) => quality / 1000)
    expect([chosenOf(tried, 0.99), tried.at(-1)?.quality]).toEqual([{ quality: 100, reached: 0.1 }, 100])
  })

  it('ends, and never with what is not good enough while something tried is, however crooked the encoder', () => {
    const steps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 })
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (reached, wanted) => {
        const tried = searched(wanted, (quality) => reached[quality] ?? 0, 0, 63)
        const chosen = chosenOf(tried, wanted)
        const isEnough = tried.some((one) => one.reached >= wanted)
        expect([tried.length <= 7, (chosen?.reached ?? 0) >= wanted]).toEqual([true, isEnough])
      }),
    )
  })
})

describe('what is wanted', () => {
  it('is a figure of the measure for each level, and a number is SSIM whatever else could measure', () => {
    const asked = ['good', 'high', 'visually-lossless', 98.5] as const
    const figures = asked.map((one) => [true, false].map((hasVmaf) => wantedOf(one, measureFor(one, hasVmaf))))
    expect(figures).toEqual([
      [90, 0.97],
      [94, 0.985],
      [97, 0.995],
      [0.985, 0.985],
    ])
  })

  it('and missed is told with what was reached, which is never rounded up', () => {
    expect([matchedOf('ssim', 0.98999, 0.99, 'crf', 4), matchedOf('vmaf', 94.127, 94, 'crf', 30)]).toEqual([
      { measure: 'ssim', reached: 0.9899, missed: 0.99, by: 'crf', at: 4 },
      { measure: 'vmaf', reached: 94.12, by: 'crf', at: 30 },
    ])
  })
})

describe('samples', () => {
  it('are all of a film that is not longer than they, else three of ten seconds in the part that is wanted', () => {
    const all = [stretchesOf({}, 30_000), stretchesOf({ trimStart: 5000 }, 9000)]
    expect([all, stretchesOf({ trimStart: 60_000 }, 120_000)]).toEqual([
      [[{ fromMs: null, untilMs: null }], [{ fromMs: 5000, untilMs: null }]],
      [
        { fromMs: 75_000, untilMs: 85_000 },
        { fromMs: 115_000, untilMs: 125_000 },
        { fromMs: 155_000, untilMs: 165_000 },
      ],
    ])
  })

  it('are measured by libvmaf where FFmpeg has it, made against wanted', () => {
    const graph = comparison('0', 'fps=25', 'vmaf')
    const printed = '[Parsed_libvmaf_5 @ 0x5581] VMAF score: 95.274317\n[out#0/null @ 0x5] video:1kB'
    expect([graph.split(';').at(-1), figureIn(printed, 'vmaf')]).toEqual(['[made][wanted]libvmaf', 95.274317])
    expect(() => figureIn('nothing of the kind', 'ssim')).toThrow('no-likeness')
  })
})
