import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failure, JobError } from '../../src/shared/failure.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { copies, until, watching, type Watching } from '../support/watching.ts'

leavesNothingOpen()

const mp3 = { target: 'mp3', preset: null, options: {} } as const

async function isWatching({ folder }: Watching): Promise<void> {
  await until(() => folder().health.state === 'watching' && folder().lookedAtMs !== null)
}

describe('files that are there first', () => {
  it('have to be decided about, with their number; where there are none, nothing has', async () => {
    const { drop, tone, folders } = await watching()
    await copies(tone, drop, ['a.wav', 'b.wav', 'notes.txt'])
    const rule = plainRule(drop, [mp3])
    const refused = await folders.add({ rule, on: true, existing: null }).catch((error: unknown) => error)
    const foldersThen = folders.list().length
    const added = await folders.add({ rule: { ...rule, include: ['*.flac'] }, on: true, existing: null })
    expect({
      refused: refused instanceof JobError ? refused.failure : null,
      foldersThen,
      isDecided: added.health.state !== 'undecided',
    }).toEqual({ refused: failure('usage', { because: 'existing-undecided', files: 2 }), foldersThen: 0, isDecided: true })
  })

  it('are left as they were where that was said, and what comes after them is converted', async () => {
    const { add, drop, aside, tone, settled, looked, ledger, done } = await watching()
    await writeTone(join(aside, 'longer.wav'), 1)
    await copies(tone, drop, ['old.wav', 'older.wav'])
    await add({}, 'ignore')
    await copyFile(tone, join(drop, 'new.wav'))
    await settled()
    await looked()
    // One that is written anew is new.
    await copyFile(join(aside, 'longer.wav'), join(drop, 'older.wav'))
    await settled()
    expect({ ledger: ledger().filter((text) => text.includes('.wav')), done: done() }).toEqual({
      ledger: ['new.wav: done converted', 'old.wav: left was-there', 'older.wav: done converted'],
      done: 2,
    })
  })

  it('are converted where that was said, each once', async () => {
    const { add, drop, tone, settled, done } = await watching()
    await copies(tone, drop, ['a.wav', 'b.wav', 'c.wav'])
    await add({}, 'convert')
    await settled()
    expect(done()).toBe(3)
  })

  it('still have to be decided about when a folder that was added switched off is switched on', async () => {
    const scene = await watching()
    const { drop, tone, folders, folder, settled, done } = scene
    await copyFile(tone, join(drop, 'a.wav'))
    await folders.add({ rule: plainRule(drop, [mp3]), on: false, existing: null })
    const { id, health } = folder()
    const refused = await folders.switch(id, { on: true, existing: null }).catch((error: unknown) => error)
    await folders.switch(id, { on: true, existing: 'convert' })
    await isWatching(scene)
    await settled()
    expect({ state: health.state, refused: refused instanceof JobError && refused.failure.code, done: done() }).toEqual({
      state: 'undecided',
      refused: 'usage',
      done: 1,
    })
  })
})

describe('a rule that is switched off', () => {
  it('stays off over a restart; once it is on again, what came meanwhile is converted, and nothing twice', async () => {
    const scene = await watching()
    await scene.add()
    await copyFile(scene.tone, join(scene.drop, 'a.wav'))
    await scene.settled()
    await scene.folders.switch(scene.folder().id, { on: false, existing: null })
    const later = await scene.restarted()
    await copyFile(later.tone, join(later.drop, 'b.wav'))
    const off = [later.folder().on, later.folder().health.state, later.line('b.wav')]
    await later.folders.switch(later.folder().id, { on: true, existing: null })
    await isWatching(later)
    await later.settled()
    expect({ off, files: await later.files(), done: later.done() }).toEqual({
      off: [false, 'off', undefined],
      files: ['a.mp3', 'a.wav', 'b.mp3', 'b.wav'],
      done: 2,
    })
  })
})

