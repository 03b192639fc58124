import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { hookDraft, hookProgram, hookServer, type HookMessage } from '../support/hook-listeners.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()
const never = new AbortController().signal

async function scene() {
  const folder = await temporaryFolder()
  const beside = await testBeside(folder)
  const [program, server] = [await hookProgram(folder), await hookServer()]
  const settled = async () => await beside.hooks.settled(never)
  return { folder, beside, program, server, settled }
}

describe('after a job', () => {
  it('its facts are complete: paths, formats, sizes and times as the job has them', async () => {
    const { folder, beside, program, server, settled } = await scene()
    await beside.hooks.save(hookDraft(program.action()))
    await beside.hooks.save(hookDraft({ kind: 'url', url: server.url }, { name: 'call' }))
    const source = join(folder, "It's $HOME; a “song”\n& more.wav")
    await writeTone(source, 0.2)
    const { jobs } = await beside.convert([source], 'mp3')
    await settled()
    const [told] = await program.told()
    const [job] = jobs
    if (job?.state.phase !== 'done') throw new Error('it was not converted')
    const [output] = job.state.outputs
    expect(told?.variables).toMatchObject({
      BESIDE_EVENT: 'job',
      BESIDE_OUTCOME: 'done',
      BESIDE_SOURCE: source,
      BESIDE_OUTPUT: output?.path,
      BESIDE_OUTPUTS: '1',
      BESIDE_OUTPUT_BYTES: String(output?.bytes),
      BESIDE_FROM: 'wav',
      BESIDE_TARGET: 'mp3',
      BESIDE_HOME: join(folder, 'beside-home'),
    })
    expect(told?.body.job).toMatchObject({
      id: job.id,
      batch: job.batchId,
      source,
      from: 'wav',
      target: 'mp3',
      provider: 'local',
      folder,
      outputs: [{ path: output?.path, bytes: output?.bytes }],
      tookMs: job.state.tookMs,
      failure: null,
    })
    const without = ({ id: _, hook: __, ...rest }: HookMessage) => rest
    expect(server.calls.map(({ message }) => without(message))).toEqual([told].flatMap((one) => (one ? [without(one.body)] : [])))
  })

  it('that failed, was skipped or was cancelled the outcome is told, each once, with the code of the failure', async () => {
    const { folder, beside, program, settled } = await scene()
    await beside.hooks.save(hookDraft(program.action()))
    await writeFile(join(folder, 'broken.wav'), 'this is no song at all, whatever it is called')
    await writeTone(join(folder, 'song.wav'), 0.2)
    await beside.convert([join(folder, 'broken.wav')], 'mp3')
    await beside.convert([join(folder, 'song.wav')], 'mp3')
    await beside.convert([join(folder, 'song.wav')], 'mp3', { ifExists: 'skip' })
    beside.engine.pauseAll()
    const batchId = beside.engine.openBatch('cancelled')
    const request = {
      batchId,
      sources: [join(folder, 'song.wav')],
      target: 'flac' as const,
      options: {},
      preset: null,
      out: null,
    }
    for await (const _ of beside.engine.convert({ ...request, recursive: false, include: [], exclude: [], priority: 0 }, never));
    await beside.engine.cancel({ kind: 'batch', batchId })
    await settled()
    const told = await program.told()
    expect(told.map(({ body }) => [body.outcome, body.job.failure?.code ?? null])).toEqual([
      ['failed', 'source-unknown'],
      ['done', null],
      ['skipped', 'output-exists'],
      ['cancelled', null],
    ])
  })

  it('a hook may ask for some outcomes and one preset alone', async () => {
    const { folder, beside, program, settled } = await scene()
    await beside.hooks.save(hookDraft(program.action(), { outcomes: ['done'], preset: 'podcast' }))
    await writeTone(join(folder, 'song.wav'), 0.2)
    await beside.convert([join(folder, 'song.wav')], 'flac')
    await beside.convert([join(folder, 'song.wav')], 'mp3', { target: null, preset: 'podcast' })
    await settled()
    expect((await program.told()).map(({ body }) => body.job['preset'])).toEqual(['podcast'])
  })
})

describe('after a batch', () => {
  it('of many files it is told once, with the totals of all, when the last of them has ended', async () => {
    const { folder, beside, program, settled } = await scene()
    await beside.hooks.save(hookDraft(program.action(), { after: 'batch' }))
    await mkdir(join(folder, 'in'))
    await writeTone(join(folder, 'tone.wav'), 0.1)
    await copies(join(folder, 'tone.wav'), join(folder, 'in'), ['a.wav', 'b.wav', 'c.wav', 'd.wav'])
    await writeFile(join(folder, 'in', 'broken.wav'), 'no song')
    const { batchId, jobs } = await beside.convert([join(folder, 'in')], 'mp3')
    await settled()
    const told = await program.told()
    expect(told.map(({ body }) => [body.outcome, body.batch])).toEqual([
      [
        'failed',
        expect.objectContaining({
          id: batchId,
          label: 'test',
          done: 4,
          skipped: 0,
          failed: 1,
          cancelled: 0,
          watchedFolder: null,
        }),
      ],
    ])
    expect(told[0]?.variables).toMatchObject({ BESIDE_DONE: '4', BESIDE_FAILED: '1', BESIDE_LABEL: 'test' })
    expect(jobs.map(ended).filter((phase) => phase === 'done').length).toBe(4)
  })

  it('whose sources come in portions, it is told after the last of them, however quick the first ones were', async () => {
    const { folder, beside, program, settled } = await scene()
    await beside.hooks.save(hookDraft(program.action(), { after: 'batch' }))
    const batchId = beside.engine.openBatch('portions')
    const request = { batchId, target: 'mp3' as const, options: {}, preset: null, out: null, recursive: false }
    const told: number[] = []
    for (const name of ['one.wav', 'two.wav']) {
      await writeTone(join(folder, name), 0.1)
      const portion = { ...request, sources: [join(folder, name)], include: [], exclude: [], priority: 0, more: true }
      for await (const _ of beside.engine.convert(portion, never));
      await beside.settled(batchId)
      await settled()
      told.push((await program.told()).length)
    }
    for await (const _ of beside.engine.convert({ ...request, sources: [], include: [], exclude: [], priority: 0 }, never));
    await settled()
    expect([told, (await program.told()).map(({ body }) => body.batch['done'])]).toEqual([[0, 0], [2]])
  })
})

