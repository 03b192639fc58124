import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failure } from '../../src/shared/failure.ts'
import type { HookChange, HookDraft } from '../../src/shared/hooks.ts'
import type { Store } from '../../src/main/store/store.ts'
import { startMs } from '../support/drafts.ts'
import { hookDraft, hookProgram, hookServer } from '../support/hook-listeners.ts'
import { hookScene } from '../support/hook-scene.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { failureOf } from '../support/stage.ts'
import { until } from '../support/watching.ts'

leavesNothingOpen()

describe('what is due', () => {
  it('is delivered once, to the program and to the address, in the order of the events', async () => {
    const scene = await hookScene()
    const [program, server] = [await hookProgram(scene.folder), await hookServer()]
    await scene.add(hookDraft(program.action('--quiet')))
    await scene.add(hookDraft({ kind: 'url', url: server.url }, { name: 'call' }))
    for (let n = 0; n < 3; n += 1) scene.end()
    await scene.reached('delivered')
    const told = await program.told()
    expect([told.map(({ body }) => body.job.id), server.calls.map(({ message }) => message.job.id)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(told[0]).toMatchObject({
      args: ['--quiet'],
      folder: scene.folder,
      variables: { BESIDE_JOB: '1', BESIDE_HOME: scene.folder },
    })
  })

  it('is tried again after its time, under the same key, until it is taken', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    server.answer(500)
    await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await scene.reached('failed')
    scene.clock.advance(4_999)
    const early = server.calls.length
    scene.clock.advance(1)
    await until(() => server.calls.length === 2)
    await scene.reached('failed')
    server.answer(200)
    scene.clock.advance(20_000)
    await scene.reached('delivered')
    expect([
      early,
      server.calls.map(({ message }) => message.attempt),
      new Set(server.calls.map(({ message }) => message.id)).size,
    ]).toEqual([1, [1, 2, 3], 1])
    expect(server.calls.map(({ headers }) => headers['webhook-id'])).toEqual(server.calls.map(({ message }) => message.id))
  })

  it('waits as long as the receiver asks', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    server.answer(503, { headers: { 'retry-after': '3600' } })
    await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await scene.reached('failed')
    expect(scene.deliveries()[0]?.state).toMatchObject({ phase: 'failed', dueAtMs: startMs + 3_600_000 })
  })

  it('is given up after eight tries, and sent again when somebody says so', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    server.answer(500)
    const { id } = await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    for (let tries = 1; tries <= 8; tries += 1) {
      await until(() => server.calls.length === tries)
      await scene.reached('failed', 'given-up')
      scene.clock.advance(6 * 3_600_000)
    }
    const { state, attempt } = scene.deliveries()[0] ?? {}
    server.answer(204)
    const moved = scene.hooks.again({ hookId: id })
    await scene.reached('delivered')
    expect([state?.phase, attempt, moved, server.calls.length, scene.logged.length]).toEqual(['given-up', 8, 1, 9, 8])
  })

  it('that fails holds up neither what comes behind it nor other hooks', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    server.answer(500)
    await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await scene.reached('failed')
    server.answer(204)
    scene.end()
    await until(() => server.calls.length === 2)
    expect(server.calls.map(({ message }) => message.job.id)).toEqual([1, 2])
  })

  it('is not delivered while its hook is off, and is once it is on again', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    server.answer(500)
    const { id } = await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await scene.reached('failed')
    await scene.hooks.switch(id, { on: false })
    server.answer(204)
    scene.end()
    scene.clock.advance(60_000)
    await scene.hooks.settled(new AbortController().signal)
    const off = server.calls.length
    await scene.hooks.switch(id, { on: true })
    await scene.reached('delivered')
    // What happened while it was off passed it by.
    expect([off, server.calls.map(({ message }) => message.job.id)]).toEqual([1, [1, 1]])
  })

  it('of which the end cannot be kept is due again once the store answers', async () => {
    let isBroken = true
    const scene = await hookScene((store: Store) => ({
      ...store,
      deliveries: {
        ...store.deliveries,
        apply: (id, move) => {
          if (isBroken && move.type === 'deliver') throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
          return store.deliveries.apply(id, move)
        },
      },
    }))
    const server = await hookServer()
    await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await until(() => scene.logged.some((line) => line.includes('does not answer')))
    isBroken = false
    scene.clock.advance(10_000)
    await scene.reached('delivered')
    expect(server.calls.map(({ message }) => message.attempt)).toEqual([1, 2])
  })

  it('waits for a hook that has something under way; a few hooks are served at once', async () => {
    const scene = await hookScene()
    const servers = await Promise.all(Array.from({ length: 6 }, async () => await hookServer()))
    for (const [n, server] of servers.entries()) {
      server.answer('silent')
      await scene.add(hookDraft({ kind: 'url', url: server.url }, { name: `hook ${n}` }))
    }
    scene.end()
    scene.end()
    const calls = () => servers.reduce((sum, server) => sum + server.calls.length, 0)
    await until(() => calls() === 4)
    for (const server of servers) server.answer(204)
    scene.clock.advance(60_000)
    await scene.reached('delivered', 'failed')
    scene.clock.advance(60_000)
    await scene.reached('delivered')
    // The four that were not answered at first were sent once more.
    expect(calls()).toBe(16)
  })
})

