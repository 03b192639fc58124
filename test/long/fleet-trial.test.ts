/** A fleet for trying it out, by the commands of the README: a head that brings its own PostgreSQL, and a machine beside it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { trialFolder } from '../../src/main/fleet/trial-postgres.ts'
import { cliProcess, linesOf } from '../support/cli.ts'
import { hasPostgres, until } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { processes } from '../support/processes.ts'

const execute = promisify(execFile)
const files = 12

describe.skipIf(!hasPostgres)('a fleet for trying it out', () => {
  it('converts a folder, although the head is killed with its database running on', { timeout: 240_000 }, async () => {
    const media = join(await temporaryFolder(), 'media')
    await mkdir(media)
    const film = join(await temporaryFolder(), 'film.mp4')
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=3']
    await execute('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', film])
    for (let n = 0; n < files; n += 1) await copyFile(film, join(media, `film ${n}.mp4`))

    const { home, start, run } = await cliProcess()
    const first = start('fleet', 'start', '--storage', media, '--trial', '--json')
    await first.says('joinLine')
    // Root's is not in its data folder.
    const tag = (await readdir(media)).find((name) => name.startsWith('.beside-canary-'))?.slice('.beside-canary-'.length) ?? ''
    onTestFinished(async () => await rm(trialFolder(home, tag), { recursive: true, force: true }))
    const told = await run('fleet', 'start', '--set-up-only', '--json')
    const line = String(linesOf(told)[0]?.['joinLine'])
    const machine = (await cliProcess()).start('worker', '--join', line, '--storage', media, '--name', 'render-01')
    await machine.says('Takes work.')
    const converting = start('convert', media, '--to', 'webm', '--with', 'fleet', '--json')
    const done = async () => (await readdir(media)).filter((name) => name.endsWith('.webm')).length
    await until(async () => (await done()) > 2)

    // Whoever waits for the files holds the queue from then on, and starts the database anew.
    first.process.kill('SIGKILL')
    expect((await converting.ended).status).toBe(0)
    expect((await readdir(media)).filter((name) => !/^\.beside-(folder|canary-.*)$/.test(name)).length).toBe(files * 2)

    const status = await run('fleet', '--json')
    const [fleet] = linesOf(status)
    expect(fleet).toMatchObject({
      type: 'fleet',
      state: { kind: 'connected' },
      machines: [{ name: 'render-01', state: 'working' }],
    })
    machine.process.kill('SIGTERM')
    expect((await machine.ended).status).toBe(0)
    // No database is left when nobody has the queue.
    expect(processes().filter(({ line: words }) => words.includes('postgres') && words.includes(new URL(line).port))).toEqual([])

    expect((await run('fleet', 'leave')).status).toBe(0)
    expect(existsSync(trialFolder(home, tag))).toBe(false)
  })
})
