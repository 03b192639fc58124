import { copyFile, mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { copies, until, watching, type Watching } from '../support/watching.ts'

leavesNothingOpen()

const hourMs = 3_600_000
const to = (...targets: readonly FormatId[]) => targets.map((target) => ({ target, preset: null, options: {} }))

/** Changes the rule and waits for the look that follows. */
async function changed(scene: Watching, change: object, oldFiles: 'again' | 'keep'): Promise<void> {
  const { folders, folder } = scene
  await folders.change(folder().id, { ...folder().rule, ...change }, oldFiles)
  await until(() => folder().health.state === 'watching' && folder().lookedAtMs !== null)
  await scene.settled()
}

describe('which files a rule takes', () => {
  it('is a matter of names, kinds and sizes, each left one with its reason', async () => {
    const { add, drop, aside, tone, settled, ledger, done } = await watching()
    await writeTone(join(aside, 'large.wav'), 2)
    await add({
      include: ['*.wav', '*.flac', '*.jpg'],
      exclude: ['draft*'],
      kinds: ['wav'],
      size: { minBytes: 1000, maxBytes: 20_000 },
    })
    await copies(tone, drop, ['take.wav', 'draft.wav', 'take.flac', 'take.aiff', 'photo.jpg'])
    await copyFile(join(aside, 'large.wav'), join(drop, 'large.wav'))
    await writeFile(join(drop, 'tiny.wav'), 'RIFF')
    await settled()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: [
        'draft.wav: left excluded',
        'large.wav: left too-big',
        'photo.jpg: left other-kind',
        'take.aiff: left not-included',
        'take.flac: left other-kind',
        'take.mp3: left own-output',
        'take.wav: done converted',
        'tiny.wav: left too-small',
      ],
      done: 1,
    })
  })

  it('is a matter of age: what is too young waits for its time, what is too old is left', async () => {
    const { add, drop, tone, clock, settled, line, files } = await watching()
    await add({ age: { minMs: hourMs, maxMs: 24 * hourMs } })
    await copies(tone, drop, ['young.wav', 'old.wav'])
    const longAgo = new Date(clock.nowMs() - 48 * hourMs)
    await utimes(join(drop, 'old.wav'), longAgo, longAgo)
    await until(() => line('old.wav')?.why.code === 'too-old' && line('young.wav')?.why.code === 'too-young')
    clock.pass(hourMs / 2)
    // Written to again, it is young again.
    await utimes(join(drop, 'young.wav'), new Date(clock.nowMs()), new Date(clock.nowMs()))
    clock.pass(hourMs / 2 + 60_000)
    await until(() => (line('young.wav')?.dueAtMs ?? 0) > clock.nowMs() + hourMs / 4)
    const early = await files()
    clock.pass(hourMs / 2)
    await settled()
    expect({ early, files: await files() }).toEqual({
      early: ['old.wav', 'young.wav'],
      files: ['old.wav', 'young.mp3', 'young.wav'],
    })
  })

  it('reaches below only where it says so', async () => {
    const scene = await watching()
    const { add, drop, tone, settled, files } = scene
    await mkdir(join(drop, 'below'))
    await copyFile(tone, join(drop, 'below', 'deep.wav'))
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    const before = await files()
    const [reason] = await scene.folders.why(join(drop, 'below', 'deep.wav'))
    await changed(scene, { recursive: true }, 'keep')
    expect({ before, why: reason?.why.code, files: await files() }).toEqual({
      before: ['below/deep.wav', 'take.mp3', 'take.wav'],
      why: 'below',
      files: ['below/deep.mp3', 'below/deep.wav', 'take.mp3', 'take.wav'],
    })
  })
})

