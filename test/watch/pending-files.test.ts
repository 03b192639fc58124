import { describe, expect, it } from 'vitest'
import type { ChangedPath } from '../../src/main/watch/fs-events.ts'
import type { FileEntry } from '../../src/main/watch/listing.ts'
import { createPendingFiles } from '../../src/main/watch/stability.ts'
import type { LedgerLine } from '../../src/main/store/ledger.ts'

const startMs = 1_800_000_000_000
const timings = { quietMs: 3_000, quietPerPieceMs: 0, maxQuietMs: 3_000, settledMs: 600_000 }

function entry(name: string, bytes = 1000): FileEntry {
  return { name, links: 1, trouble: null, inode: name, bytes, mtimeMs: startMs, ctimeMs: startMs }
}

function line(id: number, name: string, dueAtMs: number | null = null): LedgerLine {
  return {
    id, name, dueAtMs, folderId: 1, dir: '', inode: name, bytes: 1000, mtimeMs: startMs, print: null, state: 'waiting',
    why: { code: 'settling', facts: {} }, version: 1, attempts: 0, goneAtMs: null, seenAtMs: startMs, sinceMs: startMs,
  } // prettier-ignore
}

function scene() {
  const unread: ChangedPath[] = []
  const pending = createPendingFiles(
    () => timings,
    (changed) => unread.push(changed),
  )
  return { pending, unread, due: (atMs: number) => pending.due(startMs + atMs, 10).map(({ name }) => name) }
}

describe('files that wait', () => {
  it('are called to be read a third of the window later, and again until they are quiet', () => {
    const { pending, due } = scene()
    pending.add(line(1, 'a'), entry('a'), startMs)
    const early = due(999)
    const read = [1000, 2000, 3000].map((ms) => pending.read(1, entry('a'), startMs + ms))
    expect({ early, due: due(1000), read }).toEqual({ early: [], due: [], read: ['waits', 'waits', 'stable'] })
  })

  it('are out of date when they look different', () => {
    const { pending } = scene()
    pending.add(line(1, 'a'), entry('a'), startMs)
    expect(pending.read(1, entry('a', 2000), startMs + 1000)).toBe('changed')
  })

  it('take what is heard of them on themselves, and read it off the file when it is still', () => {
    const { pending, due } = scene()
    pending.add(line(1, 'a'), entry('a'), startMs)
    const noted = [pending.noteEvent('', 'a', startMs + 900), pending.noteEvent('', 'b', startMs + 900)]
    expect({ noted, dueBefore: due(1000), dueAfter: due(1900) }).toEqual({ noted: [true, false], dueBefore: [], dueAfter: ['a'] })
  })

  it('are asked again soon once something is heard, however long they were told to wait', () => {
    const { pending, due } = scene()
    pending.add(line(1, 'a'), entry('a'), startMs)
    for (let tries = 0; tries < 6; tries += 1) pending.retryLater(1, startMs)
    const before = due(30_000)
    pending.noteEvent('', 'a', startMs + 30_000)
    expect({ before, after: due(31_000) }).toEqual({ before: [], after: ['a'] })
  })

  it('leave word of a place that something was heard of and that nobody has read', () => {
    const { pending, unread } = scene()
    pending.add(line(1, 'a'), entry('a'), startMs)
    pending.noteEvent('', 'a', startMs + 100)
    // Its file has been found elsewhere: what is at the old place now?
    pending.add(line(1, 'b'), entry('b'), startMs + 200)
    pending.noteEvent('', 'b', startMs + 300)
    pending.read(1, entry('b'), startMs + 1300)
    pending.remove(1)
    expect(unread).toEqual([{ dir: '', name: 'a' }])
  })

  it('for a time that the rule says are not waited for when something is heard of them', () => {
    const { pending, due } = scene()
    pending.add(line(1, 'a', startMs + 3_600_000), entry('a'), startMs)
    pending.add(line(2, 'b'), entry('b'), startMs)
    pending.hold(2, startMs + 3_600_000)
    const noted = [pending.noteEvent('', 'a', startMs + 5), pending.noteEvent('', 'b', startMs + 5)]
    expect({ noted, dueBefore: due(3_599_999), dueAfter: due(3_600_000) }).toEqual({
      noted: [false, false],
      dueBefore: [],
      dueAfter: ['a', 'b'],
    })
  })

  it('are read at once when the clock was set back, but for times that the rule says', () => {
    const { pending, due } = scene()
    pending.add(line(1, 'a'), entry('a'), startMs)
    pending.add(line(2, 'b'), entry('b'), startMs)
    pending.hold(2, startMs + 60_000)
    pending.clockSetBack(startMs - 3_600_000)
    expect(due(-3_600_000)).toEqual(['a'])
  })
})
