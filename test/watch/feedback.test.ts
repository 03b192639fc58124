import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

const to = (...targets: readonly FormatId[]) => targets.map((target) => ({ target, preset: null, options: {} }))

describe('a result', () => {
  it('is never taken for a source, though the rule takes its kind', async () => {
    const { add, drop, tone, settled, looked, files, ledger, done } = await watching()
    await add({ outputs: to('flac', 'ogg') })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await looked()
    await settled()
    expect({
      files: await files(),
      converted: ledger().filter((text) => text.includes('own-output')).length,
      done: done(),
    }).toEqual({ files: ['take.flac', 'take.ogg', 'take.wav'], converted: 2, done: 2 })
  })

  it('is none for another folder that it lies in either', async () => {
    const { add, drop, aside, tone, settled, folder, folders, done } = await watching()
    const mirror = join(aside, 'mirror')
    await mkdir(mirror)
    await add({ out: mirror, outputs: to('flac') })
    const rule = { ...folder().rule, path: mirror, out: null, outputs: to('mp3') }
    await folders.add({ rule, on: true, existing: 'convert' })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    const [, second] = folders.list()
    await until(() => folders.list()[1]?.counts.left === 1)
    const { sightings } = folders.sightings({ folderId: second?.id ?? 0, states: [], text: '' }, null, 10)
    expect({ whys: sightings.map(({ why }) => why.code), done: done() }).toEqual({ whys: ['own-output'], done: 1 })
  })

  it('stays one when it is moved, when the history is cleared, and when a changed rule takes all files again', async () => {
    const { add, drop, tone, settled, looked, ledger, done, engine, folders, folder } = await watching()
    await add({ recursive: true, outputs: to('flac', 'ogg') })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await mkdir(join(drop, 'results'))
    await rename(join(drop, 'take.ogg'), join(drop, 'results', 'take.ogg'))
    await settled()
    await engine.history.forget('all')
    await folders.change(folder().id, { ...folder().rule, exclude: ['*.wav'] }, 'again')
    await looked()
    await settled()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['results/take.ogg: left own-output', 'take.flac: left own-output', 'take.wav: left excluded'],
      done: 0,
    })
  })

  it('that somebody writes other contents to is a file like any other', async () => {
    const { add, drop, tone, settled, line, files } = await watching()
    await add({ outputs: to('flac', 'ogg'), exclude: ['*.flac'] })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await writeFile(join(drop, 'take.ogg'), await readFile(tone))
    await until(() => line('take.ogg')?.state === 'done')
    await settled()
    expect(await files()).toEqual(['take (2).flac', 'take.flac', 'take.ogg', 'take.wav'])
  })

  it('in a tree that mirrors the source’s within itself does not make the tree grow', async () => {
    const { add, drop, tone, settled, looked, files, done } = await watching()
    await mkdir(join(drop, 'album'))
    await copies(tone, join(drop, 'album'), ['a.wav', 'b.wav'])
    await add({ recursive: true, out: join(drop, 'out'), outputs: to('flac') })
    await settled()
    await looked()
    await settled()
    expect({ files: (await files()).filter((name) => name.endsWith('.flac')), done: done() }).toEqual({
      files: ['out/album/a.flac', 'out/album/b.flac'],
      done: 2,
    })
  })

  it('is not asked for where the source is of its format already', async () => {
    const { add, drop, tone, settled, files, ledger, done } = await watching()
    await add({ outputs: to('flac', 'wav') })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    expect({ files: await files(), ledger: ledger(), done: done() }).toEqual({
      files: ['take.flac', 'take.wav'],
      ledger: ['take.flac: left own-output', 'take.wav: done converted'],
      done: 1,
    })
  })
})

describe('what other programs keep beside files', () => {
  it('is left alone, each with its reason, and so are the folders that are theirs', async () => {
    const { add, drop, tone, settled, ledger, files, done } = await watching()
    const names = {
      'song.wav.part': 'partial-name',
      'song.wav.!qB': 'partial-name',
      'Unconfirmed 12345.crdownload': 'partial-name',
      '.song.wav.aB3dE9': 'partial-name',
      '.hidden.wav': 'hidden',
      '~song.wav.tmp': 'temporary-name',
      'song.wav.bak': 'temporary-name',
      '.syncthing.song.wav.tmp': 'sync-name',
      'song.wav.!sync': 'sync-name',
      '._song.wav': 'system-name',
      'Thumbs.db': 'system-name',
      'song.wav.unpacking': 'unpack-name',
    }
    await mkdir(join(drop, '.stversions'))
    await mkdir(join(drop, '__MACOSX'))
    await mkdir(join(drop, '_UNPACK_album'))
    for (const name of ['.stversions', '__MACOSX', '_UNPACK_album']) await copyFile(tone, join(drop, name, 'song.wav'))
    await add({ recursive: true, include: ['**'] })
    await copies(tone, drop, Object.keys(names))
    await settled()
    await until(() => ledger().length === Object.keys(names).length)
    expect({ ledger: ledger(), done: done(), hasResults: (await files()).some((name) => name.endsWith('.mp3')) }).toEqual({
      ledger: Object.entries(names)
        .map(([name, why]) => `${name}: left ${why}`)
        .toSorted(),
      done: 0,
      hasResults: false,
    })
  })
})