describe('when a file is converted', () => {
  it('is after it has rested for as long as the rule says, which a change begins anew', async () => {
    const { add, drop, aside, tone, clock, settled, line, files, done } = await watching()
    await writeTone(join(aside, 'second.wav'), 1)
    await add({ holdMs: 2 * hourMs })
    await copies(tone, drop, ['kept.wav', 'changed.wav'])
    await until(() => line('kept.wav')?.why.code === 'on-hold' && line('changed.wav')?.why.code === 'on-hold')
    clock.pass(hourMs)
    await copyFile(join(aside, 'second.wav'), join(drop, 'changed.wav'))
    await until(() => line('changed.wav')?.why.code === 'on-hold' && line('changed.wav')?.bytes !== line('kept.wav')?.bytes)
    const early = await files()
    clock.pass(hourMs)
    await until(() => line('kept.wav')?.state === 'done')
    const between = line('changed.wav')?.why.code
    clock.pass(hourMs)
    await settled()
    expect({ early, between, files: await files(), done: done() }).toEqual({
      early: ['changed.wav', 'kept.wav'],
      between: 'on-hold',
      files: ['changed.mp3', 'changed.wav', 'kept.mp3', 'kept.wav'],
      done: 2,
    })
  })

  it('goes on resting over a restart', async () => {
    const scene = await watching()
    await scene.add({ holdMs: 2 * hourMs })
    await copyFile(scene.tone, join(scene.drop, 'take.wav'))
    await until(() => scene.line('take.wav')?.why.code === 'on-hold')
    const due = scene.line('take.wav')?.dueAtMs
    const later = await scene.restarted()
    await until(() => later.folder().lookedAtMs !== null)
    const again = later.line('take.wav')
    scene.clock.pass(2 * hourMs)
    await later.settled()
    expect({ why: again?.why.code, dueAtMs: again?.dueAtMs, files: await later.files() }).toEqual({
      why: 'on-hold',
      dueAtMs: due,
      files: ['take.mp3', 'take.wav'],
    })
  })

  it('is within the hours that the rule keeps', async () => {
    const { add, drop, tone, clock, settled, line, files } = await watching()
    const now = new Date(clock.nowMs())
    const fromMinute = ((now.getHours() + 3) % 24) * 60
    const days = [0, 1, 2, 3, 4, 5, 6]
    await add({ schedule: [{ days, fromMinute, toMinute: fromMinute + 30 }] })
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => line('take.wav')?.why.code === 'outside-hours')
    const { dueAtMs } = line('take.wav') ?? { dueAtMs: 0 }
    const opens = new Date(dueAtMs ?? 0)
    clock.pass((dueAtMs ?? 0) - clock.nowMs())
    await settled()
    expect({ minutes: opens.getHours() * 60 + opens.getMinutes(), files: await files() }).toEqual({
      minutes: fromMinute,
      files: ['take.mp3', 'take.wav'],
    })
  })
})

describe('what is made of a file', () => {
  it('is as many results as the rule says, under its names, in a tree of their own', async () => {
    const { add, drop, aside, tone, settled, files, done } = await watching()
    const out = join(aside, 'out')
    await add({ recursive: true, out, nameTemplate: '{name} ({parent})', outputs: to('mp3', 'flac', 'wav') })
    await mkdir(join(drop, 'disc 1'))
    await copyFile(tone, join(drop, 'disc 1', 'a.wav'))
    await settled()
    const made = (await readdir(out, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    expect({
      made: made.map(({ parentPath, name }) => relative(out, join(parentPath, name))).toSorted(),
      files: await files(),
      done: done(),
    }).toEqual({
      made: ['disc 1/a (disc 1).flac', 'disc 1/a (disc 1).mp3', 'disc 1/a (disc 1).wav'],
      files: ['disc 1/a.wav'],
      done: 3,
    })
  })

  it('leaves alone, replaces or numbers what has its name, as the rule says', async () => {
    const scene = await watching()
    const { add, drop, tone, settled, line, files } = scene
    await writeFile(join(drop, 'take.mp3'), 'of somebody else')
    await add({ ifExists: 'skip' })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    const skipped = [line('take.wav')?.state, line('take.wav')?.why.code, await files()]
    await changed(scene, { ifExists: 'number' }, 'again')
    expect({ skipped, files: await files() }).toEqual({
      skipped: ['left', 'output-exists', ['take.mp3', 'take.wav']],
      files: ['take (2).mp3', 'take.mp3', 'take.wav'],
    })
  })
})

describe('the source afterwards', () => {
  it('goes into the archive once all its results are there, and is no new file there', async () => {
    const { add, drop, tone, looked, lines, files, done } = await watching()
    await add({ recursive: true, afterwards: 'archive', outputs: to('mp3', 'flac') })
    await copies(tone, drop, ['a.wav', 'b.wav'])
    await until(() => lines().filter(({ state, gone, path }) => state === 'done' && gone && path.endsWith('.wav')).length === 2)
    await looked()
    const all = await files()
    const archived = all.filter((path) => path.endsWith('.wav'))
    expect({ count: all.length, inFolders: archived.map((path) => dirname(path) !== '.'), done: done() }).toEqual({
      count: 6,
      inFolders: [true, true],
      done: 4,
    })
  })

  it('goes to the trash', async () => {
    const put: string[] = []
    const { add, drop, aside, tone, lines, files, done } = await watching({
      trash: {
        put: async (path) => {
          put.push(path)
          await rename(path, join(aside, 'trashed.wav'))
        },
      },
    })
    await add({ afterwards: 'trash' })
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => lines().some(({ state, gone }) => state === 'done' && gone))
    expect({ put, files: await files(), done: done() }).toEqual({ put: [join(drop, 'take.wav')], files: ['take.mp3'], done: 1 })
  })
})
