import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { silentWav } from '../support/silence.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** `npm run --silent beside -- …`, typed in `cwd`, as the leader of a group of processes like any command of a terminal. */
function beside(args: readonly string[], cwd: string): ChildProcess {
  const { INIT_CWD: _, ...env } = process.env
  return spawn('npm', ['--prefix', checkout, 'run', '--silent', 'beside', '--', ...args], {
    cwd,
    detached: true,
    env: { ...env, BESIDE_HOME: join(cwd, '.data') },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

async function ran(args: readonly string[], cwd: string): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = beside(args, cwd)
  const [output, [code]] = await Promise.all([child.stdout === null ? '' : text(child.stdout), once(child, 'close')])
  return { code, output }
}

describe('npm run --silent beside', () => {
  it('means names as the user does, who stands elsewhere', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'in'))
    await cp(join(checkout, 'samples', 'photo.jpg'), join(folder, 'in', 'photo.jpg'))
    const { code } = await ran(['convert', '../in/photo.jpg', '--to', 'webp', '--set', 'width=64'], join(folder, 'in'))
    expect([code, (await readdir(join(folder, 'in'))).toSorted()]).toEqual([0, ['.data', 'photo.jpg', 'photo.webp']])
  })

  it('has nothing but the program’s own lines on standard output', async () => {
    const folder = await temporaryFolder()
    await cp(join(checkout, 'samples', 'photo.jpg'), join(folder, 'photo.jpg'))
    const { output } = await ran(['convert', 'photo.jpg', '--to', 'webp', '--set', 'width=64', '--json'], folder)
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string })
    expect(lines.at(-1)).toEqual({ type: 'summary', done: 1, skipped: 0, failed: 0, waiting: 0 })
  })

  it('ends with the status of the program', async () => {
    const folder = await temporaryFolder()
    expect([
      (await ran(['convert', '--to', 'nonsense', 'x'], folder)).code,
      (await ran(['convert', '--to', 'mp3', 'absent.wav'], folder)).code,
    ]).toEqual([2, 1])
  })

  it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'stops cleanly at a %s to all its processes, which reaches the program more than once',
    async (signal) => {
      const folder = await temporaryFolder()
      await silentWav(join(folder, 'long.wav'), 7200)
      const child = beside(['convert', 'long.wav', '--to', 'opus', '--json'], folder)
      const ended = once(child, 'close')
      if (child.stdout !== null) {
        for await (const line of createInterface(child.stdout)) if (line.includes('"progress":0.')) break
        child.stdout.resume()
      }
      process.kill(-(child.pid ?? 0), signal)
      const [code, killedBy] = await ended
      const queue = await ran(['queue', '--json'], folder)
      expect([code ?? killedBy, (await readdir(folder)).toSorted(), queue.output.includes('"phase":"queued"')]).toEqual([
        130,
        ['.data', 'long.wav'],
        true,
      ])
    },
  )
})
