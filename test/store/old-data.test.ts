/** A data folder of version 0.1.0 (see test/fixtures/data-0.1/README.md), read and carried on by this one. */
import { cpSync, readFileSync, readdirSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openPreferences } from '../../src/main/app/preferences.ts'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import { migrations } from '../../src/main/store/schema.ts'
import { sourceHash } from '../../src/main/store/jobs.ts'
import type { Store } from '../../src/main/store/store.ts'
import type { Sighting } from '../../src/shared/folders.ts'
import type { Job, RouteReason } from '../../src/shared/job.ts'
import type { Note } from '../../src/shared/notes.ts'
import { defaultSettings } from '../../src/shared/settings.ts'
import { startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { storeIn } from '../support/stored.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { hurried, until } from '../support/watching.ts'

leavesNothingOpen()

const fixture = fileURLToPath(new URL('../fixtures/data-0.1', import.meta.url))

/** What version 0.1.0 answered, in its own forms. */
interface OldJob extends Omit<Job, 'reason'> {
  readonly reason: string
}
interface OldAnswers {
  readonly tag: string
  readonly jobs: readonly OldJob[]
  readonly queue: readonly number[]
  readonly history: readonly number[]
  readonly byName: readonly number[]
  readonly found: Readonly<Record<string, readonly number[]>>
  readonly runs: readonly number[]
  readonly sightings: readonly { readonly id: number; readonly folderId: number; readonly state: string; readonly why: unknown }[]
  readonly [rest: string]: unknown
}
const old = JSON.parse(readFileSync(join(fixture, 'read-by-0.1.json'), 'utf8')) as OldAnswers

const reasons: Readonly<Record<string, RouteReason>> = {
  'you chose it': { code: 'chosen' },
  'first in your order': { code: 'first' },
  'first in your order that can do it': { code: 'first-able' },
  'took over: network': { code: 'took-over', why: 'network' },
  'took over: out-of-credit': { code: 'took-over', why: 'out-of-credit' },
  'took over: queue-full': { code: 'took-over', why: 'queue-full' },
  'took over: provider-down': { code: 'took-over', why: 'provider-down' },
}

const denied = "EACCES: permission denied, mkdir '/home/anna/Films/done'"
const notPermitted = "Error: EPERM: operation not permitted, utime '/home/anna/Films/dates.mp4'"
const notes: Readonly<Record<string, Note>> = {
  '3 credits': { what: 'cost', amount: 3, unit: 'credits' },
  '12.5 credits': { what: 'cost', amount: 12.5, unit: 'credits' },
  '0.25 EUR': { what: 'cost', amount: 0.25, unit: 'EUR' },
  '7': { what: 'cost', amount: 7, unit: '' },
  [notPermitted]: { what: 'dates', reason: notPermitted },
  'Error: EPERM': { what: 'dates', reason: 'Error: EPERM' },
  'Error: ENOSYS': { what: 'dates', reason: 'Error: ENOSYS' },
  'The source stayed where it is: another job still needs the source': { what: 'source-kept', because: 'still-needed' },
  'The source stayed where it is: the output is the source': { what: 'source-kept', because: 'is-the-output' },
  [`The source stayed where it is: ${denied}`]: { what: 'source-kept', because: 'failed', reason: denied },
  'The cover could not be kept.': { what: 'sentence', text: 'The cover could not be kept.' },
  'Made with a trial account.': { what: 'sentence', text: 'Made with a trial account.' },
}

/** An old job as this version has it: its reason and its notes became typed ones, all else stays. */
function carriedOver({ reason, ...job }: OldJob): Job {
  const typed = (kept: readonly Note[]) =>
    kept.map((note): Note => {
      const { text } = note as unknown as { readonly text: string }
      return notes[text] ?? { what: 'sentence', text: `no expectation for “${text}”` }
    })
  const known = reasons[reason]
  if (known === undefined) throw new Error(`no expectation for “${reason}”`)
  const { state } = job
  if (state.phase === 'done') return { ...job, reason: known, state: { ...state, notes: typed(state.notes) } }
  if (!('work' in state) || state.work.step !== 'afterwards') return { ...job, reason: known }
  return { ...job, reason: known, state: { ...state, work: { ...state.work, notes: typed(state.work.notes) } } }
}

async function copyOfData(): Promise<string> {
  const folder = await temporaryFolder()
  cpSync(join(fixture, 'data'), folder, { recursive: true })
  return folder
}

interface Opened {
  readonly store: Store
  readonly folder: string
  /** Warnings and errors of the log. */
  readonly complaints: readonly string[]
}

async function opened(): Promise<Opened> {
  const folder = await copyOfData()
  const complaints: string[] = []
  const complain = (text: string, facts?: unknown) => void complaints.push(`${text} ${JSON.stringify(facts)}`)
  return { folder, complaints, store: storeIn(folder, { ...testLog, warn: complain, error: complain }) }
}

describe('a database of 0.1.0', () => {
  it('is opened as it is, or copied before it is changed, and not set aside', async () => {
    const { store, folder } = await opened()
    const copies = readdirSync(folder).filter((name) => name.includes('before'))
    expect({ tag: store.tag, setAside: store.setAside, copies: copies.length }).toEqual({
      tag: old.tag,
      setAside: null,
      copies: migrations.length > 4 ? 1 : 0,
    })
  })

  it('has every job as it was, with reasons and notes that are typed now', async () => {
    const { store, complaints } = await opened()
    expect(old.jobs.map(({ id }) => store.jobs.get(id))).toEqual(old.jobs.map(carriedOver))
    expect(complaints).toEqual([])
  })

  it('has the queue and the history in their orders, and finds the same by words', async () => {
    const { store } = await opened()
    const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id)
    const answers = {
      queue: ids(store.jobs.list({ phases: [], batchId: null, after: null, limit: 1000 }).jobs),
      history: ids(store.history.page({}, null, 1000).jobs),
      byName: ids(store.history.page({}, null, 1000, 0, 'name').jobs),
      runs: ids(store.history.runs(old.runs[0] ?? 0)),
      sums: store.history.sums({}),
      days: store.history.days({}, 0),
      totals: store.jobs.totals(),
      found: Object.fromEntries(Object.keys(old.found).map((text) => [text, ids(store.history.page({ text }, null, 1000).jobs)])),
    }
    expect(answers).toEqual(picked(Object.keys(answers)))
  })

  it('has all batches, presets, settings, accounts and all that was spent', async () => {
    const { store } = await opened()
    const answers = {
      batches: store.batches.list({ after: null, limit: 1000 }),
      presets: store.presets.list(),
      settings: store.settings.get(),
      accounts: Object.fromEntries(
        (['xconvert', 'musicgpt', 'converter-app', 'converso'] as const).map((id) => [id, store.accounts.get(id)]),
      ),
      spend: {
        days: store.spend.days({ fromMs: 0, beforeMs: 4e12 }, 0),
        ofFolder: store.folders.spent(3, 'xconvert', 0),
        last: store.spend.last('musicgpt'),
        inDoubt: store.spend.inDoubt('converter-app'),
      },
      owner: store.jobs.ownerOf('/home/anna/Films/Clip.mp4'),
    }
    const kept = picked(Object.keys(answers))
    // What has come since is as it is where nobody sets it.
    expect(answers).toEqual({ ...kept, settings: { ...since, ...(kept.settings as object) } })
  })

  it('has all watched folders, and each line of their ledgers with its state, its reason and its jobs', async () => {
    const { store } = await opened()
    const folders = store.folders.list()
    const answers = {
      folders,
      sightings: folders.flatMap(({ id }) => store.sightings.page({ folderId: id, states: [], text: '' }, null, 1000).lines),
      hands: folders.flatMap(({ id }) => store.sightings.openAssignments(id)),
      queuedHands: store.sightings.assignmentsOfJob(76),
    }
    expect(answers).toEqual(picked(Object.keys(answers)))
  })
})

