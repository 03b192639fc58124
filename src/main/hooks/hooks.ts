/** Hooks, put together: the verbs that the API calls, and how a delivery is sent. */
import { failure, JobError } from '../../shared/failure.ts'
import { hookBody, hookVariables, sampleEvent, type HookEnvelope, type HookEvent } from '../../shared/hook-events.ts'
import type { Hook, HookChange, HookDraft, HookStatus, HookTest } from '../../shared/hooks.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Clock, Log, Random, Secrets } from '../engine/ports.ts'
import { createFanout } from '../engine/queue/fanout.ts'
import type { Programs } from '../providers/local/process/programs.ts'
import type { DeliveryStore, HookStore } from '../store/hook-store.ts'
import type { FolderStore } from '../store/ledger.ts'
import { callHook, checkedHookUrl } from './call.ts'
import type { Hooks } from './hooks-api.ts'
import { createOutputLog } from './output-log.ts'
import { runHookProgram } from './program.ts'
import { createHookRunner } from './runner.ts'
import { newHookSecret, signedHeaders } from './signature.ts'

export interface HooksPorts {
  readonly hooks: HookStore
  readonly deliveries: DeliveryStore
  readonly folders: Pick<FolderStore, 'get'>
  readonly secrets: Secrets
  readonly programs: Programs
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The data folder: programs of Beside that a hook starts find the same queue. */
  readonly home: string
  /** Where programs run. */
  readonly userHome: string
}

/** What a hook does is reported at most so often. */
const reportEveryMs = 200

export function createHooks(ports: HooksPorts): Hooks {
  const { hooks, deliveries, clock, secrets } = ports
  const abort = new AbortController()
  const outputs = createOutputLog(ports.home)
  const fanout = createFanout<HookChange>(keyOf, clock)
  /** Hooks whose status is another, until that is reported. */
  const dirty = new Set<number>()
  let cancelReport: (() => void) | null = null
  /** Samples that are being sent. */
  const testing = new Set<Promise<unknown>>()

  const stored = (id: number): Hook => {
    const hook = hooks.get(id)
    if (hook === null) throw new JobError('not-found', { because: 'hook', id: String(id) })
    return hook
  }
  const statusOf = (hook: Hook): HookStatus => ({
    hook,
    counts: deliveries.counts(hook.id),
    last: deliveries.lastTried(hook.id),
  })
  const report = () => {
    cancelReport = null
    const changed = [...dirty].map((id) => hooks.get(id)).filter((hook) => hook !== null)
    dirty.clear()
    if (fanout.hasReaders()) for (const hook of changed) fanout.deliver({ type: 'hook', status: statusOf(hook) })
  }
  const changed = (id: number) => {
    if (abort.signal.aborted || !fanout.hasReaders()) return
    dirty.add(id)
    cancelReport ??= clock.after(reportEveryMs, report)
  }
  const send = async (hook: Hook, event: HookEvent, envelope: HookEnvelope, signal: AbortSignal): Promise<HookTest> => {
    const test = await trySending(hook, event, envelope, ports, signal)
    await outputs.append(hook.id, { atMs: clock.nowMs(), ...envelope, ...test })
    return test
  }
  const runner = createHookRunner({
    ...ports,
    changed,
    send: async (hook, { event, key, attempt }, signal) =>
      await send(hook, event, { key, hook: hook.name, attempt, sample: false }, signal),
  })
  const secretFor = async ({ id }: Hook): Promise<string> => {
    const secret = newHookSecret(ports.random)
    await secrets.set(`hook ${id}`, secret)
    return secret
  }
  return {
    start: runner.start,
    stop: async () => {
      abort.abort(new Error('Beside stops'))
      cancelReport?.()
      await runner.stop()
      await Promise.allSettled(testing)
      fanout.stop()
      await ports.programs.stop()
    },
    changes: (signal, restMs) => fanout.subscribe(signal, restMs),
    list: () => hooks.list().map(statusOf),
    save: async (draft) => {
      check(draft, ports)
      const isNew = !hooks.list().some(({ name }) => name === draft.name)
      const hook = hooks.save(draft, clock.nowMs())
      const isSigned = draft.action.kind === 'url'
      try {
        const secret = isSigned && !(await secrets.has(`hook ${hook.id}`)) ? await secretFor(hook) : null
        changed(hook.id)
        runner.nudge()
        return { status: statusOf(hook), secret }
      } catch (error) {
        // Without a place for its secret there is nothing that it could sign with.
        if (isNew) hooks.remove(hook.id)
        throw error
      }
    },
    switch: async (id, to) => {
      stored(id)
      const hook = hooks.switch(id, to)
      if (hook === null) throw new JobError('not-found', { because: 'hook', id: String(id) })
      if (!to.on) await runner.end(id)
      changed(id)
      runner.nudge()
      return statusOf(hook)
    },
    remove: async (id) => {
      if (hooks.get(id) === null) return false
      hooks.switch(id, { on: false })
      await runner.end(id)
      hooks.remove(id)
      fanout.deliver({ type: 'removed', id })
      await outputs.remove(id)
      await secrets.forget(`hook ${id}`)
      return true
    },
    renewSecret: async (id) => {
      const hook = stored(id)
      if (hook.action.kind !== 'url') throw new JobError('not-possible', { because: 'hook-unsigned' })
      return await secretFor(hook)
    },
    test: async (id, caller) => {
      const hook = stored(id)
      const event = sampleEvent(hook.after, hook.outcomes[0] ?? 'done', ports.userHome, clock.nowMs())
      const envelope = { key: `sample-${ports.random.key()}`, hook: hook.name, attempt: 1, sample: true }
      const sent = send(hook, event, envelope, AbortSignal.any([caller, abort.signal]))
      testing.add(sent)
      return await sent.finally(() => testing.delete(sent))
    },
    deliveries: (query, after, limit) => deliveries.page(query, after, limit),
    again: (which) => {
      const moved = deliveries.again(which)
      const ids = 'hookId' in which ? [which.hookId] : which.ids.flatMap((id) => deliveries.get(id)?.hookId ?? [])
      for (const id of new Set(ids)) changed(id)
      runner.nudge()
      return moved
    },
    output: async (id, bytes) => {
      stored(id)
      return await outputs.end(id, bytes)
    },
    settled: runner.settled,
  }
}

