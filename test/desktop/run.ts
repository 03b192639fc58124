/**
 * `npm run e2e:desktop`: the real Electron, driven by Playwright: starts, converts a file that it is given, hands over a second start, and
 * ends. It needs Electron's own program and a display; without them it says so and fails, since nothing was shown.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron } from 'playwright-core'
import { ensureDesktop } from '../../tools/window.mjs'
import { flags, there } from './started.ts'

const checkout = resolve(import.meta.dirname, '../..')
const executablePath = await electronProgram()

if (executablePath === null) {
  console.error('There is no Electron program here, so the desktop was not started and nothing about it was shown.')
  process.exit(1)
}

const folder = await mkdtemp(join(tmpdir(), 'beside-desktop-'))
const env = { ...(process.env as Record<string, string>), BESIDE_HOME: join(folder, 'home') }
ensureDesktop(process.execPath)
await cp(join(checkout, 'samples', 'song.flac'), join(folder, 'song.flac'))
const args = [...flags, checkout]
const app = await _electron.launch({ executablePath, args, env, timeout: 60_000 })
try {
  const page = await app.firstWindow()
  await page.getByRole('navigation').waitFor()
  assert.equal(page.url().split('#')[0], 'app://beside/')
  assert.deepEqual(
    await page.evaluate(() => [
      typeof (globalThis as { require?: unknown }).require,
      typeof (globalThis as { process?: unknown }).process,
    ]),
    ['undefined', 'undefined'],
  )

  spawnSync(executablePath, [...args, join(folder, 'song.flac')], { env, timeout: 60_000 })
  await there(join(folder, 'song.mp3'))
  await page.getByText('song.flac').first().waitFor()

  const paths = await app.evaluate(({ app: electron }) => electron.getPath('userData'))
  assert.equal(paths, join(folder, 'home', 'desktop'))
  await page.screenshot({ path: join(folder, 'window.png') })
  console.log('The desktop started in Electron, took the file of a second start and converted it.')
} finally {
  await app.close()
  await rm(folder, { recursive: true, force: true })
}

async function electronProgram(): Promise<string | null> {
  const home = join(checkout, 'node_modules', 'electron')
  const name = await readFile(join(home, 'path.txt'), 'utf8').catch(() => null)
  if (name === null) return null
  const path = join(home, 'dist', name.trim())
  return await stat(path).then(
    () => path,
    () => null,
  )
}
