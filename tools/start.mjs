/**
 * `npm start`: sets up what is missing, Electron's program included, builds what is older than its sources, and opens Beside. Where the
 * desktop cannot start it says so in one sentence, and the same window opens in a browser instead.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver } from '../bin/node.mjs'
import { setup } from './checkout.mjs'
import { ensureElectron } from './electron.mjs'
import { ensure, known } from './programs.mjs'
import { ensureDesktop, ensureWindow } from './window.mjs'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const node = setup()
// Without it pictures can still be converted, and Providers says what is missing.
ensure(known.ffmpeg)
const electron = ensureElectron(node, join(checkout, 'node_modules', 'electron'))
if (electron.program !== undefined) {
  ensureDesktop(node)
  handOver(electron.program, [checkout, ...process.argv.slice(2)])
} else {
  ensureWindow(node)
  console.error(`start: ${electron.why} The window opens in a browser instead:`)
  handOver(node, [join(checkout, 'bin', 'beside.mjs'), 'serve', ...process.argv.slice(2)])
}
