import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { watchEvents, type ChangedPath, type FsEvents } from '../../src/main/watch/fs-events.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { until, watching } from '../support/watching.ts'

leavesNothingOpen()

interface Scene {
  readonly root: string
  readonly events: FsEvents
  /** Waits until something was told of this place: the name of a file, or a folder with what is below. */
  told(dir: string, name: string | null): Promise<void>
  readonly changes: readonly ChangedPath[]
}

async function watched(folders: readonly string[]): Promise<Scene> {
  const root = await temporaryFolder()
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  const changes: ChangedPath[] = []
  const events = watchEvents({ root, onChange: (changed) => changes.push(changed), onEnd: () => undefined })
  onTestFinished(() => events.close())
  for (const dir of ['', ...folders]) events.cover(dir)
  const told = async (dir: string, name: string | null) =>
    await until(() => changes.some((changed) => changed.dir === dir && changed.name === name))
  return { root, events, told, changes }
}

describe('a folder of a watched tree', () => {
  it('that comes under another name is left with all that is below it, and told of under the new one once that is watched', async () => {
    const { root, events, told, changes } = await watched(['album', 'album/disc', 'other'])
    await rename(join(root, 'album'), join(root, 'renamed'))
    await told('album', null)
    await told('', 'renamed')
    const covered = ['album', 'album/disc', 'other', 'renamed'].filter((dir) => events.covers(dir))
    events.cover('renamed')
    await writeFile(join(root, 'renamed', 'take.wav'), 'sound')
    await told('renamed', 'take.wav')
    expect({ covered, underTheOldName: changes.some(({ name, dir }) => name === 'take.wav' && dir === 'album') }).toEqual({
      covered: ['other'],
      underTheOldName: false,
    })
  })

  it('that goes and comes again under its own name has what is in it converted', async () => {
    const { add, drop, tone, settled, done } = await watching()
    await add({ recursive: true })
    for (const name of ['first.wav', 'second.wav']) {
      await rm(join(drop, 'album'), { recursive: true, force: true })
      await mkdir(join(drop, 'album'))
      await copyFile(tone, join(drop, 'album', name))
      await settled()
      // By now the new folder is watched, and there is no scan that would find it.
      await copyFile(tone, join(drop, 'album', `later ${name}`))
      await settled()
    }
    expect(done()).toBe(4)
  })

  it('that is the watched one itself is told of with all that is in it where it goes', async () => {
    const { root, events, told } = await watched(['album'])
    await rename(root, `${root} elsewhere`)
    onTestFinished(async () => await rm(`${root} elsewhere`, { recursive: true }))
    await told('', null)
    expect(['', 'album'].filter((dir) => events.covers(dir))).toEqual([])
  })

  it('that cannot be watched is no trouble: what is in it is seen by the full scans', async () => {
    const { events, changes } = await watched([])
    events.cover('nowhere')
    expect({ covers: events.covers('nowhere'), changes }).toEqual({ covers: false, changes: [] })
  })
})
