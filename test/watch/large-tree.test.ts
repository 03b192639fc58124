import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/main/store/store.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { until, watching, type Watching } from '../support/watching.ts'

leavesNothingOpen()

/** More folders than are scanned without a thread. */
const folders = 24
const filesOfEach = 30

async function fill(drop: string): Promise<void> {
  for (let n = 0; n < folders; n += 1) {
    await mkdir(join(drop, `d${n}`))
    for (let m = 0; m < filesOfEach; m += 1) await writeFile(join(drop, `d${n}`, `${m}.wav`), `sound ${n} ${m}`)
  }
}

interface Counted {
  readonly over: (store: Store) => Store
  readonly calls: { written: number; read: number }
}

/** A store that counts how often the ledger's lines are written, and those of a folder read. */
function counted(): Counted {
  const calls = { written: 0, read: 0 }
  const over = (store: Store): Store => ({
    ...store,
    sightings: {
      ...store.sightings,
      inDir: (...given) => {
        calls.read += 1
        return store.sightings.inDir(...given)
      },
      write: (...given) => {
        calls.written += 1
        return store.sightings.write(...given)
      },
    },
  })
  return { over, calls }
}

async function isLookedThrough({ folder }: Watching): Promise<void> {
  await until(() => folder().lookedAtMs !== null)
}

describe('a large tree', () => {
  it('is taken down in a few transactions; a second look reads no lines and writes none', async () => {
    const first = counted()
    const scene = await watching({ over: first.over })
    await fill(scene.drop)
    await scene.add({ recursive: true }, 'ignore')
    const { left } = scene.folder().counts
    const second = counted()
    const later = await scene.restarted({ over: second.over })
    await isLookedThrough(later)
    await later.looked()
    const { read, written } = second.calls
    // The folder itself is read before it is known how large the tree is.
    expect({ left, isFew: first.calls.written <= 3, read: read <= 3, written }).toEqual({
      left: folders * filesOfEach,
      isFew: true,
      read: true,
      written: 0,
    })
  })

  it('shows what has become of it while nobody watched: changed, moved, come and gone, each once', async () => {
    const scene = await watching()
    const { drop, aside, tone } = scene
    await fill(drop)
    await scene.add({ recursive: true }, 'ignore')
    await scene.stop()
    await writeTone(join(aside, 'longer.wav'), 0.4)
    await copyFile(join(aside, 'longer.wav'), join(drop, 'd3', '7.wav'))
    await copyFile(tone, join(drop, 'd4', 'new.wav'))
    await rename(join(drop, 'd5', '1.wav'), join(drop, 'd6', 'moved.wav'))
    await rename(join(drop, 'd7'), join(drop, 'renamed'))
    await rm(join(drop, 'd8'), { recursive: true })
    const later = await scene.restarted()
    await isLookedThrough(later)
    await later.settled()
    const there = later.ledger()
    expect({
      converted: there.filter((text) => text.includes('converted')),
      moved: there.filter((text) => text.startsWith('d6/moved') || text.startsWith('d5/1.')),
      ofRenamed: there.filter((text) => text.startsWith('renamed/') && text.endsWith('left was-there')).length,
      ofOld: there.filter((text) => text.startsWith('d7/') || text.startsWith('d8/')).length,
      gone: later.lines().filter(({ gone }) => gone).length,
      done: later.done(),
    }).toEqual({
      converted: ['d3/7.wav: done converted', 'd4/new.wav: done converted'],
      moved: ['d6/moved.wav: left was-there'],
      ofRenamed: filesOfEach,
      ofOld: 0,
      gone: filesOfEach,
      done: 2,
    })
  })

  it('that is to be converted has each of its files converted once', async () => {
    const { drop, tone, add, settled, done, folder } = await watching()
    for (let n = 0; n < folders; n += 1) {
      await mkdir(join(drop, `d${n}`))
      await copyFile(tone, join(drop, `d${n}`, 'take.wav'))
    }
    await add({ recursive: true }, 'convert')
    await settled()
    expect({ done: done(), left: folder().counts.left }).toEqual({ done: folders, left: folders })
  })

  it('of one folder with many files is known again, and a rule that takes other files has them looked at anew', async () => {
    const { drop, tone, add, folders: verbs, folder, settled, looked, done } = await watching()
    for (let m = 0; m < 600; m += 1) await writeFile(join(drop, `${m}.txt`), String(m))
    await copyFile(tone, join(drop, 'take.wav'))
    await add({ include: ['*.flac'] }, 'convert')
    await looked()
    const before = folder().counts
    await verbs.change(folder().id, { ...folder().rule, include: ['*.wav'] }, 'again')
    await until(() => folder().lookedAtMs !== null)
    await settled()
    expect({ before: before.left, done: done() }).toEqual({ before: 601, done: 1 })
  })
})
