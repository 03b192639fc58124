/** Which Node runs Beside, and how a command is handed over to it. Plain JavaScript that Node 18 can read. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isatty } from 'node:tty'

export const oldestNode = 24

/** Where setup puts the project's own Node; there are packages for Linux and Windows only. */
const platform = process.platform === 'win32' ? 'win' : process.platform
const program = process.platform === 'win32' ? 'node.exe' : 'node'
export const ownNode = fileURLToPath(
  new URL(`../tools/node/node_modules/node-${platform}-${process.arch}/bin/${program}`, import.meta.url),
)

/** A Node that is new enough: the running one, else the project's own, else null. */
export function goodNode() {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return process.execPath
  return existsSync(ownNode) ? ownNode : null
}

/**
 * Runs a program in this process's place: same terminal, same exit status, and this process does not end before it does.
 * A terminal gives Ctrl-C and its own closing to every process in front of it, so these are passed on only where there is none.
 */
export function handOver(file, args, env = process.env) {
  const child = spawn(file, args, { stdio: 'inherit', env })
  const fromTerminal = isatty(0) || isatty(1) || isatty(2) ? ['SIGINT', 'SIGHUP'] : []
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) {
    process.on(signal, () => {
      if (!fromTerminal.includes(signal)) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(`Could not start ${file}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
