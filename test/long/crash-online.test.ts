/** The crash table for each online provider: a real process, a real SIGKILL, and the server counts what it was asked to do. */
import { mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CrashPlan } from '../support/crash-child.ts'
import { run, type Ran } from '../support/crash-run.ts'
import { temporaryFolder } from '../support/folder.ts'
import { onlineSubjects, type OnlineSubject } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { apiKey, servedBeside } from '../support/served-beside.ts'
import { servedRelay } from '../support/servers/served-relay.ts'

leavesNothingOpen()

interface Scene {
  readonly subject: OnlineSubject
  readonly media: string
  readonly plan: CrashPlan
  /** Goes on with what the first process left. */
  again(): Promise<Ending>
}

interface Ending {
  readonly jobs: readonly string[]
  /** Files that are there beside the source, each whole or not. */
  readonly files: Readonly<Record<string, string>>
  /** Jobs that the server began, and charges for. */
  readonly charged: number
  /** Requests that ask for one. */
  readonly submits: number
  readonly leaks: readonly string[]
}

/** By name: the scripted services, and another Beside that converts by the protocol of one of them. */
const subjects = { ...onlineSubjects, 'another Beside': anotherBeside } as const satisfies Record<
  string,
  () => Promise<OnlineSubject>
>

async function scene(name: keyof typeof subjects): Promise<Scene> {
  const subject: OnlineSubject = await subjects[name]()
  const folder = await temporaryFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const source = await subject.source(media)
  const online = { id: subject.id, base: subject.server.base, key: subject.key }
  const plan: CrashPlan = { home: join(folder, 'home'), sources: [source], remote: null, online, out: media, dieAt: null }
  const again = async () => await ending(subject, media, await run({ ...plan, sources: [] }))
  return { subject, media, plan, again }
}

async function ending({ server }: OnlineSubject, media: string, ran: Ran): Promise<Ending> {
  const names = (await readdir(media)).filter((name) => name !== 'song.wav')
  const files = await Promise.all(
    names.map(async (name) => [name, (await readFile(join(media, name))).equals(server.made()) ? 'whole' : 'not whole'] as const),
  )
  return {
    jobs: [...ran.live, ...ran.finished].map(({ state }) => ('why' in state ? `${state.phase}: ${state.why.code}` : state.phase)),
    files: Object.fromEntries(files),
    charged: server.jobs.length,
    submits: server.asked('submit').length,
    leaks: server.leaks,
  }
}

async function anotherBeside(): Promise<OnlineSubject> {
  const home = await temporaryFolder()
  const key = await apiKey(home, 'first')
  const served = await servedBeside(home)
  onTestFinished(async () => await served.stop())
  const { variable, source, output } = await onlineSubjects['converter-app']()
  return { id: 'converter-app', server: await servedRelay(served.address, key), key, variable, source, output }
}

const converted = ({ output }: OnlineSubject, submits = 1): Ending => ({
  jobs: ['done'],
  files: { [output]: 'whole' },
  charged: 1,
  submits,
  leaks: [],
})
const inDoubt: Ending = { jobs: ['uncertain: answer-lost'], files: {}, charged: 1, submits: 1, leaks: [] }

