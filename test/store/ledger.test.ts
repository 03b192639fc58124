import { describe, expect, it } from 'vitest'
import type { NewLine } from '../../src/main/store/ledger.ts'
import type { Store } from '../../src/main/store/store.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { draftOf, startMs } from '../support/drafts.ts'
import { temporaryStore } from '../support/stored.ts'

const rule = plainRule('/drop', [{ target: 'mp3', preset: null, options: {} }])
const queuedWhy = { code: 'queued' as const, facts: {} }

async function ledger() {
  const store = await temporaryStore()
  const { id: folderId } = store.folders.add({ rule, on: true, existing: 'convert' }, startMs)
  const add = (name: string, change: Partial<NewLine> = {}) => {
    const line: NewLine = {
      folderId,
      dir: '',
      name,
      inode: null,
      bytes: 100,
      mtimeMs: 1,
      print: null,
      state: 'waiting',
      why: { code: 'settling', facts: {} },
      version: 1,
      attempts: 0,
      dueAtMs: null,
      goneAtMs: null,
      ...change,
    }
    const [added] = store.sightings.write([{ id: null, line }], startMs)
    if (added === undefined) throw new Error('not written')
    return added
  }
  return { store, folderId, add, ...store.sightings }
}

function names(lines: readonly { readonly name: string }[]): readonly string[] {
  return lines.map(({ name }) => name)
}

describe('a line of the ledger', () => {
  it('comes back as it was written, and keeps the time at which it came into its state', async () => {
    const { add, get, write } = await ledger()
    const line = add('a.wav', {
      dir: 'below',
      inode: '9007199254740993',
      mtimeMs: 1_700_000_000_123.25,
      print: 'f00',
      dueAtMs: startMs + 5,
    })
    write([{ id: line.id, change: { why: { code: 'incomplete', facts: { reason: 'short' } } } }], startMs + 10)
    const same = get(line.id)
    write([{ id: line.id, change: { state: 'left' } }], startMs + 20)
    expect([same, get(line.id)?.sinceMs]).toEqual([
      { ...line, why: { code: 'incomplete', facts: { reason: 'short' } } },
      startMs + 20,
    ])
  })

  it('is alone at its place among those that are there; those that were there before it are kept', async () => {
    const { add, at, lastAt, write, folderId } = await ledger()
    const first = add('a.wav')
    expect(() => add('a.wav')).toThrow('UNIQUE')
    write([{ id: first.id, change: { goneAtMs: startMs + 1 } }], startMs + 1)
    const second = add('a.wav', { bytes: 200 })
    expect([at(folderId, '', 'a.wav')?.id, lastAt(folderId, '', 'a.wav')?.id]).toEqual([second.id, first.id])
  })

  it('may change places with another one in one go', async () => {
    const { add, at, write, folderId } = await ledger()
    const [one, other] = [add('a.wav'), add('b.wav')]
    write(
      [
        { id: one.id, change: { name: 'b.wav' } },
        { id: other.id, change: { name: 'a.wav' } },
      ],
      startMs,
    )
    expect([at(folderId, '', 'a.wav')?.id, at(folderId, '', 'b.wav')?.id]).toEqual([other.id, one.id])
  })

  it('is written with all others of its call, or none is', async () => {
    const { add, at, write, folderId } = await ledger()
    const line = add('a.wav')
    expect(() =>
      write(
        [
          { id: line.id, change: { name: 'b.wav' } },
          { id: 99, change: { state: 'left' } },
        ],
        startMs,
      ),
    ).toThrow('ledger-line')
    expect(at(folderId, '', 'a.wav')?.id).toBe(line.id)
  })

  it('is found by what it may be known again by, there or gone, a few at most and the last seen first', async () => {
    const { add, withInode, withAge, goneNamed, folderId } = await ledger()
    for (let n = 0; n < 12; n += 1) add(`a${n}.wav`, { inode: '7', mtimeMs: 5, bytes: 50 })
    add('gone.wav', { goneAtMs: startMs, bytes: 60 })
    add('gone.wav', { bytes: 60 })
    const last = ['a11.wav', 'a10.wav', 'a9.wav', 'a8.wav', 'a7.wav', 'a6.wav', 'a5.wav', 'a4.wav']
    expect([names(withInode(folderId, '7')), names(withAge(folderId, 50, 5))]).toEqual([last, last])
    expect(goneNamed(folderId, 'gone.wav', 60).map(({ goneAtMs }) => goneAtMs)).toEqual([startMs])
    expect([withInode(folderId + 1, '7'), goneNamed(folderId, 'gone.wav', 61)]).toEqual([[], []])
  })

  it('that is gone for long is forgotten, so many at a time', async () => {
    const { add, prune, get } = await ledger()
    const gone = [1, 2, 3].map((n) => add(`gone ${n}.wav`, { goneAtMs: startMs - n }))
    const there = add('there.wav')
    expect([prune(startMs - 1, 1), prune(startMs - 1, 10), prune(startMs - 1, 10)]).toEqual([1, 1, 0])
    expect([get(gone[0]?.id ?? 0)?.name, get(there.id)?.name]).toEqual(['gone 1.wav', 'there.wav'])
  })
})

