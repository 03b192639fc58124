import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { machineRole } from '../../src/main/fleet/join-line.ts'
import { queueOf } from '../../src/main/fleet/wire.ts'
import { ended, outputsOf } from '../support/beside.ts'
import { cliProcess } from '../support/cli.ts'
import { hasPostgres, postgresProgram, testFleet, until, writeFilm } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const execute = promisify(execFile)
const here = { timeout: 180_000 }
const canary = 'xck_live_canary_of_the_test'

describe.skipIf(!hasPostgres)('a fleet', () => {
  it('converts on a machine that has the storage under another path, and the result is placed here', here, async () => {
    const { beside, media, machine, leftOvers } = await testFleet()
    await mkdir(join(media, 'Ä ö'))
    const source = join(media, 'Ä ö', "it's -a song.wav")
    await writeTone(source, 1)
    await machine('render-01')
    const { jobs } = await beside.convert([source], 'mp3', { with: 'fleet' })
    expect({ ended: jobs.map(ended), outputs: jobs.flatMap(outputsOf), left: await leftOvers() }).toEqual({
      ended: ['done'],
      outputs: [source.replace(/wav$/, 'mp3')],
      left: [],
    })
    expect(jobs.flatMap(({ state }) => (state.phase === 'done' ? state.outputs.map(({ on }) => on) : []))).toEqual(['render-01'])
    const shown = beside.fleet.status().machines.map(({ name, state, doneLately }) => ({ name, state, doneLately }))
    await until(() => beside.fleet.status().machines[0]?.doneLately === 1)
    expect(shown.map(({ name, state }) => ({ name, state }))).toEqual([{ name: 'render-01', state: 'working' }])
  })

  it('removes what a machine has left that was killed over its proof, and nothing of one that is at it', here, async () => {
    const { media, machine } = await testFleet()
    const [old, fresh] = ['.beside-probe-0a-1', '.beside-probe-0b-2'].map((name) => join(media, name))
    for (const path of [old, fresh]) await writeFile(path ?? '', 'probe')
    const hourAgo = new Date(Date.now() - 3_600_000)
    await utimes(old ?? '', hourAgo, hourAgo)
    await machine('render-01')
    await until(async () => !(await readdir(media)).includes('.beside-probe-0a-1'))
    expect(await readdir(media)).toContain('.beside-probe-0b-2')
  })

  it('keeps several results and parts of one source apart', here, async () => {
    const { beside, media, machine, leftOvers } = await testFleet()
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    await machine('render-01')
    const outputs = [{ target: 'mp3' as const }, { target: 'flac' as const }, { target: 'ogg' as const }].map((each) => ({
      ...each,
      preset: null,
      options: {},
    }))
    const { jobs } = await beside.convert([source], 'mp3', { with: 'fleet', target: null, outputs })
    expect(jobs.map(ended)).toEqual(['done', 'done', 'done'])
    expect((await readdir(media)).filter((name) => !name.startsWith('.')).toSorted()).toEqual([
      'song.flac',
      'song.mp3',
      'song.ogg',
      'song.wav',
    ])
    expect(await leftOvers()).toEqual([])
  })

  it('says what a machine could not do as if it had been done here', here, async () => {
    const { beside, media, machine, leftOvers } = await testFleet()
    const source = join(media, 'broken.wav')
    await writeFile(source, 'RIFF and nothing else')
    await machine('render-01')
    const { jobs, refused } = await beside.convert([source], 'mp3', { with: 'fleet' })
    const local = await beside.convert([source], 'flac', { with: 'local' })
    expect([jobs.map(ended), refused.map(({ why }) => why.code), await leftOvers()]).toEqual([
      local.jobs.map(ended),
      local.refused.map(({ why }) => why.code),
      [],
    ])
  })

  it(
    'keeps its password where it is changed without one, for the same user at the same server and for nobody else',
    here,
    async () => {
      const { beside, media, queue } = await testFleet()
      const [typed, other] = [new URL(queue.address), new URL(queue.address)]
      typed.password = ''
      typed.searchParams.set('application_name', 'another')
      other.password = ''
      other.hostname = 'localhost'
      const { joinLine } = await beside.fleet.setUp({ storage: [media], queue: typed.href })
      expect([joinLine, beside.fleet.status().settings?.queue]).toEqual([expect.stringContaining('application_name'), typed.href])
      await until(() => beside.fleet.status().state.kind === 'connected')
      await expect(beside.fleet.setUp({ storage: [media], queue: other.href })).rejects.toMatchObject({
        failure: { facts: { reason: expect.stringContaining('password') as string } },
      })
      expect(beside.fleet.status().settings?.queue).toBe(typed.href)
    },
  )

  it('refuses what is not on its storage, and what would need a password', here, async () => {
    const { beside, media, machine } = await testFleet()
    await machine('render-01')
    const away = join(await temporaryFolder(), 'song.wav')
    await writeTone(away, 1)
    const { jobs } = await beside.convert([away], 'mp3', { with: 'fleet' })
    const [job] = jobs
    expect(job?.state).toMatchObject({ phase: 'failed', why: { code: 'not-possible', facts: { because: 'not-on-storage' } } })
    const paper = join(media, 'paper.pdf')
    await writeFile(paper, '%PDF-1.4')
    const { refused } = await beside.convert([paper], 'pdf', { with: 'fleet', options: { password: 'secret' } })
    expect(refused.map(({ why }) => why.code)).toEqual(['option-unsupported'])
  })

  it('waits where no machine has a place for it, and says so', here, async () => {
    const { beside, media, machine } = await testFleet()
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    await until(() => beside.fleet.status().state.kind === 'connected')
    const converting = beside.convert([source], 'mp3', { with: 'fleet' })
    await until(() => beside.fleet.status().unmet.length > 0)
    expect(beside.fleet.status().unmet).toEqual([{ need: 'short', jobs: 1 }])
    await machine('render-01')
    expect((await converting).jobs.map(ended)).toEqual(['done'])
    expect(beside.fleet.status().unmet).toEqual([])
  })

  it('takes a cancelled and a paused job away from the machine within three seconds, and leaves no part', here, async () => {
    const { beside, media, machine, leftOvers } = await testFleet()
    await machine('render-01')
    const [song, film] = ['song.mp4', 'film.mp4'].map((name) => join(media, name))
    for (const path of [song ?? '', film ?? '']) await writeFilm(path)
    const converting = beside.convert([song ?? '', film ?? ''], 'webm', { with: 'fleet' })
    const goesWithin3s = async (act: (id: number) => Promise<unknown>) => {
      await until(async () => (await leftOvers()).length > 0)
      const id = /^.beside-\w+-(\d+)\./.exec((await leftOvers())[0] ?? '')?.[1]
      const beganMs = performance.now()
      await act(Number(id))
      await until(async () => (await leftOvers()).length === 0)
      expect(performance.now() - beganMs).toBeLessThan(3_000)
    }
    // One after the other: two cores are a place for one film.
    await goesWithin3s(async (id) => await beside.engine.cancel({ kind: 'ids', ids: [id] }))
    await goesWithin3s(async (id) => await beside.engine.pause({ kind: 'ids', ids: [id] }))
    const states = (await converting).jobs.map(({ state }) => state)
    expect(states.toSorted((one, other) => one.phase.localeCompare(other.phase))).toEqual([
      { phase: 'cancelled', finishedAtMs: expect.any(Number) as number },
      { phase: 'paused', work: { step: 'prepare' } },
    ])
  })

  it('lets a drained machine end what it has, and gives it nothing more until it is resumed', here, async () => {
    const { beside, media, machine } = await testFleet()
    await machine('render-01')
    await until(() => beside.fleet.status().machines[0]?.state === 'working')
    expect(await beside.fleet.mode('render-01', 'drain')).toBe(true)
    await until(() => beside.fleet.status().machines[0]?.state === 'draining')
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    const converting = beside.convert([source], 'mp3', { with: 'fleet' })
    await until(() => beside.fleet.status().unmet.length > 0)
    await beside.fleet.mode('render-01', 'work')
    expect((await converting).jobs.map(ended)).toEqual(['done'])
    expect(await beside.fleet.mode('render-99', 'drain')).toBe(false)
  })

  it('gives back what a machine has that is told twice to stop, and another one converts it', here, async () => {
    const { beside, media, machine, leftOvers } = await testFleet()
    const first = await machine('render-01')
    const source = join(media, 'song.mp4')
    await writeFilm(source, 20)
    const converting = beside.convert([source], 'webm', { with: 'fleet' })
    await until(async () => (await leftOvers()).length > 0)
    first.started.process.kill('SIGTERM')
    await first.started.says('Ends what it has')
    first.started.process.kill('SIGTERM')
    expect((await first.started.ended).out).toContain('given back: song.mp4')
    await machine('render-02')
    const { jobs } = await converting
    expect([jobs.map(ended), jobs.map(({ attempt }) => attempt), await leftOvers()]).toEqual([['done'], [1], []])
  })

  it('takes no machine that sees a copy of the storage, another folder, or has a wrong key', here, async () => {
    const { beside, media, joinLine } = await testFleet()
    await until(() => beside.fleet.status().state.kind === 'connected')
    const copy = await temporaryFolder()
    for (const name of await readdir(media))
      await writeFile(join(copy, name), name.includes('canary') ? 'old' : await readFile(join(media, name)))
    const { start, run } = await cliProcess()
    const other = start('worker', '--join', joinLine, '--storage', copy, '--name', 'copy')
    await other.says('a copy of the storage')
    await other.says('Takes no work')
    other.process.kill('SIGTERM')
    await other.says('Ends what it has')
    expect((await other.ended).status).toBe(0)
    const unmarked = await run('worker', '--join', joinLine, '--storage', await temporaryFolder())
    expect([unmarked.status, unmarked.err]).toEqual([1, expect.stringContaining('does not carry the mark')])
    const wrong = await run('worker', '--join', joinLine.replace(/#.*/, '#wrong'), '--storage', media)
    expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('password authentication failed')])
  })

  it('renders nothing that an order names outside of the storage, be it by a link', here, async () => {
    const { beside, media, machine, broker } = await testFleet()
    await machine('render-01')
    const outside = join(await temporaryFolder(), 'secret.wav')
    await writeTone(outside, 1)
    await symlink(dirname(outside), join(media, 'way out'))
    await writeTone(join(media, 'song.wav'), 1)
    const shared = await broker()
    const [root = ''] = (await shared.machines())[0]?.report.roots ?? []
    const answerTo = async (id: string, path: string, part: string) => {
      const { size, mtimeMs } = await stat(join(media, path))
      const order = {
        tag: 'abcdef',
        job: 1,
        sources: [{ root, path, bytes: size, mtimeMs }],
        from: 'wav' as const,
        target: 'mp3' as const,
        options: {},
        parts: { root, path: part },
      }
      await shared.send([{ queue: queueOf(root, 'short'), id, order, priority: 0 }])
      for (;;) {
        const [now] = await shared.statesOf([{ queue: queueOf(root, 'short'), id }])
        if (now?.kind === 'answered') return now.answer.outcome.kind === 'failed' ? now.answer.outcome.why.facts : now.answer
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const inside = { because: 'outside-storage' }
    const ids = [
      '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000002',
      '00000000-0000-4000-8000-000000000003',
    ]
    expect(await answerTo(ids[0] ?? '', 'way out/secret.wav', '.beside-abcdef-1')).toMatchObject(inside)
    expect(await answerTo(ids[1] ?? '', '../media/song.wav', '.beside-abcdef-2')).toMatchObject(inside)
    expect(await answerTo(ids[2] ?? '', 'song.wav', 'way out/.beside-abcdef-3')).toMatchObject(inside)
    await until(() => beside.fleet.status().machines[0]?.state === 'working')
    expect(await readdir(dirname(outside))).toEqual(['secret.wav'])
  })

  it('keeps keys and passwords out of the database, and machines out of all but their two schemas', here, async () => {
    const { beside, media, machine, queue, joinLine } = await testFleet({ BESIDE_KEY_XCONVERT: canary })
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    await machine('render-01')
    expect((await beside.convert([source], 'mp3', { with: 'fleet' })).jobs.map(ended)).toEqual(['done'])
    const { stdout: dump } = await execute(postgresProgram('pg_dump'), ['-w', '--dbname', queue.address], { maxBuffer: 2 ** 26 })
    expect(dump).toContain('render-01')
    const secrets = [
      canary,
      decodeURIComponent(new URL(queue.address).password),
      decodeURIComponent(joinLine.split('#')[1] ?? ''),
    ]
    expect(secrets.filter((secret) => secret === '' || dump.includes(secret))).toEqual([])

    const asMachine = new URL(queue.address)
    asMachine.username = machineRole(new URL(joinLine).username)
    asMachine.password = joinLine.split('#')[1] ?? ''
    const tried = async (sql: string) =>
      await execute(postgresProgram('psql'), ['-wXAt', '--dbname', asMachine.href, '-c', sql]).then(
        ({ stdout }) => stdout.trim(),
        (error: { readonly stderr?: string }) => /permission denied|must be/.exec(error.stderr ?? '')?.[0] ?? error,
      )
    expect(await tried('SELECT count(*) FROM beside.machines')).toBe('1')
    expect(await tried('CREATE TABLE public.own (a int)')).toBe('permission denied')
    expect(await tried('CREATE TABLE beside.own (a int)')).toBe('permission denied')
    expect(await tried('CREATE ROLE other')).toBe('permission denied')
    expect(await tried('SELECT rolpassword FROM pg_authid')).toBe('permission denied')
  })

  it('shows a machine of another protocol as what it is, and expects nothing of it', here, async () => {
    const { beside, media, broker } = await testFleet()
    const shared = await broker()
    await until(() => beside.fleet.status().state.kind === 'connected')
    await shared.report(
      {
        ...{
          name: 'old',
          protocol: 0,
          version: '0.0.1',
          places: { short: 4 },
          roots: [],
          checks: [],
          state: 'working',
          doing: [],
        },
        ...{ doneLately: 0, load: null, startedAtMs: 0 },
      },
      'an instance',
    )
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    const converting = beside.convert([source], 'mp3', { with: 'fleet' })
    await until(() => beside.fleet.status().machines.length === 1 && beside.fleet.status().unmet.length === 1)
    expect(beside.fleet.status().machines.map(({ name, state }) => ({ name, state }))).toEqual([
      { name: 'old', state: 'other-version' },
    ])
    await beside.engine.cancel({ kind: 'ids', ids: [1] })
    await converting
  })

  it('goes on by itself once the database is back, and loses nothing', here, async () => {
    const { beside, media, machine, queue, leftOvers } = await testFleet()
    await machine('render-01')
    const source = join(media, 'song.mp4')
    await writeFilm(source, 20)
    const converting = beside.convert([source], 'webm', { with: 'fleet' })
    await until(async () => (await leftOvers()).length > 0)
    await queue.stop()
    await until(() => beside.fleet.status().state.kind === 'connecting')
    await queue.start()
    const { jobs } = await converting
    expect([jobs.map(ended), await leftOvers()]).toEqual([['done'], []])
  })
})