describe.each(['xconvert', 'converter-app', 'musicgpt', 'converso', 'another Beside'] as const)(
  'a conversion by %s killed',
  (id) => {
    const keyed = id === 'xconvert'

    it('before anything was sent begins anew', async () => {
      const { subject, plan, again } = await scene(id)
      const first = await run({ ...plan, dieAt: 'before submit' })
      expect([first.killedBy, await again()]).toEqual(['SIGKILL', converted(subject)])
    })

    it(
      keyed ? 'at its submit is submitted again under its key, and is one job' : 'at its submit is left to the user',
      async () => {
        const { subject, plan, again } = await scene(id)
        const { reached } = subject.server.misbehave('submit', { kind: 'silent', when: 'after' })
        const first = await run(plan, reached)
        expect([first.killedBy, await again()]).toEqual(['SIGKILL', keyed ? converted(subject, 2) : inDoubt])
      },
    )

    it(keyed ? 'before its ticket is kept is still one job' : 'before its ticket is kept is left to the user', async () => {
      const { subject, plan, again } = await scene(id)
      const first = await run({ ...plan, dieAt: 'before wait' })
      expect([first.killedBy, await again()]).toEqual(['SIGKILL', keyed ? converted(subject, 2) : inDoubt])
    })

    it('after its ticket goes on asking', async () => {
      const { subject, plan, again } = await scene(id)
      const first = await run({ ...plan, dieAt: 'after wait' })
      expect([first.killedBy, await again()]).toEqual(['SIGKILL', converted(subject)])
    })

    it('while it asks goes on asking', async () => {
      const { subject, plan, again } = await scene(id)
      const { reached } = subject.server.misbehave('poll', { kind: 'silent', when: 'before' })
      const first = await run(plan, reached)
      expect([first.killedBy, await again()]).toEqual(['SIGKILL', converted(subject)])
    })

    it('half-way through its download fetches again', async () => {
      const { subject, plan, again } = await scene(id)
      const { reached } = subject.server.misbehave('result', { kind: 'stall', share: 0.5 })
      const first = await run(plan, reached)
      expect([first.killedBy, await again()]).toEqual(['SIGKILL', converted(subject)])
    })

    it('with its result fetched asks nothing more', async () => {
      const { subject, plan, again } = await scene(id)
      const first = await run({ ...plan, dieAt: 'after verify' })
      const asked = subject.server.seen.length
      expect([first.killedBy, await again(), subject.server.seen.length]).toEqual(['SIGKILL', converted(subject), asked])
    })

    it('with its result fetched and lost fetches it again', async () => {
      const { subject, media, plan, again } = await scene(id)
      await run({ ...plan, dieAt: 'after verify' })
      const temps = (await readdir(media)).filter((name) => name.startsWith('.beside-'))
      for (const temp of temps) await rm(join(media, temp))
      expect([temps.length, await again()]).toEqual([1, converted(subject)])
    })
  },
)

describe('an upload to xconvert killed', () => {
  it('between its chunks sends only those that are missing', async () => {
    const { subject, media, plan, again } = await scene('xconvert')
    // Longer than two chunks; what a WAV holds beyond its sound is nobody's business.
    await truncate(join(media, 'song.wav'), 17 * 1024 * 1024)
    subject.server.misbehave('chunk', { kind: 'altered', alter: (reply) => reply })
    const { reached } = subject.server.misbehave('chunk', { kind: 'silent', when: 'before' })
    const first = await run(plan, reached)
    const second = await again()
    const ranges = subject.server.asked('chunk').map(({ headers }) => headers['content-range'])
    expect([first.killedBy, second]).toEqual(['SIGKILL', converted(subject)])
    expect([subject.server.asked('create').length, ranges]).toEqual([
      1,
      [
        'bytes 0-8388607/17825792',
        'bytes 8388608-16777215/17825792',
        'bytes 8388608-16777215/17825792',
        'bytes 16777216-17825791/17825792',
      ],
    ])
  })
})

describe('a small file at Converter App killed', () => {
  it('in the one request that it takes is left to the user', async () => {
    const { subject, media, plan, again } = await scene('converter-app')
    await truncate(join(media, 'song.wav'), 60_000)
    const { reached } = subject.server.misbehave('sync', { kind: 'stall', share: 0.5 })
    const first = await run(plan, reached)
    expect([first.killedBy, await again()]).toEqual(['SIGKILL', { ...inDoubt, submits: 0 }])
  })
})

describe('several jobs that went to Converso in one call, killed', () => {
  it('before its answer came are each left to the user', async () => {
    const { subject, media, plan, again } = await scene('converso')
    const { reached } = subject.server.misbehave('batch', { kind: 'silent', when: 'after' })
    const first = await run({ ...plan, sources: [...plan.sources, await subject.source(media)] }, reached)
    const doubt = 'uncertain: answer-lost'
    expect([first.killedBy, await again()]).toEqual(['SIGKILL', { ...inDoubt, jobs: [doubt, doubt], charged: 2, submits: 0 }])
    expect(subject.server.asked('batch').length).toBe(1)
  })
})
