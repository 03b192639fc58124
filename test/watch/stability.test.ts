import { describe, expect, it } from 'vitest'
import {
  afterEvent,
  firstReading,
  isStable,
  nextReading,
  nextReadingMs,
  pieceBytes,
  windowMs,
  type Reading,
  type Stability,
  type StabilityTimings,
} from '../../src/main/watch/stability.ts'

const timings: StabilityTimings = {
  quietMs: 3_000,
  quietPerPieceMs: 1_000,
  maxQuietMs: 60_000,
  settledMs: 600_000,
}
const startMs = 1_800_000_000_000
const file: Reading = { inode: '7', bytes: 1000, mtimeMs: startMs - 50, ctimeMs: startMs - 50 }

/** Reads the same file at these times, from its first sight on. */
function readAt(timesMs: readonly number[], reading: (atMs: number) => Reading = () => file): Stability {
  return timesMs.reduce(
    (stability, ms) => nextReading(stability, reading(ms), startMs + ms, timings),
    firstReading(reading(0), startMs, null),
  )
}

describe('a file', () => {
  it('opens once a file has looked the same in three readings, each a third of the window after the last', () => {
    expect([[1000], [1000, 2000], [1000, 2000, 3000]].map((times) => isStable(readAt(times), timings))).toEqual([
      false,
      false,
      true,
    ])
  })

  it('counts no reading that comes too early, however many there are', () => {
    expect(isStable(readAt(Array.from({ length: 100 }, (_, n) => n * 9)), timings)).toBe(false)
  })

  it.each<[what: string, other: Partial<Reading>]>([
    ['its length', { bytes: 1001 }],
    ['its time', { mtimeMs: startMs + 1 }],
    ['a write that restored its time', { ctimeMs: startMs + 1 }],
    ['another file in its place', { inode: '8' }],
  ])('begins anew with %s', (_, other) => {
    const stability = readAt([1000, 2000, 3000], (ms) => (ms < 3000 ? file : { ...file, ...other }))
    expect({ isStable: isStable(stability, timings), same: stability.same }).toEqual({ isStable: false, same: 0 })
  })

  it('begins anew when something is heard of the file', () => {
    const stability = afterEvent(readAt([1000, 2000]), startMs + 2500)
    const after = [3000, 3500, 4500, 5500].reduce((last, ms) => nextReading(last, file, startMs + ms, timings), stability)
    expect({ before: stability.same, after: after.same, isStable: isStable(after, timings) }).toEqual({
      before: 0,
      after: 3,
      isStable: true,
    })
  })

  it('waits longer for a larger file, but not for ever', () => {
    expect([0, pieceBytes, 10 * pieceBytes, 10_000 * pieceBytes].map((bytes) => windowMs(bytes, timings))).toEqual([
      3000, 4000, 13_000, 60_000,
    ])
  })

  it('is satisfied with one more reading of a file that nobody has written to for long', () => {
    const old = { ...file, mtimeMs: startMs - 3_600_000, ctimeMs: startMs - 3_600_000 }
    expect(
      isStable(
        readAt([1000], () => old),
        timings,
      ),
    ).toBe(true)
  })

  it('is not deceived by an old time that was given to a file just written', () => {
    const unpacked = { ...file, mtimeMs: startMs - 3_600_000 }
    expect(
      isStable(
        readAt([1000], () => unpacked),
        timings,
      ),
    ).toBe(false)
  })

  it('makes nothing quiet because the clock jumps ahead', () => {
    expect(isStable(readAt([1000, 3_600_000]), timings)).toBe(false)
  })

  it('does not take the time for still in which the machine slept', () => {
    const hourMs = 3_600_000
    const gap = { fromMs: startMs, toMs: startMs + 8 * hourMs }
    const wokenMs = gap.toMs + 1_000
    const halfWritten = firstReading(file, wokenMs, gap)
    const longThere = firstReading({ ...file, mtimeMs: startMs - hourMs, ctimeMs: startMs - hourMs }, wokenMs, gap)
    const watched = nextReading(firstReading(file, startMs, null), file, gap.toMs, timings)
    expect({ halfWritten: halfWritten.stillMs, longThere: longThere.stillMs, isWatchedYoung: watched.stillMs < 100_000 }).toEqual(
      { halfWritten: 1050, longThere: hourMs + 1000, isWatchedYoung: true },
    )
  })

  it('keeps nothing waiting because the clock is set back', () => {
    const stability = readAt([1000, 2000, -3_600_000])
    const after = [1000, 2000, 3000].reduce((last, ms) => nextReading(last, file, startMs - 3_600_000 + ms, timings), stability)
    expect({
      isDue: nextReadingMs(stability, timings) <= startMs - 3_600_000 + 1000,
      isStable: isStable(after, timings),
    }).toEqual({ isDue: true, isStable: true })
  })

  it('never opens for a file that is written to all the time', () => {
    const growing = (ms: number): Reading => ({ ...file, bytes: 1000 + ms })
    expect(
      readAt(
        Array.from({ length: 500 }, (_, n) => n * 1000),
        growing,
      ).same,
    ).toBe(0)
  })
})