/** @throws JobError `usage`, `not-found`. */
function check({ action, after, preset, folderId }: HookDraft, { folders }: Pick<HooksPorts, 'folders'>): void {
  if (action.kind === 'url') checkedHookUrl(action.url)
  if (preset !== null && after !== 'job') throw new JobError('usage', { because: 'hook-preset' })
  if (folderId !== null && folders.get(folderId) === null)
    throw new JobError('not-found', { because: 'watched-folder', id: String(folderId) })
}

/** @throws the signal's reason alone. */
async function trySending(
  { id, action, timeoutMs }: Hook,
  event: HookEvent,
  envelope: HookEnvelope,
  ports: HooksPorts,
  signal: AbortSignal,
): Promise<HookTest> {
  const { clock, secrets, home, userHome, programs } = ports
  const body = hookBody(event, envelope)
  if (action.kind === 'program') {
    const variables = { ...hookVariables(event, envelope), BESIDE_HOME: home }
    return await runHookProgram(action, { body, variables, timeoutMs }, { programs, clock, folder: userHome }, signal)
  }
  const secret = await secrets.get(`hook ${id}`)
  if (secret === null) {
    return { answer: null, why: failure('hook-failed', { because: 'hook-secret-missing' }), output: '' }
  }
  const headers = { ...signedHeaders(secret, envelope.key, body, clock.nowMs()), 'beside-event': event.about }
  return await callHook({ url: checkedHookUrl(action.url), body, headers, timeoutMs, clock, signal })
}

function keyOf(change: HookChange): string {
  return `hook ${change.type === 'hook' ? change.status.hook.id : change.id}`
}

/** An engine after whose events hooks are run, from its start to its stop. */
export function withHooks(engine: Engine, hooks: Hooks): Engine {
  return {
    ...engine,
    start: async () => {
      await engine.start()
      hooks.start()
    },
    stop: async () => {
      await hooks.stop()
      await engine.stop()
    },
  }
}