describe('after a watched folder has come to rest', () => {
  it('it is told once, with what came of its files, and not again until something new came', async () => {
    const here = await watching()
    const program = await hookProgram(here.aside)
    const { id } = await here.add()
    await here.hooks.save(hookDraft(program.action(), { after: 'folder', folderId: id }))
    await copies(here.tone, here.drop, ['a.wav', 'b.wav', 'c.wav'])
    await writeFile(join(here.drop, 'notes.txt'), 'left alone')
    await until(async () => (await program.told()).length > 0)
    await here.settled()
    // Results beside their sources are seen as well, and are nothing new.
    await here.looked()
    await here.looked()
    await here.hooks.settled(never)
    const first = (await program.told()).map(({ body }) => [body.outcome, body.folder])
    await copyFile(here.tone, join(here.drop, 'later.wav'))
    await until(async () => (await program.told()).length > 1)
    await here.settled()
    await here.looked()
    await here.hooks.settled(never)
    const second = (await program.told()).map(({ body }) => body.folder['done'])
    expect([first, second]).toEqual([[['done', { id, path: here.drop, out: null, done: 3, skipped: 0, failed: 0 }]], [3, 1]])
  })

  it('a file that fails counts once it is given up: between its tries the folder is not at rest', async () => {
    const here = await watching({ timings: { youngMs: 0 } })
    const program = await hookProgram(here.aside)
    await here.hooks.save(hookDraft(program.action(), { after: 'folder' }))
    await here.add()
    await writeFile(join(here.drop, 'broken.wav'), 'RIFF nonsense'.repeat(50))
    await until(() => here.line('broken.wav')?.state === 'quarantined')
    await here.looked()
    await here.hooks.settled(never)
    expect((await program.told()).map(({ body }) => [body.outcome, body.folder['failed'], body.folder['done']])).toEqual([
      ['failed', 1, 0],
    ])
  })

  it('that was at rest before the hook came, nothing is told', async () => {
    const here = await watching()
    const program = await hookProgram(here.aside)
    await copyFile(here.tone, join(here.drop, 'old.wav'))
    await here.add()
    await until(() => here.done() === 1)
    await here.settled()
    await here.looked()
    await here.hooks.save(hookDraft(program.action(), { after: 'folder' }))
    await here.looked()
    await here.hooks.settled(never)
    expect(await program.told()).toEqual([])
  })

  it('while nobody watched, it is told once somebody does', async () => {
    const here = await watching()
    const program = await hookProgram(here.aside)
    await here.add()
    await here.hooks.save(hookDraft(program.action(), { after: 'folder' }))
    await copies(here.tone, here.drop, ['a.wav', 'b.wav'])
    const again = await here.restarted()
    await again.settled()
    await until(async () => (await program.told()).reduce((sum, { body }) => sum + Number(body.folder['done']), 0) === 2)
    expect((await program.told()).length).toBeLessThanOrEqual(2)
  })

  it('jobs and batches of a watched folder say which one it is', async () => {
    const here = await watching()
    const program = await hookProgram(here.aside)
    const { id } = await here.add()
    await here.hooks.save(hookDraft(program.action(), { folderId: id }))
    await here.hooks.save(hookDraft(program.action(), { name: 'batch', after: 'batch', folderId: id }))
    await here.hooks.save(hookDraft(program.action(), { name: 'other', folderId: id, outcomes: ['failed'] }))
    await copyFile(here.tone, join(here.drop, 'song.wav'))
    await until(async () => (await program.told()).length === 2)
    expect((await program.told()).map(({ body, variables }) => [body.event, variables['BESIDE_WATCHED']]).toSorted()).toEqual([
      ['batch', String(id)],
      ['job', String(id)],
    ])
  })
})

describe('the end of Beside', () => {
  it('while hooks run is quiet, and what was under way is delivered by the next one', async () => {
    const { folder, beside, server } = await scene()
    server.answer('silent')
    await beside.hooks.save(hookDraft({ kind: 'url', url: server.url }))
    await writeTone(join(folder, 'song.wav'), 0.1)
    await beside.convert([join(folder, 'song.wav')], 'mp3')
    await until(() => server.calls.length === 1)
    await beside.stop()
    server.answer(204)
    const next = await testBeside(folder)
    await next.hooks.settled(never)
    expect(server.calls.map(({ message }) => message.id)).toEqual([server.calls[0]?.message.id, server.calls[0]?.message.id])
    expect(next.hooks.list()[0]?.counts).toMatchObject({ delivered: 1, due: 0, failed: 0 })
  })
})
