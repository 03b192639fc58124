/**
 * `npm start`: sets up what is missing, builds what is older than its sources, and opens Beside. Where the desktop cannot start it says so in
 * one sentence, and the same window opens in a browser instead.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver } from '../bin/node.mjs'
import { setup } from './checkout.mjs'
import { ensure, known } from './programs.mjs'
import { ensureDesktop, ensureWindow } from './window.mjs'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const node = setup()
// Without it pictures can still be converted, and Providers says what is missing.
ensure(known.ffmpeg)
const why = whyNoDesktop()
if (why === null) {
  ensureDesktop(node)
  handOver(electron(), [checkout, ...process.argv.slice(2)])
} else {
  ensureWindow(node)
  console.error(`start: ${why} The same window opens in a browser:`)
  handOver(node, [join(checkout, 'bin', 'beside.mjs'), 'serve', ...process.argv.slice(2)])
}

/** Why the window cannot be one of the desktop's own; null where it can. */
function whyNoDesktop() {
  if (electron() === null) return 'The Electron program is not installed here, so there is no window of its own.'
  const hasDisplay =
    process.platform !== 'linux' || [process.env.DISPLAY, process.env.WAYLAND_DISPLAY].some((name) => (name ?? '') !== '')
  return hasDisplay ? null : 'There is no display here, so there is no window of its own.'
}

/** Electron's npm package says in a file of its own where its program is; without the program there is no such file. */
function electron() {
  const folder = join(checkout, 'node_modules', 'electron')
  const said = join(folder, 'path.txt')
  if (!existsSync(said)) return null
  const program = join(folder, 'dist', readFileSync(said, 'utf8').trim())
  return existsSync(program) ? program : null
}