describe('lists of the ledger', () => {
  it('name the folders that hold files which are there, each once', async () => {
    const { add, dirs, inDir, folderId } = await ledger()
    let count = 0
    for (const dir of ['', 'b', 'a/deep', 'b']) add(`${dir.replaceAll('/', '-')}-${(count += 1)}.wav`, { dir })
    add('gone.wav', { dir: 'c', goneAtMs: startMs })
    expect([dirs(folderId), inDir(folderId, 'b').length, inDir(folderId, 'c').length]).toEqual([['', 'a/deep', 'b'], 2, 0])
  })

  it('count those that are there by state, and those that came into one since', async () => {
    const { add, counts, since, write, folderId } = await ledger()
    const line = add('a.wav')
    add('b.wav', { state: 'done' })
    add('c.wav', { state: 'done', goneAtMs: startMs })
    write([{ id: line.id, change: { state: 'quarantined' } }], startMs + 10)
    const none = { waiting: 0, queued: 0, done: 0, left: 0, failed: 0, quarantined: 0 }
    expect([counts(folderId), since(folderId, startMs + 10)]).toEqual([
      { ...none, done: 1, quarantined: 1 },
      { ...none, quarantined: 1 },
    ])
  })

  it('go page by page through all lines, last changed first, by state and by text, each line once', async () => {
    const { add, page, folderId } = await ledger()
    for (let n = 0; n < 25; n += 1)
      add(`song ${n}.wav`, { dir: n % 2 === 0 ? '' : 'Below', state: n % 3 === 0 ? 'done' : 'left' })
    const all = (query: Partial<Parameters<typeof page>[0]>) => {
      const found: string[] = []
      for (let after: string | null = null; ;) {
        const { lines, next } = page({ folderId, states: [], text: '', ...query }, after, 4)
        found.push(...names(lines))
        if (next === null) return found
        after = next
      }
    }
    expect(new Set(all({})).size).toBe(25)
    expect([
      all({}).length,
      all({ states: ['done'] }).length,
      all({ text: 'below/SONG' }).length,
      all({ text: '%' }).length,
    ]).toEqual([25, 9, 12, 0])
    expect(() => page({ folderId, states: [], text: '' }, 'nonsense', 4)).toThrow('bad-cursor')
  })
})