describe('the files beside it', () => {
  it('say the same: what the desktop prefers, and the keys', async () => {
    const folder = await copyOfData()
    const secrets = fileSecrets(folder, {})
    expect({
      preferences: openPreferences(folder, () => undefined).get(),
      key: await secrets.get('musicgpt'),
      others: await secrets.has('xconvert'),
    }).toEqual({
      preferences: JSON.parse(readFileSync(join(fixture, 'data', 'desktop.json'), 'utf8')),
      key: 'fake-key-of-musicgpt-0001',
      others: false,
    })
  })
})

describe.skipIf(process.platform === 'win32')('the engine over it', () => {
  it('converts what was queued, keeps what was in doubt, and knows the watched files again', { timeout: 60_000 }, async () => {
    const top = await temporaryFolder()
    cpSync(join(fixture, 'data'), join(top, 'data'), { recursive: true })
    cpSync(join(fixture, 'files'), top, { recursive: true })
    moveHome(join(top, 'data', 'beside.sqlite'), top)

    const before = openStore({ folder: join(top, 'data'), log: testLog, nowMs: () => startMs, randomHex: () => '000000' })
    const queued = before.jobs.get(16)
    // A user's changes: its FFmpeg, the pause, the hours. Without keys no provider is asked.
    before.settings.set({ ffmpegPath: '', paused: false, hours: [], holdOnBattery: false, webhookPort: 0, webhookAddress: '' })
    before.close()

    const doubtful = old.jobs.filter(({ state }) => state.phase === 'uncertain').map(({ id }) => id)
    const composed = await compose({ home: join(top, 'data'), log: testLog, secrets: fileSecrets(top, {}), timings: hurried })
    const { engine, folders } = composed
    try {
      await engine.start()
      await folders.start()
      await until(() => [16, 68, 69].every((id) => ['done', 'failed'].includes(engine.job(id)?.state.phase ?? '')))
      const drop = () => folders.list().find(({ rule }) => rule.path === join(top, 'Drop'))
      await until(() => (drop()?.lookedAtMs ?? null) !== null)
      const ledger = folders.sightings({ folderId: drop()?.id ?? 0, states: [], text: '' }, null, 100).sightings
      expect({
        from: queued?.state.phase,
        converted: engine.job(16)?.state,
        // Stood at `running` with sources that are gone by now.
        ended: [68, 69].map((id) => phaseAndCode(engine.job(id))),
        // Nobody knows whether the provider took it; without a key nobody can be asked.
        inDoubt: doubtful.map((id) => phaseAndCode(engine.job(id))),
        found: engine.history.page({ text: 'later' }, null, 10).jobs.map(({ id }) => id),
        ledger: ledger.map(nameAndState).toSorted(),
        jobsOfDrop: ledger.flatMap(({ jobs }) => jobs).toSorted(),
      }).toMatchObject({
        from: 'queued',
        converted: { phase: 'done', outputs: [{ path: join(top, 'Music', 'Later.mp3') }] },
        ended: ['failed source-missing', 'failed source-missing'],
        inDoubt: ['uncertain answer-lost', 'uncertain deadline'],
        found: [16],
        ledger: old.sightings
          .filter(({ folderId }) => folderId === 1)
          .map((line) => nameAndState(line as unknown as Sighting))
          .toSorted(),
        jobsOfDrop: [13, 14, 15],
      })
    } finally {
      await composed.stop()
    }
  })
})

