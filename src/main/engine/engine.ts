/** Starts and stops the parts, holds the verbs that the API calls, and publishes what has been committed. */
import { JobError } from '../../shared/failure.ts'
import { isFinished, workOf, type Job } from '../../shared/job.ts'
import type { Check, Machine } from '../../shared/machine.ts'
import type { Held } from '../../shared/model.ts'
import { ownDefaults } from '../../shared/option-defaults.ts'
import { ownOptions } from '../../shared/options.ts'
import { retryable } from '../../shared/selection.ts'
import type { Pairing, Provider, ProgressReport } from '../providers/provider.ts'
import type { Selection, Store } from '../store/store.ts'
import type { Engine } from './engine-api.ts'
import { createConvert } from './intake/convert.ts'
import { rehearse } from './intake/rehearse.ts'
import { candidatesNow, shareRun, successor, type Refused } from './intake/route.ts'
import { removeTemps } from './job/destination.ts'
import { handedOf, mayHaveFiles, resolution } from './job/outcome.ts'
import { recoverJobs, runJob, withdraw, type EngineDeps } from './job/run.ts'
import { undoBatch } from './job/undo.ts'
import { createBudget, createReconsider, fromTheStart } from './money/budget.ts'
import type { Clock, Inspect, Log, Random, Secrets, Trash } from './ports.ts'
import { createPasswords } from './passwords.ts'
import { presetVerbs } from './presets.ts'
import { rateLimits } from './providers/rate-limit.ts'
import { createBalances, createRegistry } from './providers/registry.ts'
import { createChanges } from './queue/changes.ts'
import { createChanging } from './queue/changing.ts'
import { batchSize, createMoving, createOrdering, turn } from './queue/moving.ts'
import { beginsAtMs, createRunner, heldBy } from './queue/runner.ts'
import { createStoreOutage } from './queue/store-outage.ts'
import { createWakeups } from './wakeups.ts'

export interface EnginePorts {
  readonly store: Store
  /** In no particular order; the user's is in the settings. */
  readonly providers: readonly Provider[]
  readonly inspect: Inspect
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly trash: Trash
  readonly secrets: Secrets
  /** Where results of addresses go when the settings name no folder. */
  readonly downloads: string
  /** What is installed and works, for `doctor`. */
  readonly checks: () => Promise<readonly Check[]>
  /** How it stands with the machine now. */
  readonly machine: () => Machine
}

