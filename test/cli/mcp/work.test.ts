import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addressesOf, handshake } from '../../../src/main/api/carriers/address.ts'
import { desk } from '../../support/assistant.ts'
import { cliProcess, launch, linesOf } from '../../support/cli.ts'
import { processes } from '../../support/processes.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

/** Long enough that it is still running when the next thing happens. */
const longSeconds = 900

async function withLong(...names: readonly string[]) {
  const here = await desk()
  for (const name of names) await writeTone(join(here.folder, name), longSeconds)
  const { run, start } = await cliProcess({ BESIDE_HOME: here.home })
  const phases = async () => {
    const lines = linesOf(await run('queue', '--json'))
    return lines.filter(({ type }) => type === 'job').map(({ phase }) => phase)
  }
  return { ...here, run, start, phases }
}

/** Nothing of Beside runs on this data folder any more. */
async function quietIn(home: string): Promise<void> {
  const isThere = async () => {
    for (const name of ['beside', 'worker']) {
      const there = await handshake(addressesOf(home, name))
      there?.destroy()
      if (there !== null) return true
    }
    return false
  }
  await expect.poll(isThere, { timeout: 50_000 }).toBe(false)
}

describe('a call that waits', () => {
  it('tells how far it is, in figures that grow, and nothing after its answer', async () => {
    const here = await withLong()
    for (const name of ['a.wav', 'b.wav']) await writeTone(join(here.folder, name), 400)
    const { call } = await here.assistant()
    const told: { readonly progress: number; readonly total?: number | undefined; readonly message?: string | undefined }[] = []
    const { data } = await call(
      'convert',
      { sources: ['*.wav'], target: 'opus' },
      { onprogress: (progress) => told.push(progress) },
    )
    const figures = told.map(({ progress }) => progress)
    expect([data['counts'], figures.length > 2, figures.toSorted((one, other) => one - other), new Set(figures).size]).toEqual([
      { done: 2 },
      true,
      figures,
      figures.length,
    ])
    expect([told.at(-1)?.total, told.some(({ message }) => message?.includes('.wav'))]).toEqual([2, true])
  })

  it('cancels what it asked for when it is cancelled, and nothing else', async () => {
    const here = await withLong('a.wav', 'b.wav')
    const { call } = await here.assistant()
    const other = await call('convert', { sources: ['b.wav'], target: 'opus', wait: false })
    const cancelling = new AbortController()
    const cancelled = call('convert', { sources: ['a.wav'], target: 'opus' }, { signal: cancelling.signal })
    await expect.poll(async () => await here.phases()).toHaveLength(2)
    cancelling.abort('not wanted any more')
    await expect(cancelled).rejects.toThrow('not wanted any more')
    await expect
      .poll(async () => (await call('history', { outcome: 'cancelled' })).data['files'])
      .toEqual([expect.objectContaining({ state: 'cancelled' })])
    const { data } = await call('status', { batch: other.data['batch'], wait: true })
    expect([data['counts'], (await readdir(here.folder)).toSorted()]).toEqual([{ done: 1 }, ['a.wav', 'b.opus', 'b.wav']])
    await quietIn(here.home)
  })

  it('answers after its time that it goes on, and status waits for the end', async () => {
    const here = await withLong('a.wav')
    const { call } = await here.assistant({ words: ['--allow', here.folder, '--wait', '1'] })
    let { data, text } = await call('convert', { sources: ['a.wav'], target: 'opus', options: { bitrate: 96 } })
    expect([data['state'], data['batch'], text]).toEqual(['running', 1, expect.stringContaining('status')])
    while ((data['counts'] as { readonly done?: number }).done !== 1)
      ({ data, text } = await call('status', { batch: 1, wait: true }))
    expect(data).toMatchObject({ files: [{ outputs: [{ path: join(here.folder, 'a.opus') }] }] })
  })

  it('ends at once where the queue is paused, and says so', async () => {
    const here = await withLong('a.wav')
    await here.run('queue', 'pause')
    const { call } = await here.assistant()
    const { data, isError } = await call('convert', { sources: ['a.wav'], target: 'opus' })
    expect([isError, data]).toEqual([
      false,
      expect.objectContaining({ state: 'held', counts: { queued: 1 }, next: expect.stringContaining('paused') }),
    ])
  })
})

