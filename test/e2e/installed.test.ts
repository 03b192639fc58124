import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readBack } from '../../tools/read-back.ts'
import { temporaryFolder } from '../support/folder.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** What `npm run build` made, away from the checkout, with only those packages beside it that are not built in. */
async function installed(): Promise<string> {
  await access(join(checkout, 'dist', 'beside.js')).catch(() => {
    throw new Error('There is no dist/beside.js: run `npm run build` first.')
  })
  const folder = await temporaryFolder()
  for (const name of ['bin', 'dist', 'package.json']) await cp(join(checkout, name), join(folder, name), { recursive: true })
  const { dependencies } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
    await symlink(join(checkout, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  return folder
}

interface Ran {
  readonly code: unknown
  readonly output: string
  readonly errors: string
}

async function run(program: string, args: readonly string[], cwd: string): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, BESIDE_HOME: join(cwd, '.data') } })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, output, errors }
}

describe('Beside as it is installed', () => {
  it('converts a song, photos and a video with nothing of the checkout around it', async () => {
    const program = join(await installed(), 'bin', 'beside.mjs')
    const folder = await temporaryFolder()
    for (const name of ['song.flac', 'photo.jpg', 'video.mkv']) await cp(join(checkout, 'samples', name), join(folder, name))
    await cp(join(checkout, 'test/providers/local/images/fixtures/turned.heic'), join(folder, 'phone.heic'))
    const codes = [
      await run(program, ['convert', 'song.flac', '--to', 'mp3'], folder),
      await run(program, ['convert', 'photo.jpg', '--to', 'webp', '--set', 'width=600'], folder),
      await run(program, ['convert', 'video.mkv', '--to', 'mp4'], folder),
      await run(program, ['convert', 'phone.heic', '--to', 'jpeg'], folder),
    ].map(({ code }) => code)
    const read = await Promise.all(
      ['song.mp3', 'photo.webp', 'video.mp4', 'phone.jpg'].map(async (name) => await readBack(join(folder, name))),
    )
    expect({ codes, read }).toEqual({
      codes: [0, 0, 0, 0],
      read: [
        'mp3, 11.0 s, “Evening on the Lake”, cover',
        '600 × 400, upright, camera data, colour profile',
        '640 × 360, h264 + aac, 6.0 s, “Sailing”, 2 chapters',
        '64 × 96, upright, camera data, colour profile',
      ],
    })
  })

  it('knows its version', async () => {
    const program = join(await installed(), 'bin', 'beside.mjs')
    const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string }
    expect(await run(program, ['--version'], await temporaryFolder())).toEqual({ code: 0, output: `${version}\n`, errors: '' })
  })

  it('finds all that it needs, as doctor sees it', async () => {
    const program = join(await installed(), 'bin', 'beside.mjs')
    const { code, output } = await run(program, ['doctor', '--json'], await temporaryFolder())
    expect([code, output.includes('"bad"')]).toEqual([0, false])
  })

  it('refuses a Node that is too old in one sentence', async () => {
    const folder = await installed()
    const launcher = join(folder, 'bin', 'node.mjs')
    const code = await readFile(launcher, 'utf8')
    await writeFile(launcher, code.replace('oldestNode = 24', 'oldestNode = 9999'))
    const sentence = `Beside needs Node 9999 or newer; this is Node ${process.versions.node}. Install it from https://nodejs.org/.\n`
    expect(await run(join(folder, 'bin', 'beside.mjs'), ['formats'], folder)).toEqual({ code: 1, output: '', errors: sentence })
  })
})
