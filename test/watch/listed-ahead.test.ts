import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { listerFor, type Lister } from '../../src/main/watch/lister.ts'
import { createScanner, type Scanner } from '../../src/main/watch/scanner.ts'
import { contextOf, type LedgerPorts } from '../../src/main/watch/watch-context.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { defaultSettings } from '../../src/shared/settings.ts'
import { fakeClock } from '../support/clock.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { temporaryStore } from '../support/stored.ts'

leavesNothingOpen()

const folders = 24

it.runIf(process.platform === 'linux')(
  'what an event tells of a folder while it is listed ahead is not taken back by that listing',
  async () => {
    const root = await temporaryFolder()
    for (let n = 0; n < folders; n += 1) {
      await mkdir(join(root, `d${n}`))
      await writeFile(join(root, `d${n}`, 'take.wav'), 'short')
    }
    const { sightings, folders: stored } = await temporaryStore()
    const clock = fakeClock()
    const rule = { ...plainRule(root, [{ target: 'mp3' as const, preset: null, options: {} }]), recursive: true }
    const folder = stored.add({ rule, on: true, existing: 'ignore' }, clock.nowMs())
    const ports: LedgerPorts = {
      sightings,
      tag: 'abcdef',
      clock,
      log: testLog,
      makerOf: () => null,
      hasMadeIn: () => false,
      jobOf: () => null,
      presets: () => [],
      settings: () => defaultSettings,
      canMake: () => true,
    }
    const real = await listerFor(root, 'linux')
    if (real === null) throw new Error('this disk is not one of this machine')
    onTestFinished(async () => await real.stop())
    let scanner: Scanner | null = null
    const lister: Lister = {
      ...real,
      list: async (asked, signal) => {
        const listed = await real.list(asked, signal)
        // After it was listed, and before it is compared.
        for (const { path } of asked) {
          if (!path.endsWith('/d7')) continue
          await writeFile(join(path, 'take.wav'), 'longer than before')
          await writeFile(join(path, 'new.wav'), 'new')
          scanner?.add({ dir: 'd7', name: 'take.wav' })
        }
        return listed
      },
    }
    scanner = createScanner({
      ledger: ports,
      scanContext: () => ({ context: contextOf(folder, ports), isBlank: true }),
      lister: () => lister,
      concurrency: () => 8,
      isBelievable: async () => true,
      cover: () => undefined,
      covers: () => false,
      onFolderFound: () => undefined,
      onReconciled: async () => undefined,
      onGone: async () => undefined,
      signal: new AbortController().signal,
    })
    scanner.begin()
    while ((await scanner.step()) === 'more');
    const linesOf = (dir: string) => sightings.inDir(folder.id, dir).map(({ name, bytes }) => `${name} ${bytes}`)
    expect({ changed: linesOf('d7').toSorted(), other: linesOf('d8'), dirs: sightings.dirs(folder.id).length }).toEqual({
      changed: ['new.wav 3', 'take.wav 18'],
      other: ['take.wav 5'],
      dirs: folders,
    })
  },
)
