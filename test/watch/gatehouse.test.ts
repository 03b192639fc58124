import { describe, expect, it } from 'vitest'
import { createGatehouse } from '../../src/main/watch/gatehouse.ts'
import type { Hint } from '../../src/main/watch/hints.ts'
import type { Entry } from '../../src/main/watch/listing.ts'
import type { Line } from '../../src/main/store/ledger.ts'

const startMs = 1_800_000_000_000
const patience = { quietMs: 3_000, quietPerPieceMs: 0, longestQuietMs: 3_000, settledMs: 600_000 }

function entry(name: string, bytes = 1000): Entry {
  return { name, links: 1, trouble: null, inode: name, bytes, mtimeMs: startMs, ctimeMs: startMs }
}

function line(id: number, name: string, dueAtMs: number | null = null): Line {
  return {
    id, name, dueAtMs, folderId: 1, dir: '', inode: name, bytes: 1000, mtimeMs: startMs, print: null, state: 'waiting',
    why: { code: 'settling', facts: {} }, version: 1, attempts: 0, goneAtMs: null, seenAtMs: startMs, sinceMs: startMs,
  } // prettier-ignore
}

function scene() {
  const unread: Hint[] = []
  const house = createGatehouse(
    () => patience,
    (hint) => unread.push(hint),
  )
  return { house, unread, due: (atMs: number) => house.due(startMs + atMs, 10).map(({ name }) => name) }
}

describe('files that wait', () => {
  it('are called to be read a third of the window later, and again until they are quiet', () => {
    const { house, due } = scene()
    house.admit(line(1, 'a'), entry('a'), startMs)
    const early = due(999)
    const told = [1000, 2000, 3000].map((ms) => house.tell(1, entry('a'), startMs + ms))
    expect([early, due(1000), told]).toEqual([[], [], ['waits', 'waits', 'quiet']])
  })

  it('are out of date when they look different', () => {
    const { house } = scene()
    house.admit(line(1, 'a'), entry('a'), startMs)
    expect(house.tell(1, entry('a', 2000), startMs + 1000)).toBe('changed')
  })

  it('take what is heard of them on themselves, and read it off the file when it is still', () => {
    const { house, due } = scene()
    house.admit(line(1, 'a'), entry('a'), startMs)
    const heard = [house.hear('', 'a', startMs + 900), house.hear('', 'b', startMs + 900)]
    expect([heard, due(1000), due(1900)]).toEqual([[true, false], [], ['a']])
  })

  it('are asked again soon once something is heard, however long they were told to wait', () => {
    const { house, due } = scene()
    house.admit(line(1, 'a'), entry('a'), startMs)
    for (let tries = 0; tries < 6; tries += 1) house.sendBack(1, startMs)
    const before = due(30_000)
    house.hear('', 'a', startMs + 30_000)
    expect([before, due(31_000)]).toEqual([[], ['a']])
  })

  it('leave word of a place that something was heard of and that nobody has read', () => {
    const { house, unread } = scene()
    house.admit(line(1, 'a'), entry('a'), startMs)
    house.hear('', 'a', startMs + 100)
    // Its file has been found elsewhere: what is at the old place now?
    house.admit(line(1, 'b'), entry('b'), startMs + 200)
    house.hear('', 'b', startMs + 300)
    house.tell(1, entry('b'), startMs + 1300)
    house.leave(1)
    expect(unread).toEqual([{ dir: '', name: 'a' }])
  })

  it('for a time that the rule says are not waited for when something is heard of them', () => {
    const { house, due } = scene()
    house.admit(line(1, 'a', startMs + 3_600_000), entry('a'), startMs)
    house.admit(line(2, 'b'), entry('b'), startMs)
    house.hold(2, startMs + 3_600_000)
    const heard = [house.hear('', 'a', startMs + 5), house.hear('', 'b', startMs + 5)]
    expect([heard, due(3_599_999), due(3_600_000)]).toEqual([[false, false], [], ['a', 'b']])
  })

  it('are read at once when the clock was set back, but for times that the rule says', () => {
    const { house, due } = scene()
    house.admit(line(1, 'a'), entry('a'), startMs)
    house.admit(line(2, 'b'), entry('b'), startMs)
    house.hold(2, startMs + 60_000)
    house.reckon(startMs - 3_600_000)
    expect(due(-3_600_000)).toEqual(['a'])
  })
})
