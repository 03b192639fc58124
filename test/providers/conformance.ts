/**
 * What every online provider must do, as sentences over its scripted server. A provider's own test is one call of this and its
 * peculiarities. Its server names three routes alike: `submit` makes the job that is paid for, `poll` answers its status, `result`
 * gives the bytes.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { toFailure } from '../../src/shared/failure.ts'
import { factsOf } from '../../src/shared/formats.ts'
import type { Source, Ticket } from '../../src/shared/job.ts'
import type { ProgressReport } from '../../src/main/providers/provider.ts'
import type { Reply } from '../support/servers/reply.ts'
import type { Misbehaviour } from '../support/servers/server.ts'
import { failureOf, onStage, poll, type Stage, type Subject } from '../support/stage.ts'

export function conformance(name: string, setup: (folder: string) => Promise<Subject>): void {
  const sentence = (text: string, act: (stage: Stage) => Promise<void>): void => {
    it(text, async () => {
      const stage = await onStage(setup)
      await act(stage)
      await stage.provider.stop()
      await stage.server.quiet()
      const leakedToLog = stage.logged.filter((line) => line.includes(stage.key))
      expect({ leaks: stage.server.leaks, leakedToLog, timers: stage.clock.waiting() }).toEqual({
        leaks: [],
        leakedToLog: [],
        timers: 0,
      })
    })
  }
  /** Fails like this, and leaves nothing. */
  const refuses = async (stage: Stage, work: Promise<unknown>, code: string): Promise<void> => {
    expect({ code: await failureOf(work), left: await stage.left() }).toEqual({ code, left: [] })
  }
  const answered = (status: number, stage: Stage, headers: Reply['headers'] = {}): Misbehaviour => ({
    kind: 'instead',
    reply: { status, headers, body: stage.errorBody(`says ${status} for ${stage.key}`) },
  })

  describe(`${name}, like every provider,`, () => {
    sentence('gives the whole file for a submit, polls and a fetch', async (stage) => {
      const parts = await stage.convert()
      const bytes = await Promise.all(parts.map(async ({ temp }) => await readFile(temp)))
      expect(bytes.map((one) => one.equals(stage.made()))).toEqual([true])
      expect(parts.map((part) => ({ temp: part.temp, bytes: part.bytes, format: part.format }))).toEqual([
        { temp: stage.order.temp(0), bytes: stage.made().length, format: stage.order.target },
      ])
      expect(stage.server.asked('submit').length).toBe(1)
    })

    sentence('takes, by its own word, what it takes, in a lane that it has, with a polling plan', async (stage) => {
      const { provider, wish } = stage
      const { pairings, sources } = await provider.capabilities(stage.signal)
      const found = pairings.some(({ from, to }) => from.includes(wish.from) && to.includes(wish.target))
      const concurrency = provider.concurrency[provider.lane(wish.from, wish.target, factsOf(wish.target).family)] ?? 0
      expect([
        found,
        sources.includes(wish.source.kind),
        concurrency > 0,
        provider.about.cloud,
        provider.pollingPlan !== undefined,
      ]).toEqual([true, true, true, true, true])
    })

    sentence('without a key asks nothing', async (stage) => {
      stage.setKey(null)
      await refuses(stage, stage.submit(), 'key-missing')
      expect(stage.server.seen).toEqual([])
    })

    sentence('with a wrong key says so, and does not repeat the key', async (stage) => {
      stage.setKey('wrong-key-of-mine')
      const error: unknown = await stage.submit().catch((thrown: unknown) => thrown)
      expect([toFailure(error).code, JSON.stringify(toFailure(error)).includes('wrong-key-of-mine')]).toEqual([
        stage.wrongKey,
        false,
      ])
    })

    sentence('knows what each status means, repeats no submit, and keeps the key out of what it says', async (stage) => {
      const found: (readonly [string, number, string])[] = []
      const ticket = await stage.wait(await stage.submit())
      const submits = stage.server.asked('submit').length
      let refusals = 0
      for (const [route, status] of stage.codes) {
        // More often than any patience of the transport: what it takes for a passing trouble must show in the end.
        const times = route === 'submit' ? 1 : 3
        stage.server.misbehave(route, answered(status, stage), times)
        const work = route === 'submit' ? stage.submit() : route === 'poll' ? stage.wait(ticket) : stage.fetch(ticket)
        const error: unknown = await work.catch((thrown: unknown) => thrown)
        const failure = toFailure(error)
        found.push([route, status, JSON.stringify(failure).includes(stage.key) ? 'the key' : failure.code])
        if (route === 'submit') refusals += 1
        stage.server.forgive()
      }
      expect(found).toEqual(stage.codes)
      expect(stage.server.asked('submit').length - submits).toBe(refusals)
      expect(await stage.left()).toEqual([])
    })

    sentence('names itself where it does not take what it is given', async (stage) => {
      const { sources } = await stage.provider.capabilities(stage.signal)
      const others: readonly Source[] = [
        { kind: 'url', url: 'https://example.com/a.wav' },
        { kind: 'file', path: '/nowhere/a.wav', bytes: 1, mtimeMs: 0 },
      ]
      for (const source of others.filter(({ kind }) => !sources.includes(kind))) {
        const error: unknown = await stage.provider
          .submit({ ...stage.order, source }, () => undefined, stage.signal)
          .catch((thrown: unknown) => thrown)
        expect(toFailure(error).facts).toMatchObject({ provider: stage.provider.about.title })
      }
    })

    sentence('passes on how long it is asked to wait', async (stage) => {
      stage.server.misbehave('submit', answered(503, stage, { 'retry-after': '77' }))
      const error: unknown = await stage.submit().catch((thrown: unknown) => thrown)
      expect(toFailure(error).retryAfterMs).toBe(77_000)
    })

    sentence('reads a date to wait for by the clock of the server', async (stage) => {
      const headers = { date: 'Mon, 01 Jan 2035 00:00:00 GMT', 'retry-after': 'Mon, 01 Jan 2035 00:01:30 GMT' }
      stage.server.misbehave('submit', answered(503, stage, headers))
      const error: unknown = await stage.submit().catch((thrown: unknown) => thrown)
      expect(toFailure(error).retryAfterMs).toBe(90_000)
    })

    sentence('never repeats a submit by itself whose answer was lost, and says that it was', async (stage) => {
      const codes: string[] = []
      for (const how of [
        { kind: 'reset', when: 'after' },
        { kind: 'cut', share: 0.5 },
        { kind: 'cut', share: 0 },
      ] as const) {
        stage.server.misbehave('submit', how)
        codes.push(await failureOf(stage.submit()))
      }
      expect([codes, stage.server.asked('submit').length]).toEqual([['answer-lost', 'answer-lost', 'answer-lost'], 3])
    })

    sentence('takes a submit that is never answered for lost, too', async (stage) => {
      const { reached } = stage.server.misbehave('submit', { kind: 'silent', when: 'after' })
      const work = stage.submit()
      await reached
      expect(await failureOf(stage.clock.passing(work))).toBe('answer-lost')
    })

    sentence('takes a submit whose answer makes no sense for lost, too', async (stage) => {
      const codes: string[] = []
      for (const body of ['<html>Welcome</html>', {}, [], 'null']) {
        stage.server.misbehave('submit', { kind: 'altered', alter: () => ({ body }) })
        codes.push(await failureOf(stage.submit()))
      }
      expect(codes).toEqual(['answer-lost', 'answer-lost', 'answer-lost', 'answer-lost'])
    })

    sentence('never takes the job of one submit for that of another', async (stage) => {
      let first: Reply = {}
      stage.server.misbehave('submit', { kind: 'altered', alter: (reply) => (first = reply) })
      stage.server.misbehave('submit', { kind: 'altered', alter: () => first })
      const ticket = await stage.submit()
      await refuses(stage, stage.submit(), 'answer-lost')
      expect((await stage.wait(ticket)).ids).toMatchObject(ticket.ids)
    })

    sentence('knows a submit for not sent where nobody answers the door', async (stage) => {
      await stage.server.stop()
      await refuses(stage, stage.submit(), 'network')
    })

    sentence('says that all of a submit has left when it has, and no earlier', async (stage) => {
      const { reached } = stage.server.misbehave('submit', { kind: 'silent', when: 'before' })
      const reports: ProgressReport[] = []
      const whole = Promise.withResolvers<void>()
      const controller = new AbortController()
      const report = (each: ProgressReport): void => {
        reports.push(each)
        if (each.bodySent === true) whole.resolve()
      }
      const work = stage.provider.submit(stage.order, report, controller.signal)
      await Promise.all([reached, whole.promise])
      controller.abort('cancel')
      await refuses(stage, work, 'cancel')
      const first = reports.findIndex(({ bodySent }) => bodySent === true)
      expect({
        beforehand: new Set(reports.slice(0, first).map(({ stage: at, bodySent }) => `${at} ${bodySent}`)),
        afterwards: new Set(reports.slice(first).map(({ bodySent }) => bodySent)),
      }).toEqual({ beforehand: new Set(['uploading false']), afterwards: new Set([true]) })
    })

    sentence('says of a submit that cannot leave that it has not', async (stage) => {
      await stage.server.stop()
      const reports: ProgressReport[] = []
      await failureOf(stage.provider.submit(stage.order, (each) => reports.push(each), stage.signal))
      expect({ any: reports.length > 0, left: reports.filter(({ bodySent }) => bodySent !== false) }).toEqual({
        any: true,
        left: [],
      })
    })

    sentence('ends a submit at once when it is aborted', async (stage) => {
      const { reached } = stage.server.misbehave('submit', { kind: 'silent', when: 'before' })
      const controller = new AbortController()
      const work = stage.provider.submit(stage.order, () => undefined, controller.signal)
      await reached
      controller.abort('cancel')
      await refuses(stage, work, 'cancel')
    })

    sentence('ends a poll at once when it is aborted', async (stage) => {
      const ticket = await stage.submit()
      const { reached } = stage.server.misbehave('poll', { kind: 'silent', when: 'before' })
      const controller = new AbortController()
      const work = poll(stage.provider, ticket, controller.signal)
      await reached
      controller.abort('cancel')
      await refuses(stage, work, 'cancel')
    })

    sentence('ends a fetch at once when it is aborted, and leaves nothing', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      const { reached } = stage.server.misbehave('result', { kind: 'stall', share: 0.5 })
      const controller = new AbortController()
      const work = stage.provider.fetch?.(ticket, stage.order, () => undefined, controller.signal) ?? Promise.resolve()
      await reached
      controller.abort('cancel')
      await refuses(stage, work, 'cancel')
    })

    sentence('asks on where a poll fails in passing, or says so, that the engine may', async (stage) => {
      const ticket = await stage.submit()
      stage.server.misbehave('poll', { kind: 'reset', when: 'before' })
      stage.server.misbehave('poll', answered(503, stage))
      const asked = async (): Promise<Ticket | null> =>
        await stage.wait(ticket).catch((error: unknown) => {
          if (['network', 'provider-down'].includes(toFailure(error).code)) return null
          throw error
        })
      const ready = (await asked()) ?? (await asked()) ?? (await asked())
      expect(ready?.ids).toMatchObject(ticket.ids)
    })

    sentence('takes a word that it does not know for "still running"', async (stage) => {
      const ticket = await stage.submit()
      stage.server.misbehave('poll', stage.saying('pondering'))
      expect((await poll(stage.provider, ticket, stage.signal)).kind).toBe('running')
    })

    sentence('keeps the key out of what it says of a job that runs, and of the word for how it stands', async (stage) => {
      const ticket = await stage.submit()
      stage.server.misbehave('poll', stage.saying(stage.key))
      const running = await poll(stage.provider, ticket, stage.signal)
      expect({ kind: running.kind, hasKey: JSON.stringify(running).includes(stage.key) }).toEqual({
        kind: 'running',
        hasKey: false,
      })
    })

    sentence('says that the conversion failed, in whatever case the word is written', async (stage) => {
      const ticket = await stage.submit()
      const codes: string[] = []
      for (const word of [stage.failedWord, stage.failedWord.toLowerCase(), stage.failedWord.toUpperCase()]) {
        stage.server.misbehave('poll', stage.saying(word))
        codes.push(await failureOf(poll(stage.provider, ticket, stage.signal)))
      }
      expect(codes).toEqual(['conversion-failed', 'conversion-failed', 'conversion-failed'])
    })

    sentence('understands answers that come byte by byte', async (stage) => {
      for (const route of ['submit', 'poll', 'result']) stage.server.misbehave(route, { kind: 'drip' })
      const [part] = await stage.convert()
      expect(part?.bytes).toBe(stage.made().length)
    })

    sentence('never saves a page, a message or nothing at all as the result', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      const pages: readonly Reply[] = [
        { headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><html><body>Back soon</body></html>' },
        { headers: { 'content-type': 'audio/mpeg' }, body: '<html><body>Back soon</body></html>' },
        { headers: { 'content-type': 'audio/mpeg' }, body: '{"error":"not here"}' },
        { headers: { 'content-type': 'application/octet-stream' }, body: 'Service temporarily unavailable' },
        { headers: { 'content-type': 'application/xml' }, body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>' },
        { headers: { 'content-type': 'audio/mpeg' }, body: Buffer.alloc(0) },
      ]
      for (const reply of pages) {
        stage.server.misbehave('result', { kind: 'instead', reply })
        await refuses(stage, stage.fetch(ticket), 'answer-bad')
      }
    })

    sentence('gets a result whole whose transfer broke in the middle', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      stage.server.misbehave('result', { kind: 'cut', share: 0.5 }, 2)
      const [part] = await stage.fetch(ticket)
      expect((await readFile(part?.temp ?? '')).equals(stage.made())).toBe(true)
    })

    sentence('gives up a result that never comes whole, and leaves nothing', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      stage.server.misbehave('result', { kind: 'cut', share: 0 }, 9)
      await refuses(stage, stage.fetch(ticket), 'network')
    })

    sentence('never takes a result for whole that is shorter than announced', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      const length = { 'content-length': String(stage.made().length + 10) }
      const longer = (reply: Reply): Reply => ({ ...reply, headers: { ...reply.headers, ...length } })
      stage.server.misbehave('result', { kind: 'altered', alter: longer }, 9)
      await refuses(stage, stage.clock.passing(stage.fetch(ticket)), 'network')
    })

    sentence('gives up a result that falls silent, and leaves nothing', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      const { reached } = stage.server.misbehave('result', { kind: 'stall', share: 0 }, 9)
      const work = stage.fetch(ticket)
      await reached
      await refuses(stage, stage.clock.passing(work), 'network')
    })

    sentence('follows a result to another origin, and leaves the key behind', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      const elsewhere = stage.server.lend(stage.made())
      stage.server.misbehave('result', { kind: 'instead', reply: { status: 302, headers: { location: elsewhere } } })
      const [part] = await stage.fetch(ticket)
      expect((await readFile(part?.temp ?? '')).equals(stage.made())).toBe(true)
    })

    sentence(
      'takes what another origin refuses for an address whose time is over, never for a word about key, plan or credit',
      async (stage) => {
        const ticket = await stage.wait(await stage.submit())
        const elsewhere = stage.server.lend(stage.made())
        for (const status of [401, 402, 403]) {
          // Twice: some ask the job for a fresh address first.
          stage.server.misbehave('result', { kind: 'instead', reply: { status: 302, headers: { location: elsewhere } } }, 2)
          stage.server.misbehave('lent', answered(status, stage), 2)
          await refuses(stage, stage.fetch(ticket), 'gone')
          stage.server.forgive()
        }
      },
    )

    sentence('does not follow a submit that is redirected, least of all to another origin', async (stage) => {
      const elsewhere = stage.server.lend(Buffer.from('{}'))
      stage.server.misbehave('submit', { kind: 'instead', reply: { status: 307, headers: { location: elsewhere } } })
      await refuses(stage, stage.submit(), 'answer-bad')
    })

    sentence('does not walk in circles', async (stage) => {
      const ticket = await stage.wait(await stage.submit())
      const location = stage.server.asked('poll')[0]?.path ?? ''
      stage.server.misbehave('poll', { kind: 'instead', reply: { status: 302, headers: { location } } }, 99)
      expect(await failureOf(stage.wait(ticket))).toBe('answer-bad')
    })
  })
}
