import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

/** Only some users may mount. */
const mayMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('unshare', ['-m', 'mount', '--bind', tmpdir(), tmpdir()], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('a watched folder that goes away', () => {
  it('is offline until it comes back; nothing is forgotten, and what came meanwhile is converted', async () => {
    const { add, drop, aside, tone, folder, lines, settled, ledger, done } = await watching()
    await add({ recursive: true })
    await mkdir(join(drop, 'album'))
    await copyFile(tone, join(drop, 'album', 'old.wav'))
    await settled()
    await rename(drop, join(aside, 'unplugged'))
    await until(() => folder().health.state === 'offline')
    const away = [folder().health.why?.code, lines().some(({ gone }) => gone), folder().lookedAtMs === null]
    await copyFile(tone, join(aside, 'unplugged', 'new.wav'))
    await rename(join(aside, 'unplugged'), drop)
    await until(() => folder().health.state === 'watching')
    await settled()
    expect({ away, ledger: ledger(), done: done() }).toEqual({
      away: ['folder-missing', false, false],
      ledger: [
        'album/old.mp3: left own-output',
        'album/old.wav: done converted',
        'new.mp3: left own-output',
        'new.wav: done converted',
      ],
      done: 2,
    })
  })

  it('hears of new files again after it came back', async () => {
    const { add, drop, aside, tone, folder, settled, done } = await watching()
    await add()
    for (const name of ['one.wav', 'two.wav']) {
      await rename(drop, join(aside, 'unplugged'))
      await until(() => folder().health.state === 'offline')
      await rename(join(aside, 'unplugged'), drop)
      await until(() => folder().health.state === 'watching' && folder().nextLookAtMs !== null)
      await copyFile(tone, join(drop, name))
      await settled()
    }
    expect(done()).toBe(2)
  })

  it('with files in the queue has them converted once it is back', async () => {
    const { add, drop, aside, tone, folder, lines, settled, files, engine } = await watching()
    await add()
    engine.pauseAll()
    await copies(tone, drop, ['a.wav', 'b.wav'])
    await until(() => folder().counts.queued === 2)
    await rename(drop, join(aside, 'unplugged'))
    await until(() => folder().health.state === 'offline')
    engine.resumeAll()
    await until(() => engine.totals().totals.queued + engine.totals().totals.running === 0)
    const away = lines().filter(({ gone, state }) => gone || state === 'quarantined').length
    await rename(join(aside, 'unplugged'), drop)
    await until(() => folder().health.state === 'watching')
    await settled()
    expect({ away, files: await files(), done: engine.totals().totals.done }).toEqual({
      away: 0,
      files: ['a.mp3', 'a.wav', 'b.mp3', 'b.wav'],
      done: 2,
    })
  })

  it('before the watching begins is offline at once, and watched once it is there', async () => {
    const scene = await watching()
    await scene.add()
    await copyFile(scene.tone, join(scene.drop, 'take.wav'))
    await scene.settled()
    await scene.stop()
    await rename(scene.drop, join(scene.aside, 'unplugged'))
    const later = await scene.restarted()
    await until(() => later.folder().health.state === 'offline')
    await rename(join(scene.aside, 'unplugged'), scene.drop)
    await until(() => later.folder().health.state === 'watching')
    await later.settled()
    expect({ done: later.done(), anyGone: later.lines().some(({ gone }) => gone) }).toEqual({ done: 1, anyGone: false })
  })

  it.runIf(mayMount)('as a mount does, leaves an empty one behind that is not believed', async () => {
    const { add, drop, aside, tone, folder, lines, settled, done } = await watching()
    const disk = join(aside, 'disk')
    await mkdir(disk)
    const mount = () => execFileSync('mount', ['--bind', disk, drop])
    const unmount = () => execFileSync('umount', ['-l', drop])
    mount()
    let isMounted = true
    onTestFinished(() => {
      if (isMounted) unmount()
    })
    await add()
    await copyFile(tone, join(drop, 'old.wav'))
    await settled()
    unmount()
    isMounted = false
    await until(() => folder().health.state === 'offline')
    const away = [folder().health.why?.code, lines().some(({ gone }) => gone)]
    mount()
    isMounted = true
    await until(() => folder().health.state === 'watching' && folder().nextLookAtMs !== null)
    await copyFile(tone, join(drop, 'new.wav'))
    await settled()
    expect({ away, done: done() }).toEqual({ away: ['folder-other', false], done: 2 })
  })
})

describe('another folder in the place of the watched one', () => {
  it('is not taken for it, until somebody says that it is', async () => {
    const { add, drop, aside, tone, clock, folder, folders, lines, settled, ledger, done } = await watching()
    await add()
    await copies(tone, drop, ['a.wav', 'b.wav'])
    await settled()
    await clock.still(async () => {
      await rename(drop, join(aside, 'old'))
      await mkdir(drop)
      await copyFile(tone, join(drop, 'c.wav'))
    })
    await until(() => folder().health.state === 'offline')
    const before = [folder().health.why?.code, lines().some(({ gone }) => gone), done()]
    await folders.accept(folder().id)
    await until(() => folder().health.state === 'watching')
    await settled()
    expect({ before, ledger: ledger(), done: done(), lineCount: lines().length }).toEqual({
      before: ['folder-other', false, 2],
      ledger: ['c.mp3: left own-output', 'c.wav: done converted'],
      done: 3,
      lineCount: 6,
    })
  })

  it('is told by the mark, which is not a file of the user’s and goes with the rule', async () => {
    const { add, drop, aside, folder, folders, lines, settled } = await watching()
    await add()
    const mark = await readFile(join(drop, '.beside-folder'), 'utf8')
    await rename(join(drop, '.beside-folder'), join(aside, 'mark'))
    await until(() => folder().health.why?.code === 'folder-other')
    await rename(join(aside, 'mark'), join(drop, '.beside-folder'))
    await until(() => folder().health.state === 'watching')
    await settled()
    const seen = lines().length
    await folders.remove(folder().id)
    const isThere = await readFile(join(drop, '.beside-folder')).then(
      () => true,
      () => false,
    )
    expect({ saysWhoseItIs: mark.includes('Beside'), lines: seen, isThereAfterwards: isThere }).toEqual({
      saysWhoseItIs: true,
      lines: 0,
      isThereAfterwards: false,
    })
  })

  it('is told by being empty beyond belief where no mark can be written', async () => {
    const { add, drop, tone, clock, folder, folders, lines, looked, settled } = await watching()
    await writeFile(join(drop, '.beside-folder'), 'of another program')
    await add()
    await copies(tone, drop, ['a.wav', 'b.wav'])
    await settled()
    // Events of the results may still be to come, and would have one name looked at before all are gone.
    await looked()
    await clock.still(async () => {
      for (const name of ['a.wav', 'b.wav', 'a.mp3', 'b.mp3']) await rm(join(drop, name))
    })
    await until(() => folder().health.state === 'offline')
    const before = [folder().health.why?.code, lines().some(({ gone }) => gone)]
    await folders.accept(folder().id)
    await until(() => folder().health.state === 'watching')
    await settled()
    expect({ before, allGone: lines().every(({ gone }) => gone) }).toEqual({ before: ['folder-empty', false], allGone: true })
  })
})
