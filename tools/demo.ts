/** `npm run demo`: converts copies of the samples with the real program, in a data folder of its own, and shows what came of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBack } from './read-back.ts'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const folder = join(checkout, 'demo-output')
const home = join(folder, '.data')

const commands: readonly (readonly string[])[] = [
  ['convert', 'song.flac', '--to', 'mp3', '--set', 'bitrate=192k', '--set', 'normalize=yes'],
  ['convert', 'photo.jpg', '--to', 'webp', '--set', 'width=1200'],
  ['convert', 'video.mkv', '--to', 'mp4'],
  ['convert', 'video.mkv', '--to', 'mp3', '--name', '{name}-sound'],
  ['convert', 'video.mkv', '--to', 'gif', '--set', 'trimEnd=3', '--set', 'maxHeight=160'],
  ['convert', 'letter.docx', '--to', 'pdf'],
  ['convert', 'letter.pdf', '--to', 'png', '--set', 'dpi=72'],
]

await rm(folder, { recursive: true, force: true })
await mkdir(home, { recursive: true })
const names = (await readdir(join(checkout, 'samples'))).filter((name) => !name.endsWith('.md')).toSorted()
for (const name of names) await cp(join(checkout, 'samples', name), join(folder, name))

console.log(`Four samples lie in ${shown(folder)}: ${names.join(', ')}.`)
for (const command of commands) {
  console.log(`\n$ beside ${command.join(' ')}`)
  const beside = spawn(process.execPath, [join(checkout, 'bin', 'beside.mjs'), ...command], {
    cwd: folder,
    env: { ...process.env, BESIDE_HOME: home },
    stdio: 'inherit',
  })
  const [code] = await once(beside, 'exit')
  if (code !== 0) process.exit(Number(code ?? 1))
}

for (const name of names) {
  const [sample, copy] = await Promise.all([readFile(join(checkout, 'samples', name)), readFile(join(folder, name))])
  if (!sample.equals(copy)) throw new Error(`${name} is not what it was`)
}
console.log(`\nThe originals are what they were, byte by byte. Beside them, read back by FFprobe, sharp and pdf-lib:\n`)
const results = (await readdir(folder)).filter((name) => !name.startsWith('.') && !names.includes(name)).toSorted()
for (const name of results) {
  const path = join(folder, name)
  const { size } = await stat(path)
  console.log(`  ${name.padEnd(16)} ${kilobytes(size).padStart(7)}  ${await readBack(path)}`)
}
console.log(`\nThey are in ${folder}`)
console.log(`Try it with a file of yours:  npm run --silent beside -- convert FILE --to FORMAT`)

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`
}

/** From where the user stands. */
function shown(path: string): string {
  return relative(process.env['INIT_CWD'] ?? process.cwd(), path) || '.'
}
