/** FFmpeg and ffprobe: found on PATH, else installed with the system's package manager where that asks nothing, else told how to. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const managers = [
  {
    program: 'apt-get',
    asRoot: true,
    install: ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', 'ffmpeg'],
    refresh: ['-o', 'DPkg::Lock::Timeout=120', 'update'],
    typed: 'apt-get install ffmpeg',
  },
  { program: 'brew', asRoot: false, install: ['install', 'ffmpeg'], typed: 'brew install ffmpeg' },
  {
    program: 'winget',
    asRoot: false,
    install: ['install', '--exact', '--id', 'Gyan.FFmpeg', '--accept-source-agreements', '--accept-package-agreements'],
    typed: 'winget install Gyan.FFmpeg',
  },
]

/** Managers that are only named, since what they install was never tried. */
const hints = { dnf: 'sudo dnf install ffmpeg-free', pacman: 'sudo pacman -S ffmpeg', zypper: 'sudo zypper install ffmpeg' }

/** Whether both programs are there in the end. */
export function ensureFfmpeg() {
  if (isThere()) return true
  const manager = managers.find(({ program }) => isOnPath(program))
  if (manager === undefined) return say(`FFmpeg and ffprobe are missing. ${hint()}`)
  const root = manager.asRoot ? rootPrefix() : []
  const typed = manager.asRoot && process.getuid?.() !== 0 ? `sudo ${manager.typed}` : manager.typed
  if (root === null) return say(`FFmpeg and ffprobe are missing. Type \`${typed}\`, then run this again.`)

  say(`Installing FFmpeg with ${manager.program}.`)
  const run = (args) =>
    spawnSync(root[0] ?? manager.program, root.length === 0 ? args : [...root.slice(1), manager.program, ...args], quiet)
  let result = run(manager.install)
  if (result.status !== 0 && manager.refresh !== undefined) {
    run(manager.refresh)
    result = run(manager.install)
  }
  if (isThere()) return true
  if (result.status === 0) return say('FFmpeg was installed, but is not on PATH yet. Open a new terminal, then run this again.')
  return say(
    `${result.error?.message ?? result.stderr.trim()}\nFFmpeg could not be installed. Type \`${typed}\`, then run this again.`,
  )
}

const quiet = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }

function isThere() {
  return isOnPath('ffmpeg') && isOnPath('ffprobe')
}

function isOnPath(program) {
  const file = process.platform === 'win32' ? `${program}.exe` : program
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** What to put before a command that needs root: nothing, sudo where it asks for no password, or null. */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  const free = isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
  return free ? ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'] : null
}

function hint() {
  const known = Object.keys(hints).find(isOnPath)
  const how =
    known === undefined ? 'Take them from https://ffmpeg.org/download.html and put them on PATH' : `Type \`${hints[known]}\``
  return `${how}, then run this again.`
}

/** Says it and answers that FFmpeg is not there. */
function say(text) {
  console.error(`setup: ${text}`)
  return false
}
