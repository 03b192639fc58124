import { mkdir, readFile, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LendRequest } from '../../src/shared/lending.ts'
import { toFailure } from '../../src/shared/failure.ts'
import { ended, testBeside, type TestBeside } from '../support/beside.ts'
import { stoppableClock } from '../support/clock.ts'
import { hasPostgres, testFleet, until, writeFilm, type TestFleet } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const here = { timeout: 180_000 }
const minuteMs = 60_000

async function writeSong(folder: string): Promise<string> {
  const path = join(folder, 'song.wav')
  await writeTone(path, 1)
  return path
}

interface Lender {
  readonly desk: TestBeside
  readonly folder: string
  /** Where it sees the storage. */
  readonly storage: string
  readonly request: LendRequest
}

/** Somebody's own Beside, open, on a computer that sees the storage; nobody has lent it yet. */
async function lender(
  { media, joinLine }: TestFleet,
  outside: Parameters<typeof testBeside>[1] = {},
  terms: Partial<LendRequest> = {},
): Promise<Lender> {
  const folder = await temporaryFolder()
  const storage = join(folder, 'mnt')
  await symlink(media, storage)
  const desk = await testBeside(folder, outside)
  desk.lending.start()
  const request = { joinLine, storage: [storage], name: 'desk', hours: [], onMains: false, whenIdle: false, ...terms }
  return { desk, folder, storage, request }
}

async function stands(desk: TestBeside, kind: string): Promise<void> {
  await until(() => desk.lending.status().state.kind === kind)
}

/** A conversion that waits, since the fleet knows that nobody would take it. */
async function waiting({ beside, media }: TestFleet): Promise<ReturnType<TestBeside['convert']>[]> {
  await until(() => beside.fleet.status().machines[0]?.state === 'resting')
  const converting = beside.convert([await writeSong(media)], 'mp3', { with: 'fleet' })
  await until(() => beside.fleet.status().unmet.length > 0)
  return [converting]
}

