/** The way of a file from waiting to done: read until it is complete, checked, held for its time, handed over, followed, tried again. */
import type { Why } from '../../shared/folders.ts'
import type { Job } from '../../shared/job.ts'
import { describe } from '../../shared/describe.ts'
import type { Failure } from '../../shared/failure.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Line, LineChange } from '../store/ledger.ts'
import type { Called, Gatehouse } from './gatehouse.ts'
import { dirPath, ownHand, pathOf, type Ground } from './ground.ts'
import { handOver, nextOutputs, takeUp, type HandingPorts, type Refusal } from './handing.ts'
import type { Hint } from './hints.ts'
import { abreast } from './abreast.ts'
import { opensAtMs, startOfDay } from '../../shared/hours.ts'
import { look } from './listing.ts'
import { outcomeOf, passing, retryAtMs } from './outcome.ts'
import type { WatchPace } from './pace.ts'
import { recall, withdraw } from './recall.ts'
import { readinessOf, type ReadinessPorts } from './readiness.ts'
import { createTroubles } from './troubles.ts'

export interface ProgressPorts extends HandingPorts {
  readonly engine: Pick<Engine, 'openBatch' | 'convert' | 'batch' | 'list' | 'retry' | 'cancel'>
  readonly readiness: ReadinessPorts
  readonly pace: WatchPace
  readonly ground: () => Ground
  readonly gatehouse: Gatehouse
  /** How many files are looked at at once. */
  readonly together: () => number
  /** Whether the folder is the right one, now. */
  readonly isThere: () => Promise<boolean>
  /** The line is out of date: look at the file. */
  readonly hint: (hint: Hint) => void
  readonly publish: (lines: readonly Line[]) => void
  readonly signal: AbortSignal
}

export interface Progress {
  /** What a crash, or a time without watching, has left. */
  recover(): Promise<void>
  /** True where more could be done at once. */
  turn(): Promise<boolean>
  /** A job of this line has come to rest. */
  settle(id: number): Promise<void>
  /** The jobs of these lines are for contents that are no more. */
  withdraw(ids: readonly number[]): Promise<void>
  /** The files of these lines are elsewhere, or nowhere: what has not begun is ordered anew once they are found. */
  recall(ids: readonly number[]): Promise<void>
  nextMs(): number
}

const readAtOnce = 256
const checkedAtOnce = 16
const linesAtOnce = 500
/** After something went wrong: whatever it is, it is not tried again at once. */
const afterTroubleMs = 5_000

