import { describe, expect, it, onTestFinished } from 'vitest'
import { createRunner, type RunnerPorts } from '../../../src/main/engine/queue/runner.ts'
import type { Job } from '../../../src/shared/job.ts'
import { fakeClock } from '../../support/clock.ts'

interface Waiting {
  readonly lane: string
  readonly dueAtMs: number
}

/** A runner over a list in memory; each job runs until it is let go or told to stop. */
function workbench(jobs: readonly Waiting[], change: Partial<RunnerPorts> = {}) {
  const clock = fakeClock(0)
  const queue = jobs.map((job, index) => ({ ...job, id: index + 1 }))
  const log: string[] = []
  const letGo = new Map<number, () => void>()
  const runner = createRunner({
    clock,
    jobs: {
      dueLanes: (nowMs) => [...new Set(queue.filter((job) => job.dueAtMs <= nowMs).map((job) => job.lane))],
      nextDueMs: () =>
        queue
          .map((job) => job.dueAtMs)
          .filter((dueAtMs) => dueAtMs > 0)
          .toSorted((a, b) => a - b)[0] ?? null,
      claim: (lane, nowMs) => {
        const index = queue.findIndex((job) => job.lane === lane && job.dueAtMs <= nowMs)
        return index < 0 ? null : (queue.splice(index, 1)[0] as unknown as Job)
      },
    },
    concurrency: (lane) => (lane === 'wide' ? 2 : 1),
    beginsAtMs: (nowMs) => nowMs,
    claimCompanions: () => [],
    claimed: (job) => log.push(`begin ${job.id}`),
    failed: (error) => log.push(String(error)),
    run: async (job, signal) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      letGo.set(job.id, () => resolve('end'))
      signal.addEventListener('abort', () => resolve(String(signal.reason)))
      log.push(`${await promise} ${job.id}`)
    },
    ...change,
  })
  onTestFinished(async () => {
    await runner.stop()
    expect([runner.running(), clock.waiting()]).toEqual([[], 0])
  })
  const turn = async () => await new Promise((resolve) => setImmediate(resolve))
  return { clock, log, letGo, runner, turn }
}

describe('lanes', () => {
  it('run as many jobs as they are wide, and the next when one ends', async () => {
    const { log, letGo, runner, turn } = workbench([1, 2, 3].map(() => ({ lane: 'wide', dueAtMs: 0 })))
    runner.nudge()
    await turn()
    letGo.get(1)?.()
    await turn()
    await turn()
    expect(log).toEqual(['begin 1', 'begin 2', 'end 1', 'begin 3'])
  })

  it('do not wait for one another', async () => {
    const { log, runner, turn } = workbench([
      { lane: 'narrow', dueAtMs: 0 },
      { lane: 'narrow', dueAtMs: 0 },
      { lane: 'other', dueAtMs: 0 },
    ])
    runner.nudge()
    await turn()
    expect(log).toEqual(['begin 1', 'begin 3'])
  })

  it('take up a job when its time has come, without being asked', async () => {
    const { clock, log, runner, turn } = workbench([{ lane: 'wide', dueAtMs: 5_000 }])
    runner.nudge()
    await turn()
    clock.advance(4_999)
    await turn()
    const before = [...log]
    clock.advance(1)
    await turn()
    expect([before, log]).toEqual([[], ['begin 1']])
  })

  it('stand still while all is paused', async () => {
    const { log, runner, turn } = workbench([{ lane: 'wide', dueAtMs: 0 }], { beginsAtMs: () => Infinity })
    runner.nudge()
    await turn()
    expect(log).toEqual([])
  })

  it('outlive a store that cannot be read when they ask whether anything may begin, and go on once it can', async () => {
    let isReadable = false
    const { log, runner, turn } = workbench([{ lane: 'wide', dueAtMs: 0 }], {
      beginsAtMs: (nowMs) => {
        if (!isReadable) throw new Error('disk I/O error')
        return nowMs
      },
    })
    runner.nudge()
    await turn()
    isReadable = true
    runner.nudge()
    await turn()
    expect(log).toEqual(['Error: disk I/O error', 'begin 1'])
  })

  it('end one job on demand and go on with the next', async () => {
    const { log, runner, turn } = workbench([1, 2].map(() => ({ lane: 'narrow', dueAtMs: 0 })))
    runner.nudge()
    await turn()
    const ended = [await runner.end(1, 'cancel'), await runner.end(9, 'cancel')]
    await turn()
    expect([ended, log]).toEqual([
      [true, false],
      ['begin 1', 'cancel 1', 'begin 2'],
    ])
  })

  it('are quiet after a stop: what runs is told, and nothing new begins', async () => {
    const { log, runner, turn } = workbench([1, 2].map(() => ({ lane: 'narrow', dueAtMs: 0 })))
    runner.nudge()
    await turn()
    await runner.stop()
    runner.nudge()
    await turn()
    expect(log).toEqual(['begin 1', 'shutdown 1'])
  })
})
