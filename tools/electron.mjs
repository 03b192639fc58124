/** Electron's own program. Its npm package would fetch it by an install script, and those do not run here. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alone } from './alone.mjs'

/**
 * Finds the program of the `electron` package in `folder`, and fetches it where it is missing and there is a display for a window.
 * Mirror, proxy and cache are those that Electron's own variables name. The answer is `{ program }`, or `{ why }` there is none, in one line.
 * For root Chromium starts only without its sandbox, which is what keeps a page from the rest of the machine: then nothing is fetched.
 */
export function ensureElectron(node, folder, user = process.getuid?.()) {
  if (!hasDisplay()) return { why: 'There is no display here.' }
  if (process.platform === 'linux' && user === 0)
    return { why: 'Electron’s sandbox does not work for root, and Beside does not run without it.' }
  try {
    return {
      program: programIn(folder) ?? alone(join(folder, '.fetching'), () => programIn(folder) ?? fetchProgram(node, folder)),
    }
  } catch (error) {
    return { why: `Electron’s program could not be fetched: ${error.message}.` }
  }
}

function hasDisplay() {
  return process.platform !== 'linux' || [process.env.DISPLAY, process.env.WAYLAND_DISPLAY].some((name) => (name ?? '') !== '')
}

/** The package says in a file of its own, written last, where its program is. */
function programIn(folder) {
  const said = join(folder, 'path.txt')
  if (!existsSync(said)) return null
  const program = join(folder, 'dist', readFileSync(said, 'utf8').trim())
  return existsSync(program) ? program : null
}

function fetchProgram(node, folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  console.error(`start: Fetching the program of Electron ${version} for the window (about 120 MB, once).`)
  const { status, signal, stderr, error } = spawnSync(node, [join(folder, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (error !== undefined) throw error
  const program = programIn(folder)
  if (status === 0 && program !== null) return program
  throw new Error(signal === null ? reasonIn(stderr) : `its installer was ended by ${signal}`)
}

/** All that Node says of a lost network; what was behind it is not in the stack that the installer prints. */
const plain = { 'fetch failed': 'the server cannot be reached', terminated: 'the transfer broke off' }

/** The message of the error that the installer ended with, without its stack and its full stop. */
function reasonIn(stderr) {
  const lines = stderr.split('\n').map((line) => line.trim())
  const message = lines.map((line) => /^\w*Error: (.+)/.exec(line)?.[1]).find((found) => found !== undefined)
  const said = message ?? lines.find((line) => line !== '') ?? 'its installer did not say why'
  return (plain[said] ?? said).replace(/\.$/, '')
}
