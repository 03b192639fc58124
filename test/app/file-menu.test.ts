import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lastUsed } from '../../src/main/app/file-menu.ts'
import type { AppStart } from '../../src/main/app/start.ts'
import { desktopChannels as channels } from '../../src/shared/desktop.ts'
import type { Job } from '../../src/shared/job.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { sessionIn } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { started, until, type Started } from './started.ts'

leavesNothingOpen()

const second = ({ desk }: Started, files: readonly string[], wanted: AppStart['wanted']) =>
  desk.app.emit('second-instance', {}, [], '', { files, wanted, asksForFiles: false, isHidden: false } satisfies AppStart)

async function finished({ running }: Started, jobs: number): Promise<readonly Job[]> {
  const { client } = running.session
  for (;;) {
    const page = await client.history.page({ query: {}, after: null, limit: 100 })
    if (page.jobs.length >= jobs) return page.jobs
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function tones(folder: string, names: readonly string[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  return await Promise.all(
    names.map(async (name) => {
      await writeTone(join(folder, name), 0.1)
      return join(folder, name)
    }),
  )
}

describe('what the menu of a file manager asks for', () => {
  it('is one batch, though the app is started once for every file, and brings no window forward', async () => {
    const app = await started({ args: ['--hidden'] })
    const files = await tones(join(app.home, 'in'), ['a.wav', 'b.wav', '-c d.wav'])
    for (const file of files) second(app, [file], { kind: 'format', target: 'flac' })
    const jobs = await finished(app, 3)
    const batches = await app.running.session.client.batches.list({ after: null, limit: 10 })
    expect({ states: jobs.map(({ state }) => state.phase), batches: batches.map(({ label }) => label) }).toEqual({
      states: ['done', 'done', 'done'],
      batches: ['3 files → FLAC'],
    })
    expect([app.window().isShown, await app.desk.invoke(channels.takeFiles, app.own())]).toEqual([false, { value: [] }])
  })

  it('is begun by the first start as well', async () => {
    const app = await started(
      { args: ['--to', 'opus', '--', 'song.wav'] },
      async (_, home) => void (await tones(home, ['song.wav'])),
    )
    const [job] = await finished(app, 1)
    expect([job?.order.target, job?.state.phase]).toEqual(['opus', 'done'])
  })

  it('goes to the Beside that has the queue already, such as one in a terminal', async () => {
    let other: Awaited<ReturnType<typeof sessionIn>> | null = null
    const app = await started({ args: ['--to', 'flac', '--', 'song.wav'] }, async (_, home) => {
      await tones(home, ['song.wav'])
      other = await sessionIn(home, 'work')
    })
    await finished(app, 1)
    expect([app.running.session.role(), (other as Awaited<ReturnType<typeof sessionIn>> | null)?.role()]).toEqual([
      'guest',
      'holder',
    ])
  })

  it('of the last format used, takes the one of that kind of file; where there is none the window asks', async () => {
    const app = await started({ args: ['--hidden'] })
    const [one, two] = await tones(join(app.home, 'in'), ['one.wav', 'two.wav'])
    second(app, [one ?? ''], { kind: 'format', target: 'm4a' })
    await finished(app, 1)
    second(app, [two ?? '', '/x/photo.png'], { kind: 'last' })
    const jobs = await finished(app, 2)
    expect(jobs.map(({ order }) => order.target)).toEqual(['m4a', 'm4a'])
    await until(() => app.window().isShown)
    expect(await app.desk.invoke(channels.takeFiles, app.own())).toEqual({ value: ['/x/photo.png'] })
  })

  it('and is refused is told in a notification, which leads to the window', async () => {
    const app = await started({ args: ['--hidden'] })
    second(app, [join(app.home, 'gone.wav')], { kind: 'format', target: 'mp3' })
    await until(() => app.desk.notes.length === 1)
    const [note] = app.desk.notes
    expect(note?.options).toEqual({ title: 'Beside', body: 'Not converted: 1' })
    note?.emit('click')
    expect(app.window().isShown).toBe(true)
  })

  it('is in the queue before the app ends', async () => {
    const app = await started({ args: ['--hidden'] })
    const files = await tones(join(app.home, 'in'), ['late.wav'])
    await app.running.session.client.queue.pause()
    second(app, files, { kind: 'format', target: 'flac' })
    await app.running.leave()
    const { client } = await sessionIn(app.home, 'look')
    const { jobs } = await client.jobs.list({ phases: ['queued', 'paused'], batchId: null, after: null, limit: 10 })
    expect(jobs.map(({ order }) => order.target)).toEqual(['flac'])
  })
})

describe('the action of the desktop’s own menu', () => {
  it('asks for files, at the first start and later', async () => {
    const app = await started({ args: ['--add'] }, (desk) => void (desk.chosen = ['/x/one.wav']))
    await until(() => app.window().webContents.sent.length === 1)
    app.desk.chosen = ['/x/two.wav']
    app.desk.app.emit('second-instance', {}, [], '', { files: [], asksForFiles: true, isHidden: false })
    await until(() => app.window().webContents.sent.length === 2)
    expect(await app.desk.invoke(channels.takeFiles, app.own())).toEqual({ value: ['/x/one.wav', '/x/two.wav'] })
  })
})

describe('the last format used', () => {
  const job = (from: 'wav' | 'png' | null, target: 'mp3' | 'flac' | 'webp') => ({ order: { from, target } }) as unknown as Job
  it('is that of the newest job of the family, never that of another one', () => {
    const known = lastUsed([job(null, 'webp'), job('wav', 'mp3'), job('png', 'webp'), job('wav', 'flac')])
    expect(['a.WAV', 'a.ogg', 'a.jpeg', 'a.mp4', 'a.exe', 'noname'].map(known)).toEqual(['mp3', 'mp3', 'webp', null, null, null])
  })
})