export function createEngine(ports: EnginePorts): Engine {
  const { store, clock, log } = ports
  const passwords = createPasswords(ports.secrets, ports.random)
  const changes = createChanges(clock)
  const settings = () => store.settings.get()
  let held: Held | null = null
  const hold = () => (held = outage.held() ?? heldBy(settings(), ports.machine, clock.nowMs()))
  const totals = () => ({ totals: store.jobs.totals(), paused: settings().paused, held: hold() })
  const publishTotals = () => changes.publish({ type: 'totals', ...totals() })
  const changed = (job: Job) => changes.publish({ type: 'job', job })
  const runChanged = (job: Job) => {
    changed(job)
    if (job.state.phase !== 'running') publishTotals()
  }
  const unsubscribe = store.unread.subscribe(({ what, name }) => {
    if (what !== 'job') return
    // Found in the middle of a transaction: how it ended is known after.
    queueMicrotask(() => {
      try {
        const job = store.jobs.get(Number(name))
        if (job === null) publishTotals()
        else runChanged(job)
      } catch (error) {
        outage.begin(error)
      }
    })
  })
  const balances = createBalances(store.accounts, clock)
  const budget = createBudget({ store, clock, settings, about: (id) => registry.get(id).about, paid: balances.spent })
  const registry = createRegistry({ ...ports, balances, spentAt: budget.spentAt })
  const routePorts = { registry, clock, localOnly: () => settings().localOnly }
  const wakeups = createWakeups(clock)
  const deps: EngineDeps = {
    passwords,
    ...ports,
    provider: registry.get,
    registry,
    budget,
    wakeups,
    rateLimit: rateLimits(clock),
    slowed: new Map<number, number>(),
    successor: async (refused: Refused, signal: AbortSignal) => await successor(routePorts, refused, signal),
    settings,
    changed: runChanged,
    progress: (id: number, { stage, done, leftMs = null, speed = null, serviceStatus }: ProgressReport) =>
      changes.progress({ id, stage, progress: done, leftMs, speed, said: serviceStatus ?? null }),
  }
  const ofLane = new Map(ports.providers.flatMap((each) => Object.keys(each.concurrency).map((lane) => [lane, each])))
  const runner = createRunner({
    jobs: store.jobs,
    clock,
    concurrency: (lane) => ofLane.get(lane)?.concurrency[lane] ?? 1,
    beginsAtMs: (nowMs) => {
      const heldBefore = held?.by
      if (hold()?.by !== heldBefore) publishTotals()
      return settings().paused ? Infinity : beginsAtMs(held, nowMs)
    },
    run: async (job, signal, member) => await runJob(job, deps, signal, member?.company),
    claimCompanions: (job, nowMs) => {
      const provider = registry.get(job.provider)
      if (provider.sharesRun === undefined) return []
      const isWanted = (other: Job): boolean =>
        other.provider === job.provider && other.lane === job.lane && shareRun(provider, job.order, other.order)
      return store.jobs.claimSiblings(job, isWanted, nowMs)
    },
    failed: (error) => outage.begin(error),
    claimed: (job) => {
      changed(job)
      publishTotals()
    },
  })
  let started = false
  /** Before the start, jobs are kept and moved but not begun: a command that only reads has this engine, too. */
  const nudge = () => {
    if (started) runner.nudge()
  }
  const outage = createStoreOutage({
    clock,
    log,
    repair: async () => {
      // A write that changes nothing tells whether writing works.
      store.settings.set({})
      const running = runner.running()
      const left = store.jobs.running().filter(({ id }) => !running.includes(id))
      for await (const job of recoverJobs(left, deps)) runChanged(job)
    },
    changed: () => {
      publishTotals()
      nudge()
    },
  })
  let discarded: Promise<unknown> = Promise.resolve()
  let recovered: Promise<void> | null = null
  const recover = () => {
    recovered ??= (async () => {
      store.batches.recoverFilling()
      for await (const job of recoverJobs(store.jobs.running(), deps)) runChanged(job)
    })()
    return recovered
  }
  const convert = createConvert({
    ...ports,
    passwords,
    registry,
    added: (batchId) => {
      nudge()
      changes.publish({ type: 'batch', batchId })
      publishTotals()
    },
  })

  const changing = createChanging({
    jobs: store.jobs,
    passwords,
    registry,
    clock,
    settings,
    publish: changes.publish,
    over: () => {
      publishTotals()
      nudge()
    },
  })
  const { moveAll, settleNameConflicts } = createMoving({
    jobs: store.jobs,
    changed,
    discard: async (job, work) => {
      if (mayHaveFiles(work)) await removeTemps(job, store.tag, work)
      await withdraw(deps, job, handedOf(work))
    },
    over: () => {
      publishTotals()
      nudge()
    },
  })
  const reconsider = createReconsider({
    jobs: store.jobs,
    clock,
    log,
    mayBePaid: budget.mayBePaid,
    requeue: async (ids) => await moveAll({ kind: 'ids', ids }, ['waiting'], fromTheStart),
  })
  /** Answers those that the stop ended: some may have come to their end by themselves in that very moment. */
  const endRunning = async (selection: Selection, stop: 'pause' | 'cancel'): Promise<readonly Job[]> => {
    const ids = runner.running().filter((id) => isSelected(selection, store.jobs.get(id)))
    await Promise.all(ids.map(async (id) => await runner.end(id, stop)))
    const phase = stop === 'pause' ? 'paused' : 'cancelled'
    return ids.flatMap((id) => store.jobs.get(id) ?? []).filter(({ state }) => state.phase === phase)
  }

  return {
    passwords,
    recover,
    start: async () => {
      await recover()
      started = true
      nudge()
      await reconsider.start()
    },
    stop: async () => {
      unsubscribe()
      reconsider.stop()
      await runner.stop()
      await outage.stop()
      await discarded
      await Promise.all(ports.providers.map(async (each) => await each.stop()))
      changes.stop()
    },
    changes: (signal, restMs) => changes.subscribe(signal, restMs),

    openBatch: (label) => store.batches.open(label, clock.nowMs()),
    convert,
    rehearse: (request, results, signal) => rehearse(request, results, { ...ports, registry }, signal),
    batch: (id) => store.batches.get(id),
    batches: (query) => store.batches.list(query),
    undo: async (batchId) => {
      const batch = store.batches.get(batchId)
      if (batch === null) throw new JobError('not-found', { because: 'batch', id: String(batchId) })
      if (batch.totals.queued + batch.totals.running > 0) {
        throw new JobError('not-possible', { because: 'batch-running' })
      }
      if (batch.undoneAtMs !== null) throw new JobError('not-possible', { because: 'batch-undone' })
      const undone = await undoBatch(batchId, store, clock.nowMs())
      changes.publish({ type: 'batch', batchId })
      return undone
    },

    job: (id) => store.jobs.get(id),
    list: (query) => store.jobs.list(query),
    // Queued ones first, so that no lane takes the next while the running one is being stopped.
    pause: async (selection) =>
      (await moveAll(selection, ['queued'], { type: 'pause' })) + (await endRunning(selection, 'pause')).length,
    resume: async (selection) => await moveAll(selection, ['paused'], { type: 'resume' }),
    cancel: async (selection) => {
      let sent = 0
      const count = (job: Job) => (sent += job.state.phase === 'cancelled' && job.state.sent === true ? 1 : 0)
      const event = { type: 'cancel', atMs: clock.nowMs() } as const
      const idle = await moveAll(selection, ['queued', 'paused', 'waiting'], event, count)
      const ended = await endRunning(selection, 'cancel')
      for (const job of ended) count(job)
      return { moved: idle + ended.length, sent }
    },
    retry: async (selection, outcomes = retryable) => await moveAll(selection, outcomes, { type: 'retry' }),
    approve: async (selection) => await moveAll(selection, ['waiting'], { type: 'approve' }),
    settleNameConflicts: async (selection, as) => await settleNameConflicts(selection, as, clock.nowMs()),
    resolve: (id, as) => {
      const before = store.jobs.get(id)
      if (before === null) throw new JobError('not-found', { because: 'job', id: String(id) })
      const job = store.jobs.apply(id, resolution(before, as, registry.get(before.provider).about.resubmit, clock.nowMs()))
      if (job === null) throw new JobError('not-possible', { because: 'job-not-uncertain', id: String(id) })
      budget.resolved(before, as)
      const work = workOf(before.state)
      if (as !== 'again' && work !== null && mayHaveFiles(work))
        discarded = Promise.all([discarded, removeTemps(before, store.tag, work)])
      runChanged(job)
      nudge()
      return job
    },
    ...createOrdering(store.jobs, changes.publish),
    changeOrders: changing.change,
    rehearseChange: changing.rehearse,
    planChange: changing.plan,
    occupy: runner.occupy,

    totals,
    pauseAll: () => {
      store.settings.set({ paused: true })
      publishTotals()
    },
    resumeAll: () => {
      store.settings.set({ paused: false })
      publishTotals()
      nudge()
    },
    nudge: () => {
      publishTotals()
      nudge()
    },

    history: {
      page: (query, after, limit, skip, order) => store.history.page(query, after, limit, skip, order),
      runs: (jobId) => store.history.runs(jobId),
      spend: (span, zoneOffsetMinutes) => store.spend.days(span, zoneOffsetMinutes),
      sums: (query) => store.history.sums(query),
      days: (query, zoneOffsetMinutes) => store.history.days(query, zoneOffsetMinutes),
      forget: async (ids) => {
        let forgotten = 0
        for (;;) {
          const some = store.history.forget(ids, batchSize)
          forgotten += some
          if (some < batchSize) break
          await turn()
        }
        publishTotals()
        return forgotten
      },
    },
    presets: presetVerbs(store.presets),
    // Another account, or a larger plan, has another concurrency.
    providers: {
      ...registry,
      calledBack: wakeups.wake,
      set: async (change) => {
        const status = await registry.set(change)
        if (change.caps !== undefined) await reconsider.provider(change.id)
        nudge()
        return status
      },
      setKey: async (id, key) => await registry.setKey(id, key).finally(nudge),
      forgetKey: async (id) => await registry.forgetKey(id).finally(nudge),
      check: async (id) => await registry.check(id).finally(nudge),
    },
    settings,
    machine: ports.machine,
    change: (change) => {
      const now = store.settings.set(change)
      publishTotals()
      nudge()
      return now
    },
    formats: async () => {
      const found = await candidatesNow(routePorts, 'auto', new AbortController().signal)
      return found.flatMap(({ about: { id: provider }, capabilities }) => {
        const { pairings = [], missing = [], staleSinceMs } = capabilities ?? {}
        return [
          ...pairings.map((pairing) => ({
            ...withOwnOptions(pairing),
            provider,
            ...(staleSinceMs !== undefined && { staleSinceMs }),
          })),
          ...missing.map(({ program, install, ...pairing }) => ({
            ...withOwnOptions(pairing),
            provider,
            missing: { program, ...(install !== undefined && { install }) },
          })),
        ]
      })
    },
    doctor: ports.checks,
  }
}

function withOwnOptions<P extends Pairing>(pairing: P): P {
  return {
    ...pairing,
    options: [...pairing.options, ...ownOptions],
    defaults: { ...pairing.defaults, ...ownDefaults },
  }
}

function isSelected(selection: Selection, job: Job | null): boolean {
  if (job === null || isFinished(job.state)) return false
  if (selection.kind === 'all') return true
  return selection.kind === 'batch' ? job.batchId === selection.batchId : selection.ids.includes(job.id)
}