describe('the way of a line to its jobs', () => {
  function job(store: Store): { readonly batchId: number; readonly jobId: number } {
    const batchId = store.batches.open('folder', startMs)
    const [added] = store.jobs.add(batchId, [draftOf('a.wav')], startMs)
    return { batchId, jobId: added?.id ?? 0 }
  }

  it('is noted before it is gone, open until the job is known, and found from the job', async () => {
    const { store, add, assign, complete, openAssignments, assignmentsOf, assignmentsOfJob, get, folderId } = await ledger()
    const line = add('a.wav')
    const { batchId, jobId } = job(store)
    assign([line.id], [{ output: 0, batchId }], queuedWhy, startMs + 5)
    const open = { sightingId: line.id, output: 0, batchId, jobId: null }
    expect([get(line.id)?.state, get(line.id)?.sinceMs, openAssignments(folderId)]).toEqual(['queued', startMs + 5, [open]])
    complete([{ sightingId: line.id, output: 0, jobId }])
    expect([openAssignments(folderId), assignmentsOf(line.id), assignmentsOfJob(jobId)]).toEqual([
      [],
      [{ ...open, jobId }],
      [{ ...open, jobId }],
    ])
  })

  it('can be given up: for one result, which then counts as assigned, or for all', async () => {
    const { store, add, assign, refuse, unassign, dropAssignments, openAssignments, assignmentsOf, folderId } = await ledger()
    const line = add('a.wav')
    const { batchId } = job(store)
    assign(
      [line.id],
      [0, 1, 2].map((output) => ({ output, batchId })),
      queuedWhy,
      startMs,
    )
    refuse(line.id, 0)
    unassign(line.id, 1)
    expect(openAssignments(folderId).map(({ output }) => output)).toEqual([2])
    expect(assignmentsOf(line.id).map((each) => [each.output, each.batchId > 0])).toEqual([
      [0, false],
      [2, true],
    ])
    dropAssignments(line.id)
    expect(assignmentsOf(line.id)).toEqual([])
  })

  it('is gone with its folder, whose spending is remembered', async () => {
    const { store, add, assign, get, assignmentsOf, folderId } = await ledger()
    const line = add('a.wav')
    const { batchId, jobId } = job(store)
    assign([line.id], [{ output: 0, batchId }], queuedWhy, startMs)
    store.folders.claimBatch(folderId, batchId)
    store.spend.record({ id: jobId, batchId, provider: 'xconvert' }, { amount: 3, unit: 'credits' }, startMs)
    expect([store.folders.spent(folderId, 'xconvert', startMs), store.folders.spent(folderId, 'xconvert', startMs + 1)]).toEqual([
      3, 0,
    ])
    expect([store.folders.remove(folderId), store.folders.remove(folderId)]).toEqual([true, false])
    expect([get(line.id), assignmentsOf(line.id), store.folders.folderOfBatch(batchId)]).toEqual([null, [], folderId])
  })
})

describe('a watched folder', () => {
  it('keeps what is not changed, and its number is never used again', async () => {
    const { store, folderId } = await ledger()
    const saved = store.folders.save(folderId, { mark: 'file abc', begunAtMs: startMs, on: false })
    expect(saved).toEqual({
      id: folderId, rule, version: 1, on: false, existing: 'convert', mark: 'file abc', begunAtMs: startMs, createdAtMs: startMs,
    }) // prettier-ignore
    store.folders.remove(folderId)
    const next = store.folders.add({ rule, on: true, existing: null }, startMs)
    expect([next.id > folderId, store.folders.save(folderId, { on: true })]).toEqual([true, null])
  })
})

describe('what a listing of a folder came to', () => {
  it('is known until a line of that folder is written, by whatever way, and by one version of the rule', async () => {
    const { folderId, add, write, digestOf } = await ledger()
    const [here, there] = [add('a.wav', { dir: 'here' }), add('b.wav', { dir: 'there' })]
    const know = () =>
      write(
        [],
        startMs,
        ['here', 'there'].map((dir) => ({ folderId, dir, version: 1, digest: dir })),
      )
    const known = () => ['here', 'there'].map((dir) => digestOf(folderId, dir, 1))
    know()
    const [first, ofOtherVersion] = [known(), digestOf(folderId, 'here', 2)]
    write([{ id: here.id, change: { bytes: 5 } }], startMs)
    const changed = known()
    know()
    write([{ id: there.id, change: { dir: 'here', name: 'moved.wav' } }], startMs)
    const moved = known()
    know()
    add('new.wav', { dir: 'there' })
    const added = known()
    know()
    write([{ id: here.id, change: { goneAtMs: startMs } }], startMs)
    expect({ first, ofOtherVersion, changed, moved, added, gone: known() }).toEqual({
      first: ['here', 'there'],
      ofOtherVersion: null,
      changed: [null, 'there'],
      moved: [null, null],
      added: ['here', null],
      gone: [null, 'there'],
    })
  })

  it('may come together with its lines, and goes with its folder', async () => {
    const { store, folderId, add, write, digestOf } = await ledger()
    const { id: _, seenAtMs: __, sinceMs: ___, ...line } = add('a.wav', { dir: 'x' })
    write([{ id: null, line: { ...line, name: 'b.wav' } }], startMs, [{ folderId, dir: 'x', version: 1, digest: 'all' }])
    const known = digestOf(folderId, 'x', 1)
    store.folders.remove(folderId)
    expect([known, digestOf(folderId, 'x', 1)]).toEqual(['all', null])
  })
})