/** Settings that 0.1.0 did not have. */
const since = { speechModel: defaultSettings.speechModel, fleet: null, lending: null }

function picked(names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, old[name]]))
}

function phaseAndCode(job: Job | null): string {
  return job === null ? 'gone' : `${job.state.phase}${'why' in job.state ? ` ${job.state.why.code}` : ''}`
}

function nameAndState({ path, name, state, why }: Partial<Sighting> & { readonly name?: string }): string {
  return `${name ?? path?.split('/').at(-1)} ${state} ${why?.code}`
}

/** As if the home folder had always been elsewhere, with the files under the dates that the database knows. */
function moveHome(database: string, home: string): void {
  const db = new Database(database)
  try {
    const texts = { jobs: ['source', 'state'], plans: ['json'], outputs: ['path'], settings: ['json'], watched_folders: ['rule'] }
    for (const [table, columns] of Object.entries(texts)) {
      for (const column of columns) db.prepare(`UPDATE ${table} SET ${column} = replace(${column}, '/home/anna', ?)`).run(home)
    }
    for (const { id, source } of db.prepare<[], { id: number; source: string }>('SELECT id, source FROM jobs').all()) {
      const { folder, name } = sourceHash(source)
      db.prepare('UPDATE jobs SET folder_hash = ?, name_hash = ? WHERE id = ?').run(folder, name, id)
    }
    const seen = db.prepare<[], { path: string; mtimeMs: number }>(`
      SELECT ltrim(dir || '/' || name, '/') AS path, mtime_ms AS mtimeMs FROM sightings WHERE folder_id = 1 AND gone_at IS NULL`)
    for (const { path, mtimeMs } of seen.all()) utimesSync(join(home, 'Drop', path), mtimeMs / 1000, mtimeMs / 1000)
    const source = db
      .prepare<[], { source: string; mtimeMs: number }>('SELECT source, mtime_ms AS mtimeMs FROM jobs WHERE id = 16')
      .get()
    if (source === undefined || dirname(source.source) !== join(home, 'Music'))
      throw new Error('the queued job is not where it was')
    utimesSync(source.source, source.mtimeMs / 1000, source.mtimeMs / 1000)
  } finally {
    db.close()
  }
}