describe('a rule that is changed', () => {
  it.each<[what: string, oldFiles: 'again' | 'keep', flacs: number]>([
    ['counts no old file for new, where that was said', 'keep', 1],
    ['takes all files again, where that was said', 'again', 3],
  ])('%s', async (_, oldFiles, flacs) => {
    const scene = await watching()
    const { add, drop, tone, folders, folder, settled, files } = scene
    await copyFile(tone, join(drop, 'first.wav'))
    await add({}, 'ignore')
    await copyFile(tone, join(drop, 'old.wav'))
    await settled()
    await folders.change(folder().id, { ...folder().rule, outputs: [{ ...mp3, target: 'flac' }] }, oldFiles)
    await isWatching(scene)
    await copyFile(tone, join(drop, 'new.wav'))
    await settled()
    const all = await files()
    expect({
      flacFiles: all.filter((name) => name.endsWith('.flac')).length,
      mp3Files: all.filter((name) => name.endsWith('.mp3')),
    }).toEqual({ flacFiles: flacs, mp3Files: ['old.mp3'] })
  })

  it('while files wait and are queued converts each once, by the new rule where it is not too late', async () => {
    const scene = await watching()
    const { add, drop, tone, engine, folders, folder, line, settled, done } = scene
    await add({ exclude: ['later.wav'] })
    engine.pauseAll()
    await copies(tone, drop, ['queued.wav', 'later.wav'])
    await until(() => line('queued.wav')?.state === 'queued' && line('later.wav')?.why.code === 'excluded')
    await folders.change(folder().id, { ...folder().rule, exclude: [] }, 'again')
    await isWatching(scene)
    engine.resumeAll()
    await settled()
    expect({ queued: line('queued.wav')?.state, later: line('later.wav')?.state, done: done() }).toEqual({
      queued: 'done',
      later: 'done',
      done: 2,
    })
  })
})

describe('a file that is told to be taken again', () => {
  it('is converted after all, though it had been left, given up, or done before', async () => {
    const { add, drop, tone, folders, line, settled, files } = await watching({ timings: { youngMs: 0 } })
    await copyFile(tone, join(drop, 'was there.wav'))
    await add({ size: { minBytes: null, maxBytes: 100_000 } }, 'ignore')
    await copyFile(tone, join(drop, 'done.wav'))
    await writeFile(join(drop, 'broken.wav'), 'RIFF nonsense'.repeat(50))
    await settled()
    const states = ['was there.wav', 'done.wav', 'broken.wav'].map((name) => line(name)?.state)
    const ids = ['was there.wav', 'done.wav', 'broken.wav'].map((name) => line(name)?.id ?? 0)
    const moved = await folders.again(ids)
    await settled()
    expect({ states, moved, state: line('broken.wav')?.state, files: await files() }).toEqual({
      states: ['left', 'done', 'quarantined'],
      moved: 3,
      state: 'quarantined',
      files: ['broken.wav', 'done (2).mp3', 'done.mp3', 'done.wav', 'was there.mp3', 'was there.wav'],
    })
  })

  it('has a why all along, also for what has no line', async () => {
    const { add, drop, aside, tone, folders, settled } = await watching()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await writeFile(join(drop, '.beside-abcdef-1.0.part'), await readFile(tone))
    const whyOf = async (path: string) => (await folders.why(path)).map(({ why, sighting }) => [why.code, sighting !== null])
    expect({
      ofFile: await whyOf(join(drop, 'take.wav')),
      ofTemporaryResult: await whyOf(join(drop, '.beside-abcdef-1.0.part')),
      ofNoFile: await whyOf(join(drop, 'nowhere.wav')),
      outside: await whyOf(join(aside, 'tone.wav')),
    }).toEqual({
      ofFile: [['converted', true]],
      ofTemporaryResult: [['own-work', false]],
      ofNoFile: [['source-missing', false]],
      outside: [],
    })
  })
})