describe('many new lines at once', () => {
  it('come back in their order, alike or not, each as it was given', async () => {
    const { folderId, add, write, get } = await ledger()
    const { id: _, seenAtMs: __, sinceMs: ___, ...line } = add('first.wav')
    const given = Array.from({ length: 300 }, (_unused, n): NewLine => ({
      ...line,
      dir: n < 150 ? 'a' : 'b',
      name: `${n}.wav`,
      inode: n % 7 === 0 ? null : String(n),
      mtimeMs: 1_700_000_000_000 + n / 7,
      ...(n % 90 === 5 ? { state: 'left', why: { code: 'excluded', facts: { pattern: String(n) } } } : {}),
      ...(n % 100 === 6 ? { dueAtMs: startMs + n } : {}),
    }))
    const written = write(
      given.map((each) => ({ id: null, line: each })),
      startMs,
    )
    expect({
      asGiven: written.map(({ id: _id, seenAtMs, sinceMs, ...rest }) => rest),
      asStored: written.map(({ id }) => get(id)),
    }).toEqual({
      asGiven: given.map((each) => ({ ...each, folderId })),
      asStored: written,
    })
  })
})

describe('how many lines are in which state', () => {
  it('is the same as counted anew after whatever was written, and after a write that was taken back', async () => {
    const { store, folderId, add, write, assign, counts, since } = await ledger()
    const lines = Array.from({ length: 20 }, (_, n) => add(`${n}.wav`))
    const read = () => [counts(folderId), since(folderId, startMs + 5)]
    read()
    write(
      lines.slice(0, 8).map(({ id }) => ({ id, change: { state: 'left' } })),
      startMs + 10,
    )
    write([{ id: lines[0]?.id ?? 0, change: { goneAtMs: startMs + 11 } }], startMs + 11)
    write([{ id: lines[9]?.id ?? 0, change: { state: 'done' } }], startMs + 2)
    assign([lines[10]?.id ?? 0], [{ output: 0, batchId: 1 }], queuedWhy, startMs + 12)
    const failed = [lines[11]?.id ?? 0, 987_654].map((id) => ({ id, change: { state: 'failed' as const } }))
    let isRefused = false
    try {
      write(failed, startMs + 13)
    } catch {
      isRefused = true
    }
    const kept = read()
    const [{ id: other }] = [store.folders.add({ rule, on: true, existing: null }, startMs)]
    expect({ isRefused, kept, ofOther: counts(other).left }).toEqual({
      isRefused: true,
      kept: [
        { waiting: 10, queued: 1, done: 1, left: 7, failed: 0, quarantined: 0 },
        { waiting: 0, queued: 1, done: 0, left: 8, failed: 0, quarantined: 0 },
      ],
      ofOther: 0,
    })
  })

  it('is kept up with by what changes, as a count of all lines shows', async () => {
    const { folderId, add, write, counts, since, page } = await ledger()
    read()
    const lines = Array.from({ length: 30 }, (_, n) => add(`${n}.wav`, n % 3 === 0 ? { state: 'left' } : {}))
    function read() {
      return { there: counts(folderId), late: since(folderId, startMs) }
    }
    for (const [n, { id }] of lines.entries()) {
      if (n % 2 === 0) write([{ id, change: { state: n % 4 === 0 ? 'done' : 'quarantined' } }], startMs + n)
      if (n % 5 === 0) write([{ id, change: { goneAtMs: startMs + n } }], startMs + n)
      if (n % 10 === 0) write([{ id, change: { goneAtMs: null, dir: 'again' } }], startMs + n)
    }
    const all = page({ folderId, states: [], text: '' }, null, 100).lines
    const sum = (some: typeof all) => {
      const sums = { waiting: 0, queued: 0, done: 0, left: 0, failed: 0, quarantined: 0 }
      for (const { state } of some) sums[state] += 1
      return sums
    }
    expect(read()).toEqual({
      there: sum(all.filter(({ goneAtMs }) => goneAtMs === null)),
      late: sum(all.filter(({ sinceMs }) => sinceMs >= startMs)),
    })
  })
})