describe('a stop', () => {
  it('ends what is under way and puts it back, and the next start delivers it; nothing of the tries is lost', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    server.answer('silent')
    await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await until(() => server.calls.length === 1)
    await scene.hooks.stop()
    const stopped = scene.deliveries().map(({ state, attempt }) => [state.phase, attempt])
    server.answer(204)
    await scene.restarted()
    await scene.reached('delivered')
    expect([stopped, server.calls.map(({ message }) => [message.id, message.attempt])]).toEqual([
      [['due', 0]],
      [
        [scene.deliveries()[0]?.key, 1],
        [scene.deliveries()[0]?.key, 1],
      ],
    ])
  })

  it('while a program runs leaves nothing of it', async () => {
    const scene = await hookScene()
    await scene.add(hookDraft({ kind: 'program', program: 'sh', args: ['-c', 'sleep 86601 & wait'] }))
    scene.end()
    await until(() => scene.deliveries()[0]?.state.phase === 'running')
    await scene.hooks.stop()
    expect(scene.deliveries()[0]?.state.phase).toBe('due')
  })
})

describe('hooks', () => {
  it('are shown with their deliveries, and report what changes', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    const reading = new AbortController()
    const changes = scene.hooks.changes(reading.signal)
    const { id } = await scene.add(hookDraft({ kind: 'url', url: server.url }))
    scene.end()
    await scene.reached('delivered')
    scene.clock.advance(200)
    const seen: HookChange[] = []
    for await (const portion of changes) {
      seen.push(...portion)
      if (seen.length > 0) break
    }
    reading.abort()
    const [status] = scene.hooks.list()
    expect([status?.counts.delivered, status?.last?.state.phase, seen.at(-1)?.type]).toEqual([1, 'delivered', 'hook'])
    expect(await scene.hooks.remove(id)).toBe(true)
    expect([scene.hooks.list(), scene.deliveries(), await scene.secrets.has(`hook ${id}`)]).toEqual([[], [], false])
  })

  it('that call have a secret, told once; one that is replaced keeps it, and a new one can be had', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    const action = { kind: 'url', url: server.url } as const
    const first = await scene.add(hookDraft(action))
    const second = await scene.add(hookDraft(action, { timeoutMs: 5_000 }))
    const renewed = await scene.hooks.renewSecret(first.id)
    expect([first.secret?.startsWith('whsec_'), second, renewed === first.secret]).toEqual([
      true,
      { id: first.id, secret: null },
      false,
    ])
    expect(await scene.secrets.get(`hook ${first.id}`)).toBe(renewed)
  })

  it('that have lost their secret send nothing, and say so', async () => {
    const scene = await hookScene()
    const server = await hookServer()
    const { id } = await scene.add(hookDraft({ kind: 'url', url: server.url }))
    await scene.secrets.forget(`hook ${id}`)
    scene.end()
    await scene.reached('failed')
    expect([server.calls.length, scene.deliveries()[0]?.state]).toEqual([
      0,
      expect.objectContaining({ why: failure('hook-failed', { because: 'hook-secret-missing' }) }),
    ])
  })

  it('make no sense with a preset for batches, a watched folder that is not there, or an address that must not be called', async () => {
    const { hooks } = await hookScene()
    const program: HookDraft['action'] = { kind: 'program', program: 'true', args: [] }
    const tries = [
      hookDraft(program, { after: 'batch', preset: 'podcast' }),
      hookDraft(program, { folderId: 9 }),
      hookDraft({ kind: 'url', url: 'http://8.8.8.8/' }),
    ]
    const codes = await Promise.all(tries.map(async (draft) => await failureOf(hooks.save(draft))))
    expect([codes, hooks.list()]).toEqual([['usage', 'not-found', 'usage'], []])
  })

  it('are tried out with a sample that says so, whether or not they are on, and it is no delivery', async () => {
    const scene = await hookScene()
    const [program, server] = [await hookProgram(scene.folder), await hookServer()]
    const { id } = await scene.add(hookDraft(program.action(), { after: 'batch', outcomes: ['failed'] }))
    const other = await scene.add(hookDraft({ kind: 'url', url: server.url }, { name: 'call' }))
    await scene.hooks.switch(id, { on: false })
    server.answer(401, { body: 'who are you' })
    const { signal } = new AbortController()
    const [good, bad] = [await scene.hooks.test(id, signal), await scene.hooks.test(other.id, signal)]
    const [told] = await program.told()
    expect([good.answer?.status, good.output, bad.why?.code, bad.output]).toEqual([
      0,
      'told of batch\n',
      'hook-failed',
      'who are you',
    ])
    expect([told?.body, told?.variables['BESIDE_SAMPLE'], scene.deliveries()]).toEqual([
      expect.objectContaining({ event: 'batch', outcome: 'failed', sample: true }),
      '1',
      [],
    ])
  })

  it('keep what programs print and servers answer in a log of their own, private and bounded', async () => {
    const scene = await hookScene()
    const { id } = await scene.add(
      hookDraft({ kind: 'program', program: 'sh', args: ['-c', 'yes "a word" | head -c 200000; exit 3'] }),
    )
    const { signal } = new AbortController()
    for (let n = 0; n < 40; n += 1) await scene.hooks.test(id, signal)
    const folder = join(scene.folder, 'logs', 'hooks')
    const files = await readdir(folder)
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size))
    const { path, text } = await scene.hooks.output(id, 10_000)
    expect([files.toSorted(), sizes.every((size) => size < 1_200_000), (await stat(path)).mode & 0o777]).toEqual([
      [`${id}.log`, `${id}.log.1`],
      true,
      0o600,
    ])
    expect([text.length <= 10_000, text.endsWith('a word\n') || text.endsWith('a w\n'), await readFile(path, 'utf8')]).toEqual([
      true,
      true,
      expect.stringMatching(/^--- \S+ sample-\S+ try 1: The hook failed: sh exited with status 3\.\n/),
    ])
    await scene.hooks.remove(id)
    expect(await readdir(folder)).toEqual([])
  })
})
