/** Beside is killed with SIGKILL around the deliveries of its hooks, and started again: each event comes once at least, under one key, and none is made up. */
import { fork } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Delivery, HookDraft } from '../../src/shared/hooks.ts'
import { temporaryFolder } from '../support/folder.ts'
import type { HookPlan } from '../support/hook-child.ts'
import { hookDraft, hookProgram, hookServer } from '../support/hook-listeners.ts'
import { processes } from '../support/processes.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { until } from '../support/watching.ts'

leavesNothingOpen()

const child = fileURLToPath(new URL('../support/hook-child.ts', import.meta.url))

/** How it ended, and what it says of its deliveries; nothing where it was killed. */
async function run(plan: HookPlan, killWhen?: () => Promise<boolean> | boolean) {
  const started = fork(child, [JSON.stringify(plan)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void started.kill('SIGKILL'))
  let deliveries: readonly Delivery[] = []
  started.on('message', (message) => (deliveries = message as typeof deliveries))
  const { promise, resolve } = Promise.withResolvers<string | null>()
  started.once('close', (_, signal) => resolve(signal))
  if (killWhen !== undefined) {
    await until(killWhen)
    started.kill('SIGKILL')
  }
  return { killedBy: await promise, phases: deliveries.map(({ state }) => state.phase) }
}

async function scene() {
  const folder = await temporaryFolder()
  const sources = ['one.wav', 'two.wav', 'three.wav'].map((name) => join(folder, name))
  for (const source of sources) await writeTone(source, 0.2)
  return { folder, sources, home: join(folder, 'home'), program: await hookProgram(folder) }
}

describe('a SIGKILL', () => {
  it('between the end of a job and its delivery loses none and makes none up', async () => {
    const { sources, home, program } = await scene()
    const hooks = [hookDraft(program.action()), hookDraft(program.action(), { name: 'batch', after: 'batch' })]
    const killed = await run({ home, sources, hooks, dieAt: 'ended' })
    const early = await program.told()
    const { phases } = await run({ home, sources: [], hooks: [], dieAt: null })
    const told = await program.told()
    expect([killed.killedBy, early]).toEqual(['SIGKILL', []])
    expect(told.map(({ body }) => body.event).toSorted()).toEqual(['batch', 'job', 'job', 'job'])
    expect(new Set(told.map(({ body }) => body.id)).size).toBe(4)
    expect(phases).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
    expect(told.find(({ body }) => body.event === 'batch')?.body.batch).toMatchObject({ done: 3 })
  })

  it('after a claim and before anything was sent delivers it all the same', async () => {
    const { sources, home, program } = await scene()
    const killed = await run({ home, sources, hooks: [hookDraft(program.action())], dieAt: 'claimed' })
    const early = await program.told()
    await run({ home, sources: [], hooks: [], dieAt: null })
    const told = await program.told()
    expect([killed.killedBy, early, told.map(({ body }) => body.job.id).toSorted()]).toEqual(['SIGKILL', [], [1, 2, 3]])
  })

  it('while a program runs ends it with all that it started, and it runs once more under the same key', async () => {
    const { folder, sources, home } = await scene()
    const script = `echo "$BESIDE_DELIVERY" >> keys; test -e second && exit 0; sleep 86701 & wait`
    const action: HookDraft['action'] = { kind: 'program', program: 'sh', args: ['-c', `cd '${folder}'; ${script}`] }
    const isRunning = () => processes().some(({ line }) => line === 'sleep 86701')
    const killed = await run({ home, sources: sources.slice(0, 1), hooks: [hookDraft(action)], dieAt: null }, isRunning)
    await until(() => !isRunning())
    await writeFile(join(folder, 'second'), '')
    const { phases } = await run({ home, sources: [], hooks: [], dieAt: null })
    const keys = (await readFile(join(folder, 'keys'), 'utf8')).trim().split('\n')
    expect([killed.killedBy, phases, keys.length, new Set(keys).size]).toEqual(['SIGKILL', ['delivered'], 2, 1])
  })

  it('while a server has not yet answered sends the same again', async () => {
    const { sources, home } = await scene()
    const server = await hookServer()
    server.answer('silent')
    const hooks = [hookDraft({ kind: 'url', url: server.url })]
    const killed = await run({ home, sources: sources.slice(0, 1), hooks, dieAt: null }, () => server.calls.length === 1)
    server.answer(200)
    const { phases } = await run({ home, sources: [], hooks: [], dieAt: null })
    expect([killed.killedBy, phases, server.calls.map(({ message }) => [message.id, message.attempt])]).toEqual([
      'SIGKILL',
      ['delivered'],
      [
        [server.calls[0]?.message.id, 1],
        [server.calls[0]?.message.id, 2],
      ],
    ])
  })
})
