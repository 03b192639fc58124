/**
 * `node test/desktop/packaged.ts PROGRAM`: converts with the command that a packaged Beside brings, starts the app with a file as the menu of a file
 * manager would, starts it once more, which has to hand its file over and end, and ends the first. No driver: its switches let nobody look inside.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { flags, there } from './started.ts'

const program = process.argv[2]
if (program === undefined) throw new Error('Name the packaged program.')
const folder = await mkdtemp(join(tmpdir(), 'beside-packaged-'))
const song = join(folder, 'song.flac')
await cp(resolve(import.meta.dirname, '../../samples/song.flac'), song)
const env = { ...process.env, BESIDE_HOME: join(folder, 'home') }

const resources = resolve(dirname(program), process.platform === 'darwin' ? '../Resources' : 'resources')
const words = ['convert', song, '--to', 'wav']
const command =
  process.platform === 'win32'
    ? ['cmd', '/c', join(resources, 'bin', 'beside.cmd'), ...words]
    : [join(resources, 'bin', 'beside'), ...words]
const { status } = spawnSync(command[0] ?? '', command.slice(1), { env, stdio: 'inherit' })
if (status !== 0) throw new Error(`the command ended with ${status}`)
await there(join(folder, 'song.wav'))

const start = (target: string) => spawn(resolve(program), [...flags, '--to', target, '--', song], { env, stdio: 'inherit' })
const child = start('mp3')
const ended = once(child, 'exit')
try {
  const early = ended.then(([code, signal]) => {
    throw new Error(`it ended by itself: ${String(code ?? signal)}`)
  })
  await Promise.race([there(join(folder, 'song.mp3')), early])
  const [code] = await Promise.race([once(start('opus'), 'exit'), early])
  if (code !== 0) throw new Error(`the second start ended with ${String(code)}`)
  await Promise.race([there(join(folder, 'song.opus')), early])
  console.log(
    'The packaged command converted; the packaged program started, and converted what it and a second start were given.',
  )
} finally {
  child.kill('SIGTERM')
  await ended
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