describe.skipIf(!hasPostgres)('a computer that is lent', () => {
  it('converts for another Beside, and says what it does and has done', here, async () => {
    const fleet = await testFleet()
    const { desk, request } = await lender(fleet)
    expect(desk.lending.status()).toMatchObject({ settings: null, state: { kind: 'off' }, canTellIdle: false })
    await desk.lending.lend(request)
    await stands(desk, 'working')
    const converting = fleet.beside.convert([await writeFilm(join(fleet.media, 'film.mp4'), 5)], 'webm', { with: 'fleet' })
    await until(() => desk.lending.status().doing.length > 0)
    const doing = desk.lending.status().doing.map(({ need, name }) => ({ need, name }))
    const { jobs } = await converting
    await until(() => desk.lending.status().doneLately === 1)
    expect([doing, jobs.map(ended), await fleet.leftOvers()]).toEqual([[{ need: 'video', name: 'film.mp4' }], ['done'], []])
    expect(fleet.beside.fleet.status().machines.map(({ name }) => name)).toEqual(['desk'])
  })

  it('rests outside its hours, says until when, and works as soon as they begin', here, async () => {
    const fleet = await testFleet()
    const clock = stoppableClock()
    const opens = new Date(clock.nowMs() + 120 * minuteMs)
    const fromMinute = opens.getHours() * 60 + opens.getMinutes()
    const hours = [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute, toMinute: (fromMinute + 60) % 1440 }]
    const { desk, request } = await lender(fleet, { clock }, { hours })
    await desk.lending.lend(request)
    await stands(desk, 'resting')
    const untilMs = opens.setSeconds(0, 0)
    expect(desk.lending.status().state).toEqual({ kind: 'resting', because: { by: 'hours', untilMs } })
    const [converting] = await waiting(fleet)
    clock.set(121 * minuteMs)
    expect((await converting)?.jobs.map(ended)).toEqual(['done'])
  })

  it('rests on battery where it was said so, and works once it is plugged in', here, async () => {
    const fleet = await testFleet()
    let power: 'battery' | 'mains' = 'battery'
    const { desk, request } = await lender(fleet, { power: () => power }, { onMains: true })
    await desk.lending.lend(request)
    await stands(desk, 'resting')
    expect(desk.lending.status().state).toEqual({ kind: 'resting', because: { by: 'battery' } })
    const [converting] = await waiting(fleet)
    power = 'mains'
    expect((await converting)?.jobs.map(ended)).toEqual(['done'])
  })

  it('takes nothing more while somebody is at it, ends what it has begun, and works again when nobody is', here, async () => {
    const fleet = await testFleet()
    let idleMs = 5 * minuteMs
    const { desk, request } = await lender(fleet, { idleMs: () => idleMs }, { whenIdle: true })
    await desk.lending.lend(request)
    await stands(desk, 'working')
    const film = await writeFilm(join(fleet.media, 'film.mp4'), 5)
    const first = fleet.beside.convert([film], 'webm', { with: 'fleet' })
    await until(() => desk.lending.status().doing.length > 0)
    idleMs = 1_000
    expect(desk.lending.status()).toMatchObject({ state: { kind: 'resting', because: { by: 'user' } }, canTellIdle: true })
    const [second] = await waiting(fleet)
    const { jobs } = await first
    expect(jobs.map(({ state, attempt }) => [state.phase, attempt])).toEqual([['done', 1]])
    expect(desk.lending.status().doing).toEqual([])
    idleMs = 5 * minuteMs
    expect((await second)?.jobs.map(ended)).toEqual(['done'])
  })

  it('rests while its own queue converts: that comes first', here, async () => {
    const fleet = await testFleet()
    const { desk, folder, request } = await lender(fleet)
    await desk.lending.lend(request)
    await stands(desk, 'working')
    const own = desk.convert([await writeFilm(join(folder, 'own.mp4'), 120)], 'webm', { with: 'local' })
    await stands(desk, 'resting')
    expect(desk.lending.status().state).toEqual({ kind: 'resting', because: { by: 'own-work' } })
    const [converting] = await waiting(fleet)
    await desk.engine.cancel({ kind: 'all' })
    await own
    expect((await converting)?.jobs.map(ended)).toEqual(['done'])
  })

  it('gives back at once what it has when it is lent no more, and another machine converts it', here, async () => {
    const fleet = await testFleet()
    const { desk, folder, request } = await lender(fleet)
    await desk.lending.lend(request)
    await stands(desk, 'working')
    const converting = fleet.beside.convert([await writeFilm(join(fleet.media, 'film.mp4'), 10)], 'webm', { with: 'fleet' })
    await until(() => desk.lending.status().doing.length > 0)
    await desk.lending.end()
    expect([desk.lending.status(), desk.engine.settings().lending]).toMatchObject([{ settings: null, doing: [] }, null])
    expect(await readFile(join(folder, 'beside-home', 'keys.json'), 'utf8')).not.toContain('lending')
    await until(() => fleet.beside.fleet.status().machines.every(({ name }) => name !== 'desk'))
    await fleet.machine('render-02')
    const { jobs } = await converting
    expect([jobs.map(ended), jobs.map(({ attempt }) => attempt), await fleet.leftOvers()]).toEqual([['done'], [1], []])
  })

  it('keeps what it has when only its hours are changed', here, async () => {
    const fleet = await testFleet()
    const { desk, request } = await lender(fleet)
    await desk.lending.lend(request)
    await stands(desk, 'working')
    const converting = fleet.beside.convert([await writeFilm(join(fleet.media, 'film.mp4'), 5)], 'webm', { with: 'fleet' })
    await until(() => desk.lending.status().doing.length > 0)
    const [begun] = desk.lending.status().doing
    const day = (new Date().getDay() + 3) % 7
    await desk.lending.lend({ ...request, joinLine: null, hours: [{ days: [day], fromMinute: 0, toMinute: 60 }] })
    expect(desk.lending.status()).toMatchObject({ state: { kind: 'resting' }, doing: [{ sinceMs: begun?.sinceMs }] })
    expect((await converting).jobs.map(({ state, attempt }) => [state.phase, attempt])).toEqual([['done', 1]])
  })

  it('gives back what it has when its Beside ends, and is lent again when that begins', here, async () => {
    const fleet = await testFleet()
    const { desk, folder, request } = await lender(fleet)
    await desk.lending.lend(request)
    await stands(desk, 'working')
    const converting = fleet.beside.convert([await writeFilm(join(fleet.media, 'film.mp4'), 5)], 'webm', { with: 'fleet' })
    await until(() => desk.lending.status().doing.length > 0)
    await desk.stop()
    const again = await testBeside(folder)
    expect(again.lending.status()).toMatchObject({ settings: { name: 'desk' }, state: { kind: 'dormant' } })
    again.lending.start()
    const { jobs } = await converting
    expect([jobs.map(ended), jobs.map(({ attempt }) => attempt), await fleet.leftOvers()]).toEqual([['done'], [1], []])
  })

  it('is lent once the shared queue is there, though that was away when Beside began, and ends without it', here, async () => {
    const fleet = await testFleet()
    const { desk, folder, request } = await lender(fleet)
    await desk.lending.lend(request)
    await desk.stop()
    await fleet.queue.stop()
    const again = await testBeside(folder)
    again.lending.start()
    await until(() => {
      const { state } = again.lending.status()
      return state.kind === 'connecting' && state.why?.code === 'queue-away'
    })
    await fleet.queue.start()
    await stands(again, 'working')
    await fleet.queue.stop()
    await stands(again, 'connecting')
    await fleet.queue.start()
    await stands(again, 'working')
    const { jobs } = await fleet.beside.convert([await writeSong(fleet.media)], 'mp3', { with: 'fleet' })
    expect(jobs.map(ended)).toEqual(['done'])
    await fleet.queue.stop()
    await stands(again, 'connecting')
    await again.stop()
  })

  it('is not lent where anything is wrong, says what it is, and nothing has changed', here, async () => {
    const fleet = await testFleet()
    await fleet.machine('render-01')
    const { desk, folder, request } = await lender(fleet)
    const refused = async (change: Partial<LendRequest>) =>
      await desk.lending.lend({ ...request, ...change }).then(
        () => 'lent',
        (error: unknown) => {
          const { code, facts } = toFailure(error)
          return 'because' in facts ? facts.because : code
        },
      )
    const unmarked = join(folder, 'another')
    await mkdir(unmarked)
    expect([
      await refused({ joinLine: 'postgres://nas/beside' }),
      await refused({ joinLine: null }),
      await refused({ storage: [] }),
      await refused({ storage: [unmarked] }),
      await refused({ storage: [join(folder, 'nowhere')] }),
      await refused({ joinLine: fleet.joinLine.replace(/#.*/, '#wrong') }),
      await refused({ name: 'render-01' }),
      await refused({ whenIdle: true }),
    ]).toEqual([
      'join-line',
      'join-line',
      'no-storage',
      'storage-unmarked',
      'folder-missing',
      'queue-refused',
      'machine-name-taken',
      'idle-unknown',
    ])
    expect(desk.lending.status()).toMatchObject({ settings: null, state: { kind: 'off' } })
    expect(await readdir(join(folder, 'beside-home'))).not.toContain('keys.json')
    await desk.lending.lend(request)
    await stands(desk, 'working')
    expect([await refused({ joinLine: null, storage: [unmarked] }), desk.lending.status().state.kind]).toEqual([
      'storage-unmarked',
      'working',
    ])
  })

  it('keeps the key with the other keys, and out of settings, database and log', here, async () => {
    const fleet = await testFleet()
    const said: string[] = []
    const keep = (text: string, facts?: unknown) => void said.push(`${text} ${JSON.stringify(facts)}`)
    const { desk, folder, request } = await lender(fleet, { log: { debug: keep, info: keep, warn: keep, error: keep } })
    await desk.lending.lend(request)
    await stands(desk, 'working')
    await fleet.queue.stop()
    await stands(desk, 'connecting')
    await fleet.queue.start()
    await stands(desk, 'working')
    const key = decodeURIComponent(fleet.joinLine.split('#')[1] ?? '')
    const home = join(folder, 'beside-home')
    const holding = async (name: string) => (await readFile(join(home, name), 'latin1').catch(() => '')).includes(key)
    const names = (await readdir(home, { recursive: true })).toSorted()
    const files = await Promise.all(names.map(async (name) => ((await holding(name)) ? [name] : [])))
    const words = [...said, JSON.stringify(desk.engine.settings()), JSON.stringify(desk.lending.status())]
    expect([key.length > 20, files.flat(), words.filter((text) => text.includes(key))]).toEqual([true, ['keys.json'], []])
  })
})