describe('a queue that another Beside holds', () => {
  it('is joined: the other one converts, and both see it', async () => {
    const here = await withLong('long.wav')
    await writeTone(join(here.folder, 'short.wav'), 0.1)
    const first = here.start('convert', join(here.folder, 'long.wav'), '--to', 'opus', '--json')
    await first.says('"step":"submit"')
    const { call } = await here.assistant()
    const { data } = await call('convert', { sources: ['short.wav'], target: 'flac' })
    const status = await call('status')
    expect([data['counts'], status.data]).toMatchObject([
      { done: 1 },
      { files: [{ source: join(here.folder, 'long.wav'), state: 'running' }] },
    ])
    expect((await first.ended).status).toBe(0)
  })

  it('may be killed in the middle: the conversion is finished all the same', async () => {
    const here = await withLong('long.wav')
    await writeTone(join(here.folder, 'other.wav'), longSeconds)
    const first = here.start('convert', join(here.folder, 'long.wav'), '--to', 'opus', '--json')
    await first.says('"step":"submit"')
    const { call } = await here.assistant()
    const converted = call('convert', { sources: ['other.wav'], target: 'opus' })
    await expect.poll(async () => (await here.phases()).length).toBe(2)
    first.process.kill('SIGKILL')
    expect((await converted).data).toMatchObject({ counts: { done: 1 } })
    await here.run('queue', 'cancel', 'all')
  })

  it('is shared by two assistants at once, each with its own', async () => {
    const here = await withLong('a.wav', 'b.wav')
    const [one, other] = await Promise.all([here.assistant(), here.assistant()])
    const [first, second] = await Promise.all([
      one.call('convert', { sources: ['a.wav'], target: 'opus' }),
      other.call('convert', { sources: ['b.wav'], target: 'opus' }),
    ])
    const outputs = [first, second].map(({ data }) =>
      (data['files'] as readonly { readonly outputs: unknown }[]).map((file) => file.outputs),
    )
    expect([first.data['counts'], second.data['counts'], outputs]).toEqual([
      { done: 1 },
      { done: 1 },
      [
        [[expect.objectContaining({ path: join(here.folder, 'a.opus') })]],
        [[expect.objectContaining({ path: join(here.folder, 'b.opus') })]],
      ],
    ])
  })
})

describe('the end', () => {
  it('of an assistant that left a conversion running cancels nothing: it is finished in the background', async () => {
    const here = await withLong('a.wav')
    const { call, close, pid } = await here.assistant()
    const { data } = await call('convert', { sources: ['a.wav'], target: 'opus', wait: false })
    expect(data).toMatchObject({ state: 'running', counts: { queued: 1 }, batch: 1 })
    await close()
    await expect.poll(() => existsSync(join(here.folder, 'a.opus')), { timeout: 50_000 }).toBe(true)
    await quietIn(here.home)
    expect(processes().filter((each) => each.pid === pid || each.line.includes(here.home))).toEqual([])
  })

  it('of a client that is killed with SIGKILL ends the server, and what it waited for is finished in the background', async () => {
    const here = await withLong('a.wav')
    const [command, ...before] = launch
    const child = fileURLToPath(new URL('../../support/assistant-child.ts', import.meta.url))
    const words = [command, ...before, 'mcp', '--allow', here.folder]
    const client = spawn(process.execPath, [child, JSON.stringify({ words, home: here.home })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void client.kill('SIGKILL'))
    const [pid] = (await once(client.stdout.setEncoding('utf8'), 'data')) as [string]
    await expect.poll(async () => await here.phases()).toEqual(['running'])
    client.kill('SIGKILL')
    await expect.poll(() => processes().some((each) => each.pid === Number(pid))).toBe(false)
    await expect.poll(() => existsSync(join(here.folder, 'a.opus')), { timeout: 50_000 }).toBe(true)
    await quietIn(here.home)
  })

  it('of the server by SIGKILL leaves what was left running to the worker, and what it worked at itself to the next Beside', async () => {
    const here = await withLong('left.wav', 'waited.wav')
    const { call, pid } = await here.assistant()
    await call('convert', { sources: ['left.wav'], target: 'opus', wait: false })
    const waited = call('convert', { sources: ['waited.wav'], target: 'opus' }).catch(() => null)
    await expect.poll(async () => (await here.phases()).length).toBe(2)
    process.kill(pid, 'SIGKILL')
    await waited
    await quietIn(here.home)
    await here.run('queue', 'run')
    expect((await readdir(here.folder)).toSorted()).toEqual(['left.opus', 'left.wav', 'waited.opus', 'waited.wav'])
  })

  it.each(['SIGTERM', 'SIGINT', 'end of input'] as const)('by %s is quiet and without an error', async (how) => {
    const here = await withLong()
    const started = here.start('mcp', '--allow', here.folder)
    started.process.stdin?.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } } })}\n`,
    )
    await started.says('"id":1')
    if (how === 'end of input') started.process.stdin?.end()
    else started.process.kill(how)
    const { status, err } = await started.ended
    expect([status, err]).toEqual([0, ''])
  })
})