export function createProgress(ports: ProgressPorts): Progress {
  const { sightings, clock, gatehouse, pace, signal } = ports
  /** Lines that are taken up again at a time: failed ones, and those that cannot be handed over now. */
  const later = new Map<number, number>()
  const troubles = createTroubles(ports.log, signal)
  /** Something went wrong: what it left half done is taken up at this time, before anything else is done with lines in the queue. */
  let takeUpAtMs: number | null = null
  const troubled = (id: number) => {
    takeUpAtMs ??= clock.nowMs() + afterTroubleMs
    later.set(id, takeUpAtMs)
  }
  /** What goes wrong with one line is tried again later, and the others are led on. */
  const alone = async (id: number, work: (line: Line) => Promise<void> | void) => {
    const led = await troubles.within(`line ${id}`, async () => {
      const line = sightings.get(id)
      if (line !== null) await work(line)
      return 'led' as const
    })
    if (led === undefined) troubled(id)
  }

  const write = (id: number, change: LineChange): Line | null => {
    const [line] = sightings.write([{ id, change }], clock.nowMs())
    if (line === undefined) return null
    ports.publish([line])
    return line
  }
  const say = (line: Line, why: Why) => {
    if (line.why.code !== why.code) write(line.id, { why })
  }
  const putOff = (line: Line, change: LineChange & { readonly dueAtMs: number }) => {
    write(line.id, change)
    later.set(line.id, change.dueAtMs)
  }
  const rest = (line: Line, change: LineChange) => {
    gatehouse.leave(line.id)
    write(line.id, { dueAtMs: null, ...change })
  }
  const jobsOf = (line: Line): readonly (Job | null)[] =>
    sightings.handsOf(line.id).map(({ jobId }) => (jobId === null ? null : ports.jobOf(jobId)))

  /** It waits again, as if it had just been found. */
  const lookAnew = (line: Line) => {
    rest(line, { state: 'waiting', why: { code: 'settling', facts: {} } })
    ports.hint({ dir: line.dir, name: line.name })
  }
  const withdrawAll = async (ids: readonly number[]) => {
    for (const id of ids) {
      later.delete(id)
      await withdraw(id, ports)
    }
  }
  const recallAll = async (ids: readonly number[]) => {
    for (const id of new Set(ids)) {
      const line = sightings.get(id)
      if (line === null || (line.state !== 'queued' && line.state !== 'failed')) continue
      if (!(await recall(id, ports))) {
        await settle(line)
        continue
      }
      later.delete(id)
      lookAnew(line)
    }
  }
  const refused = ({ line, why }: Refusal) => {
    if (sightings.handsOf(line.id).some(({ batchId }) => batchId > 0)) return
    sightings.letGo(line.id)
    if (why.code === 'source-missing') {
      lookAnew(line)
    } else if (passing.has(why.code)) {
      putOff(line, { state: 'waiting', why: notNow(why), dueAtMs: clock.nowMs() + pace.laterMs })
    } else {
      rest(line, { state: 'left', why })
    }
  }
  const nextOf = (line: Line): readonly number[] => {
    const handed = sightings.handsOf(line.id).map(({ output }) => output)
    return nextOutputs(line, handed, ports.ground(), ports.settings())
  }
  const hand = async (lines: readonly Line[]) => {
    for (const alike of Map.groupBy(lines, (line) => nextOf(line).join()).values()) await handAlike(alike)
  }
  const handAlike = async (lines: readonly Line[]) => {
    for (let start = 0; start < lines.length; start += linesAtOnce) {
      const some = lines.slice(start, start + linesAtOnce)
      for (const { id } of some) gatehouse.leave(id)
      const outputs = some[0] === undefined ? [] : nextOf(some[0])
      const refusals = await handOver(some, outputs, ports.ground(), ports, signal)
      for (const refusal of refusals) refused(refusal)
      ports.publish(some.map(({ id }) => sightings.get(id)).filter((line) => line !== null))
      // Quick ones may be through before it was noted which they are.
      for (const { id } of some) await alone(id, settle)
    }
  }
  const giveUp = (line: Line, code: 'given-up' | 'paid-for', { attempts, why }: { attempts: number; why: Failure }) => {
    const facts = { attempts: String(attempts), reason: describe(why).message }
    rest(line, { state: 'quarantined', attempts, why: { code, facts } })
  }
  const settle = async (line: Line) => {
    if (line.state !== 'queued') return
    const outcome = outcomeOf(jobsOf(line), ports.ground().folder.rule.spend === null ? 'never' : 'with permission')
    switch (outcome.kind) {
      case 'working':
        return say(line, outcome.why)
      case 'done':
        if (outcome.why.code === 'converted' && nextOf(line).length > 0) return await hand([line])
        return rest(line, { state: 'done', why: outcome.why })
      case 'left':
        return rest(line, { state: 'left', why: outcome.why })
      case 'missed':
        return await recallAll([line.id])
      case 'unordered':
        return lookAnew(line)
      case 'unpaid':
        return void write(line.id, { why: outcome.why, dueAtMs: startOfDay(clock.nowMs(), 1).getTime() })
      case 'hindered':
        return putOff(line, { state: 'failed', why: outcome.why, dueAtMs: clock.nowMs() + pace.laterMs })
      case 'spent':
        return giveUp(line, 'paid-for', { attempts: line.attempts + 1, why: outcome.why })
      case 'failed': {
        // What fails while the folder is away says nothing about the file.
        const attempts = line.attempts + ((await ports.isThere()) ? 1 : 0)
        const dueAtMs = retryAtMs(Math.max(1, attempts), clock.nowMs(), pace.retryMs)
        if (dueAtMs === null) return giveUp(line, 'given-up', { attempts, why: outcome.why })
        return putOff(line, { state: 'failed', attempts, why: outcome.why, dueAtMs })
      }
    }
  }
  /** A line whose time has come again. */
  const takeAgain = async (line: Line) => {
    if (line.state === 'failed') {
      const failed = jobsOf(line).flatMap((job) => (job?.state.phase === 'failed' ? [job.id] : []))
      write(line.id, { state: 'queued', why: { code: 'queued', facts: {} }, dueAtMs: null })
      if (failed.length > 0 && (await ports.engine.retry({ kind: 'ids', ids: failed })) > 0) return
      // The history was cleared, or somebody has done it meanwhile.
      return await settle({ ...line, state: 'queued' })
    }
    if (line.state === 'queued') return await settle(line)
    if (line.state === 'waiting') lookAnew(line)
  }
  const takeUpOpen = async () => {
    for (const refusal of await takeUp(ports.ground(), ports, signal)) refused(refusal)
  }

  const check = async (called: Called): Promise<Line | null> => {
    const checked = await troubles.within(called.name, async () => await checkOne(called))
    if (checked === undefined) gatehouse.sendBack(called.id, clock.nowMs())
    return checked ?? null
  }
  const checkOne = async (called: Called): Promise<Line | null> => {
    const line = sightings.get(called.id)
    if (line === null || line.state !== 'waiting' || line.goneAtMs !== null) {
      gatehouse.leave(called.id)
      return null
    }
    if (called.checked) return held(line)
    const ground = ports.ground()
    const path = pathOf(ground, line)
    const own = ownHand(path, line, ports)
    if (own === 'output') rest(line, { state: 'left', why: { code: 'own-output', facts: {} } })
    if (own === 'work') {
      say(line, { code: 'own-work', facts: {} })
      gatehouse.sendBack(line.id, clock.nowMs())
    }
    if (own !== null) return null
    // Since it was first seen, its date, or what it was taken for, may have become another.
    const isOpen = line.why.code === 'own-work' || line.why.code === 'too-young'
    const place = line.dir === '' ? line.name : `${line.dir}/${line.name}`
    const verdict = isOpen ? ground.judge.of({ ...line, path: place }, clock.nowMs()) : ({ kind: 'take' } as const)
    if (verdict.kind === 'leave') rest(line, { state: 'left', why: verdict.why })
    if (verdict.kind === 'later') {
      gatehouse.leave(line.id)
      write(line.id, { why: verdict.why, dueAtMs: verdict.dueAtMs })
      ports.hint({ dir: line.dir, name: line.name })
    }
    if (verdict.kind !== 'take') return null
    const readiness = await readinessOf(path, called.gate, ground.judge, ports.readiness, signal)
    switch (readiness.kind) {
      case 'leave':
        rest(line, { state: 'left', why: readiness.why })
        return null
      case 'wait':
        say(line, readiness.why)
        gatehouse.sendBack(line.id, clock.nowMs())
        return null
      case 'stirred':
        gatehouse.leave(line.id)
        ports.hint({ dir: line.dir, name: line.name })
        return null
      case 'ready':
        return held({ ...line, print: readiness.print })
    }
  }
  /** Answers the line once its time has come. */
  const held = (line: Line): Line | null => {
    const nowMs = clock.nowMs()
    const { rule } = ports.ground().folder
    const isRested = line.why.code === 'outside-hours' || line.why.code === 'not-now'
    const restedAtMs = line.why.code === 'on-hold' ? (line.dueAtMs ?? nowMs) : isRested ? nowMs : nowMs + rule.holdMs
    const dueAtMs = restedAtMs > nowMs ? restedAtMs : opensAtMs(rule.schedule, nowMs)
    if (dueAtMs <= nowMs) return line
    const code = restedAtMs > nowMs ? ('on-hold' as const) : ('outside-hours' as const)
    write(line.id, { print: line.print, why: { code, facts: {} }, dueAtMs })
    gatehouse.hold(line.id, dueAtMs)
    return null
  }
  const readDue = async (): Promise<readonly Called[]> => {
    const ground = ports.ground()
    const quiet: Called[] = []
    const called = gatehouse.due(clock.nowMs(), readAtOnce)
    const looked = await abreast(called, ports.together(), async (at) => await look(dirPath(ground, at.dir), at.name), signal)
    for (const [index, each] of called.entries()) {
      const entry = looked[index] ?? null
      const told = entry === null ? 'changed' : gatehouse.tell(each.id, entry, clock.nowMs())
      if (told === 'quiet') quiet.push(each)
      if (told !== 'changed') continue
      gatehouse.leave(each.id)
      ports.hint({ dir: each.dir, name: each.name })
    }
    return quiet
  }

  return {
    settle: async (id) => {
      if (takeUpAtMs === null) await alone(id, settle)
      else later.set(id, takeUpAtMs)
      troubles.report()
    },
    withdraw: withdrawAll,
    recall: recallAll,
    recover: async () => {
      await takeUpOpen()
      const { id } = ports.ground().folder
      for (const state of ['queued', 'failed', 'waiting'] as const) {
        for (let after = 0; ;) {
          const lines = sightings.inState(id, state, after, linesAtOnce)
          for (const line of lines) {
            if (state === 'queued') await alone(line.id, settle)
            else if (line.dueAtMs !== null && (state === 'failed' || line.why.code === 'not-now'))
              later.set(line.id, line.dueAtMs)
          }
          const last = lines.at(-1)
          if (last === undefined || lines.length < linesAtOnce) break
          after = last.id
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    },
    turn: async () => {
      const nowMs = clock.nowMs()
      if (takeUpAtMs !== null && takeUpAtMs <= nowMs) {
        takeUpAtMs = null
        await takeUpOpen()
      }
      for (const [id, dueAtMs] of later) {
        if (dueAtMs > nowMs) continue
        later.delete(id)
        await alone(id, async (line) => {
          if (line.goneAtMs === null) await takeAgain(line)
        })
      }
      const quiet = await readDue()
      const checked = await abreast(quiet, Math.min(checkedAtOnce, ports.together()), check, signal)
      troubles.report()
      const ready = checked.filter((line) => line !== null)
      const prints = ready.map(({ id, print }) => ({ id, change: { print } }))
      if (ready.length > 0) await hand(sightings.write(prints, clock.nowMs()))
      return gatehouse.nextMs() <= clock.nowMs()
    },
    nextMs: () => Math.min(gatehouse.nextMs(), takeUpAtMs ?? Infinity, ...later.values()),
  }
}

function notNow(why: Failure): Why {
  return { code: 'not-now', facts: { reason: describe(why).message } }
}
