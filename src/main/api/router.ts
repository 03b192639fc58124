/**
 * The contract over an engine. No logic: each call is one verb of the engine. A JobError becomes the typed error FAILURE;
 * anything else is logged in full and crosses as `internal`. Streams end with their caller's signal.
 */
import type { ClientContext, ClientOptions } from '@orpc/client'
import { createRouterClient, implement } from '@orpc/server'
import type { Link } from '../../shared/wire/client.ts'
import { contract } from '../../shared/wire/contract.ts'
import { toWire, withErrors } from '../../shared/wire/errors.ts'
import { toFailure } from '../../shared/failure.ts'
import type { Settings } from '../../shared/settings.ts'
import type { Log } from '../engine/ports.ts'
import type { Previews } from '../engine/previews.ts'
import type { Trials } from '../engine/trials.ts'
import type { Views } from '../engine/views.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { FfmpegSupply } from '../ffmpeg/supply.ts'
import type { Served } from '../served/served.ts'
import type { Support } from '../support/support.ts'
import type { Rule } from '../../shared/folders.ts'
import type { Hooks } from '../hooks/hooks-api.ts'
import type { Folders } from '../watch/folders-api.ts'
import type { Lending } from '../worker/lending.ts'

export interface About {
  readonly version: string
  readonly pid: number
  readonly home: string
}

export type BesideRouter = ReturnType<typeof routerOf>

/** What a data folder's holder has put together. */
export interface RouterParts {
  readonly engine: Engine
  readonly folders: Folders
  readonly hooks: Hooks
  readonly fleet: Fleet
  readonly lending: Lending
  readonly previews: Previews
  readonly views: Views
  readonly trials: Trials
  readonly ffmpeg: FfmpegSupply
  /** Puts the sample into its place; its path. */
  readonly sample: () => Promise<string>
  readonly support: Support
  readonly served: Served
}

