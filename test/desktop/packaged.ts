/**
 * `node test/desktop/packaged.ts PROGRAM`: starts a packaged Beside with a file, as the system's open-with would, waits for the result and
 * ends it. No driver: its switches let nobody look inside.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { flags, there } from './started.ts'

const program = process.argv[2]
if (program === undefined) throw new Error('Name the packaged program.')
const folder = await mkdtemp(join(tmpdir(), 'beside-packaged-'))
await cp(resolve(import.meta.dirname, '../../samples/song.flac'), join(folder, 'song.flac'))
const child = spawn(resolve(program), [...flags, join(folder, 'song.flac')], {
  env: { ...process.env, BESIDE_HOME: join(folder, 'home') },
  stdio: 'inherit',
})
const ended = once(child, 'exit')
try {
  const early = ended.then(([code, signal]) => {
    throw new Error(`it ended by itself: ${String(code ?? signal)}`)
  })
  await Promise.race([there(join(folder, 'song.mp3')), early])
  console.log('The packaged program started, opened its window and converted the file that it was given.')
} finally {
  child.kill('SIGTERM')
  await ended
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
