/** The crash table for a fleet: a head that is a real process, a real SIGKILL, and a machine that goes on meanwhile. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ended, testBeside } from '../support/beside.ts'
import { cableTo } from '../support/cable.ts'
import type { CrashPlan } from '../support/crash-child.ts'
import { run } from '../support/crash-run.ts'
import { hasPostgres, testFleet, until, type Machine } from '../support/fleet.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const execute = promisify(execFile)

async function filmIn(folder: string, seconds: number): Promise<string> {
  const path = join(folder, 'film.mp4')
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=25:duration=${seconds}`]
  await execute('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', path])
  return path
}

/** A fleet with one machine, and a head that is started by each plan. */
async function scene(seconds: number) {
  const fleet = await testFleet()
  const { beside, home, media, machine, broker } = fleet
  const render = await machine('render-01', { words: ['--json'], says: '"working"' })
  await beside.stop()
  const source = await filmIn(media, seconds)
  const plan: CrashPlan = { home, sources: [source], remote: null, fleet: true, target: 'webm', dieAt: null }
  const shared = await broker()
  const [tag = ''] = (await shared.heads()).map((head) => head.tag)
  const orders = async () => (await shared.ordersOf(tag)).length
  return { ...fleet, render, plan, orders }
}

/** What is there after all: how often the machine took an order, what became of the job, what lies in the folder and on the queue. */
async function ending({ media, plan, render, orders }: Awaited<ReturnType<typeof scene>>) {
  const { killedBy, live, finished } = await run({ ...plan, sources: [] })
  return {
    killedBy,
    jobs: [...live, ...finished].map((job) => `${job.state.phase}, attempt ${job.attempt}`),
    files: (await readdir(media)).filter((name) => !/^\.beside-(folder|canary-.*)$/.test(name)).toSorted(),
    orders: await orders(),
    taken: (await endOf(render)).filter((word) => word === 'taken').length,
  }
}

/** What it has told, word by word. */
async function endOf({ started }: Machine): Promise<readonly unknown[]> {
  started.process.kill('SIGTERM')
  const { out } = await started.ended
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { readonly what?: unknown }).what)
}

const converted = {
  killedBy: null,
  jobs: ['done, attempt 1'],
  files: ['film.mp4', 'film.webm'],
  orders: 0,
  taken: 1,
}

describe.skipIf(!hasPostgres)('a conversion by a fleet whose head is killed', { timeout: 240_000 }, () => {
  it.each([
    ['before it has noted that it sends the order', 'before submit'],
    ['when it had noted that, and the order was not sent', 'after submit'],
    ['when the order was sent, and that was not noted', 'before wait'],
    ['when it was noted that the order was sent', 'after wait'],
    ['when the parts had been taken over, and that was not noted', 'before verify'],
    ['when it was noted that the parts had been taken over', 'after verify'],
  ])('%s is rendered once, and nothing is left on the queue', async (_, dieAt) => {
    const at = await scene(1)
    const first = await run({ ...at.plan, dieAt })
    expect([first.killedBy, await ending(at)]).toEqual(['SIGKILL', converted])
  })

  it('while the machine renders, which goes on, is rendered once', async () => {
    const at = await scene(10)
    const rendering = until(async () => (await at.leftOvers()).length > 0)
    const first = await run(at.plan, rendering)
    expect([first.killedBy, await ending(at)]).toEqual(['SIGKILL', converted])
  })

  it('and whose answer is there when it is back, is rendered once', async () => {
    const at = await scene(3)
    const first = await run({ ...at.plan, dieAt: 'after wait' })
    await at.render.started.says('"answered"')
    expect([first.killedBy, await ending(at)]).toEqual(['SIGKILL', converted])
  })
})

describe.skipIf(!hasPostgres)('an order that could not be withdrawn', { timeout: 240_000 }, () => {
  it('since the database was away for a moment is withdrawn once it is back, and the machine stops', async () => {
    const { beside, media, machine, queue, broker, leftOvers } = await testFleet()
    const { started } = await machine('render-01')
    const source = await filmIn(media, 60)
    const converting = beside.convert([source], 'webm', { with: 'fleet' })
    await until(async () => (await leftOvers()).length > 0)
    await queue.stop()
    await beside.engine.cancel({ kind: 'all' })
    await queue.start()
    await started.says('taken away: film.mp4')
    const shared = await broker()
    const [tag = ''] = (await shared.heads()).map((head) => head.tag)
    await until(async () => (await shared.ordersOf(tag)).length === 0 && (await leftOvers()).length === 0)
    expect((await converting).jobs.map(ended)).toEqual(['cancelled'])
  })

  it('since the head was cut off, and which a machine has made since, leaves neither its parts nor its answer', async () => {
    const { beside, media, machine, queue, joinLine, broker, leftOvers } = await testFleet()
    // The head goes over a cable, and the machine does not.
    const cable = await cableTo(Number(new URL(queue.address).port))
    const over = new URL(queue.address)
    over.port = String(cable.port)
    await beside.fleet.setUp({ storage: [media], queue: over.href })
    const { started } = await machine('render-01', { line: joinLine })
    await until(() => beside.fleet.status().machines[0]?.state === 'working')
    started.process.kill('SIGSTOP')
    const source = await filmIn(media, 1)
    const converting = beside.convert([source], 'webm', { with: 'fleet' })
    const shared = await broker()
    const [tag = ''] = (await shared.heads()).map((head) => head.tag)
    await until(async () => (await shared.ordersOf(tag)).length > 0)
    cable.pull()
    await beside.engine.cancel({ kind: 'all' })
    started.process.kill('SIGCONT')
    await started.says('done: film.mp4')
    const made = await leftOvers()
    cable.plug()
    await until(async () => (await shared.ordersOf(tag)).length === 0 && (await leftOvers()).length === 0)
    expect({ made: made.length, jobs: (await converting).jobs.map(ended) }).toEqual({ made: 1, jobs: ['cancelled'] })
  })

  it('since nobody was there is withdrawn by the next start', async () => {
    const { beside, home, media, machine, queue, leftOvers } = await testFleet()
    const { started } = await machine('render-01')
    const source = await filmIn(media, 60)
    await beside.queue([source], 'webm', { with: 'fleet' })
    await until(async () => (await leftOvers()).length > 0)
    await beside.stop()
    await queue.stop()
    const { engine } = await testBeside(dirname(home))
    await engine.cancel({ kind: 'all' })
    await queue.start()
    await started.says('taken away: film.mp4')
    await until(async () => (await leftOvers()).length === 0)
    expect(engine.history.page({}, null, 10).jobs.map(ended)).toEqual(['cancelled'])
  })
})