export function routerOf(
  { engine, folders, fleet, hooks, lending, previews, views, trials, ffmpeg, sample, support, served }: RouterParts,
  about: About,
  log: Log,
) {
  const crossing = (error: unknown, path: readonly string[]) => {
    const crossed = toWire(error)
    if (toFailure(error).code === 'internal' && crossed.code === 'FAILURE')
      log.error('a call failed', { path: path.join('.'), error: detailOf(error) })
    return crossed
  }
  const sealed = async (rule: Rule): Promise<Rule> => ({
    ...rule,
    outputs: await Promise.all(
      rule.outputs.map(async (output) => ({ ...output, options: await engine.passwords.seal(output.options) })),
    ),
  })
  const os = implement(contract).use(async ({ next, path, signal }, _input, output) => {
    try {
      const answer = await next()
      // A caller that has gone ends its streams; that is no failure.
      const mapped = (error: unknown) => (signal?.aborted === true ? signal.reason : crossing(error, path))
      return output(withErrors(answer.output, mapped))
    } catch (error) {
      throw crossing(error, path)
    }
  })

  return os.router({
    about: os.about.handler(() => about),
    changes: os.changes.handler(({ input, signal }) => portions(engine.changes(signal ?? never(), input.restMs))),
    jobs: {
      get: os.jobs.get.handler(({ input }) => engine.job(input.id)),
      list: os.jobs.list.handler(({ input }) => mutable(engine.list(input))),
      pause: os.jobs.pause.handler(async ({ input }) => ({ moved: await engine.pause(input) })),
      resume: os.jobs.resume.handler(async ({ input }) => ({ moved: await engine.resume(input) })),
      cancel: os.jobs.cancel.handler(async ({ input }) => await engine.cancel(input)),
      retry: os.jobs.retry.handler(async ({ input }) => ({ moved: await engine.retry(input, input.outcomes) })),
      approve: os.jobs.approve.handler(async ({ input }) => ({ moved: await engine.approve(input) })),
      resolve: os.jobs.resolve.handler(({ input }) => engine.resolve(input.id, input.as)),
      settleClash: os.jobs.settleClash.handler(async ({ input }) => ({
        moved: await engine.settleNameConflicts(input.selection, input.as),
      })),
      setPriority: os.jobs.setPriority.handler(({ input }) => ({ moved: engine.setPriority(input.ids, input.priority) })),
      change: os.jobs.change.handler(async ({ input: { selection, change }, signal }) => {
        return await engine.changeOrders(selection, change, signal ?? never())
      }),
      rehearseChange: os.jobs.rehearseChange.handler(async ({ input: { selection, change }, signal }) => {
        return await engine.rehearseChange(selection, change, signal ?? never())
      }),
      moveBefore: os.jobs.moveBefore.handler(({ input }) => ({ moved: engine.moveBefore(input.ids, input.before) })),
      moveAfter: os.jobs.moveAfter.handler(({ input }) => ({ moved: engine.moveAfter(input.ids, input.after) })),
    },
    batches: {
      open: os.batches.open.handler(({ input }) => ({ batchId: engine.openBatch(input.label) })),
      convert: os.batches.convert.handler(({ input, signal }) => stream(engine.convert(input, signal ?? never()))),
      get: os.batches.get.handler(({ input }) => engine.batch(input.id)),
      list: os.batches.list.handler(({ input }) => [...engine.batches(input)]),
      undo: os.batches.undo.handler(async ({ input }) => {
        const undone = await engine.undo(input.id)
        return { removed: [...undone.removed], kept: [...undone.kept] }
      }),
    },
    queue: {
      totals: os.queue.totals.handler(() => engine.totals()),
      pause: os.queue.pause.handler(() => engine.pauseAll()),
      resume: os.queue.resume.handler(() => engine.resumeAll()),
      nudge: os.queue.nudge.handler(() => engine.nudge()),
    },
    history: {
      page: os.history.page.handler(({ input }) =>
        mutable(engine.history.page(input.query, input.after, input.limit, input.skip, input.sort)),
      ),
      runs: os.history.runs.handler(({ input }) => [...engine.history.runs(input.id)]),
      spend: os.history.spend.handler(({ input: { zoneOffsetMinutes, ...span } }) => [
        ...engine.history.spend(span, zoneOffsetMinutes),
      ]),
      sums: os.history.sums.handler(({ input }) => engine.history.sums(input)),
      days: os.history.days.handler(({ input }) => [...engine.history.days(input.query, input.zoneOffsetMinutes)]),
      forget: os.history.forget.handler(async ({ input }) => ({ forgotten: await engine.history.forget(input.ids) })),
    },
    presets: {
      list: os.presets.list.handler(() => [...engine.presets.list()]),
      save: os.presets.save.handler(({ input }) => engine.presets.save(input)),
      remove: os.presets.remove.handler(({ input }) => ({ removed: engine.presets.remove(input.name) })),
    },
    settings: {
      get: os.settings.get.handler(() => engine.settings()),
      set: os.settings.set.handler(({ input }) => engine.change(given(input))),
    },
    providers: {
      list: os.providers.list.handler(async () => [...(await engine.providers.list())]),
      set: os.providers.set.handler(async ({ input }) => await engine.providers.set(input)),
      setKey: os.providers.setKey.handler(async ({ input }) => await engine.providers.setKey(input.id, input.key)),
      forgetKey: os.providers.forgetKey.handler(async ({ input }) => await engine.providers.forgetKey(input.id)),
      check: os.providers.check.handler(async ({ input }) => await engine.providers.check(input.id)),
      jobs: os.providers.jobs.handler(async ({ input: { id, ...filter } }) => [...(await engine.providers.jobs(id, filter))]),
      addWebhook: os.providers.addWebhook.handler(async ({ input }) => ({
        secret: await engine.providers.addWebhook(input.id, input.url ?? null),
      })),
    },
    fleet: {
      status: os.fleet.status.handler(() => fleet.status()),
      setUp: os.fleet.setUp.handler(async ({ input }) => await fleet.setUp(input)),
      joinLine: os.fleet.joinLine.handler(async () => ({ joinLine: await fleet.joinLine() })),
      leave: os.fleet.leave.handler(async () => await fleet.leave()),
      drain: os.fleet.drain.handler(async ({ input }) => ({ isKnown: await fleet.mode(input.machine, 'drain') })),
      resume: os.fleet.resume.handler(async ({ input }) => ({ isKnown: await fleet.mode(input.machine, 'work') })),
      forget: os.fleet.forget.handler(async ({ input }) => ({ isKnown: await fleet.forget(input.machine) })),
      lending: os.fleet.lending.handler(() => lending.status()),
      lend: os.fleet.lend.handler(async ({ input }) => await lending.lend(input)),
      endLending: os.fleet.endLending.handler(async () => await lending.end()),
    },
    folders: {
      list: os.folders.list.handler(() => [...folders.list()]),
      changes: os.folders.changes.handler(({ input, signal }) => portions(folders.changes(signal ?? never(), input.restMs))),
      add: os.folders.add.handler(async ({ input }) => await folders.add({ ...input, rule: await sealed(input.rule) })),
      change: os.folders.change.handler(
        async ({ input }) => await folders.change(input.id, await sealed(input.rule), input.oldFiles),
      ),
      switch: os.folders.switch.handler(async ({ input }) => await folders.switch(input.id, input)),
      accept: os.folders.accept.handler(async ({ input }) => await folders.accept(input.id)),
      look: os.folders.look.handler(async ({ input }) => await folders.scan(input.id)),
      remove: os.folders.remove.handler(async ({ input }) => ({ removed: await folders.remove(input.id) })),
      rehearse: os.folders.rehearse.handler(async ({ input, signal }) => await folders.rehearse(input, signal ?? never())),
      sightings: os.folders.sightings.handler(({ input }) => {
        const { sightings, next } = folders.sightings(input.query, input.after, input.limit)
        return { sightings: [...sightings], next }
      }),
      why: os.folders.why.handler(async ({ input }) => [...(await folders.why(input.path))]),
      again: os.folders.again.handler(async ({ input }) => ({ moved: await folders.again(input.ids) })),
    },
    hooks: {
      list: os.hooks.list.handler(() => [...hooks.list()]),
      changes: os.hooks.changes.handler(({ input, signal }) => portions(hooks.changes(signal ?? never(), input.restMs))),
      save: os.hooks.save.handler(async ({ input }) => await hooks.save(input)),
      switch: os.hooks.switch.handler(async ({ input }) => await hooks.switch(input.id, input)),
      remove: os.hooks.remove.handler(async ({ input }) => ({ removed: await hooks.remove(input.id) })),
      renewSecret: os.hooks.renewSecret.handler(async ({ input }) => ({ secret: await hooks.renewSecret(input.id) })),
      test: os.hooks.test.handler(async ({ input, signal }) => await hooks.test(input.id, signal ?? never())),
      deliveries: os.hooks.deliveries.handler(({ input: { query, after, limit } }) => {
        const { deliveries, next } = hooks.deliveries(query, after, limit)
        return { deliveries: [...deliveries], next }
      }),
      again: os.hooks.again.handler(({ input }) => ({ moved: hooks.again(input) })),
      output: os.hooks.output.handler(async ({ input }) => await hooks.output(input.id, input.bytes)),
      settled: os.hooks.settled.handler(async ({ signal }) => await hooks.settled(signal ?? never())),
    },
    media: {
      inspect: os.media.inspect.handler(async ({ input, signal }) => await previews.inspect(input.path, signal ?? never())),
      picture: os.media.picture.handler(
        async ({ input, signal }) => await previews.picture(input, input.size, signal ?? never()),
      ),
      look: os.media.look.handler(async ({ input, signal }) => await previews.look(input, signal ?? never())),
      view: os.media.view.handler(async ({ input, signal }) => await views.view(input, signal ?? never())),
      trial: os.media.trial.handler(({ input, signal }) => stream(trials.run(input, signal ?? never()))),
      waveform: os.media.waveform.handler(async ({ input, signal }) => await views.waveform(input, signal ?? never())),
      loudness: os.media.loudness.handler(async ({ input, signal }) => await views.loudness(input, signal ?? never())),
    },
    served: {
      keys: os.served.keys.handler(() => [...served.keys()]),
      addKey: os.served.addKey.handler(async ({ input }) => ({ key: await served.addKey(input) })),
      removeKey: os.served.removeKey.handler(async ({ input }) => ({ jobs: await served.removeKey(input.name) })),
      keyOf: os.served.keyOf.handler(({ input }) => served.keyOf(input.hash)),
      pairs: os.served.pairs.handler(async ({ input }) => [...(await served.pairs(input.hash))]),
      check: os.served.check.handler(async ({ input }) => await served.check(input)),
      begin: os.served.begin.handler(async ({ input, signal }) => await served.begin(input, signal ?? never())),
      job: os.served.job.handler(async ({ input }) => await served.job(input)),
      ended: os.served.ended.handler(async ({ input, signal }) => await served.ended(input, signal ?? never())),
      release: os.served.release.handler(async ({ input }) => await served.release(input)),
      sweep: os.served.sweep.handler(async () => await served.sweep()),
    },
    formats: os.formats.handler(async () =>
      (await engine.formats()).map(
        ({ provider, from, to, options, values = {}, defaults = {}, joins, packs, by, missing, staleSinceMs }) => ({
          provider,
          from: [...from],
          to: [...to],
          options: [...options],
          values: Object.fromEntries(Object.entries(values).map(([name, each]) => [name, [...each]])),
          defaults,
          ...(joins !== undefined && { joins }),
          ...(packs !== undefined && { packs }),
          ...(by !== undefined && { by }),
          ...(missing !== undefined && { missing }),
          ...(staleSinceMs !== undefined && { staleSinceMs }),
        }),
      ),
    ),
    machine: os.machine.handler(() => engine.machine()),
    sample: os.sample.handler(async () => ({ path: await sample() })),
    ffmpeg: {
      state: os.ffmpeg.state.handler(() => ffmpeg.state()),
      watch: os.ffmpeg.watch.handler(({ signal }) => stream(ffmpeg.watch(signal ?? never()))),
      fetch: os.ffmpeg.fetch.handler(() => ffmpeg.fetch()),
      cancel: os.ffmpeg.cancel.handler(() => ffmpeg.cancel()),
    },
    support: {
      log: os.support.log.handler(async ({ input }) => await support.log(about.home, input.lines)),
      bundle: os.support.bundle.handler(async () => await support.bundle(about)),
    },
    doctor: os.doctor.handler(async () => [...(await engine.doctor())]),
  })
}

/** Calls a router of this very process. */
export function linkTo(router: BesideRouter): Link {
  const root: unknown = createRouterClient(router)
  return {
    async call(path, input, options) {
      let target = root
      for (const part of path) target = (target as Record<string, unknown>)[part]
      return await (target as (input: unknown, options: ClientOptions<ClientContext>) => Promise<unknown>)(input, options)
    },
  }
}

/** What oRPC takes for a stream: an iterator with all its methods. */
async function* stream<T>(values: AsyncIterable<T>): AsyncGenerator<T, void> {
  yield* values
}

async function* portions<T>(values: AsyncIterable<readonly T[]>): AsyncGenerator<T[], void> {
  for await (const portion of values) yield [...portion]
}

function never(): AbortSignal {
  return new AbortController().signal
}

function mutable<T>(page: { readonly jobs: readonly T[]; readonly next: string | null }): { jobs: T[]; next: string | null } {
  return { jobs: [...page.jobs], next: page.next }
}

/** Absent and undefined are one thing on the wire and two in TypeScript. */
function given(change: { [Key in keyof Settings]?: Settings[Key] | undefined }): Partial<Settings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
