/**
 * A batch on a fleet in which everything dies: machines are killed, frozen and cut off, the Beside that has the queue is killed, the database is
 * killed. What, and when, is drawn by lot.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { cableTo } from '../support/cable.ts'
import { cliProcess, linesOf, type Started } from '../support/cli.ts'
import { dice } from '../support/dice.ts'
import { hasPostgres, killPostgres, testQueue, until } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'

/** Thousands for a night: BESIDE_TEST_FILES=5000 BESIDE_TEST_KILLS=300. */
const files = Number(process.env['BESIDE_TEST_FILES'] ?? 200)
const kills = Number(process.env['BESIDE_TEST_KILLS'] ?? 14)
const seconds = 3

const execute = promisify(execFile)

describe.skipIf(!hasPostgres)('a batch of hundreds of files on a fleet in which everything dies', () => {
  it('ends with every result whole, none twice, and no part left', { timeout: 900_000 * Math.max(1, files / 200) }, async () => {
    const { seed, next } = dice()
    const [folder, queue] = [await temporaryFolder(), await testQueue()]
    const media = join(folder, 'media')
    await mkdir(media)
    const names = Array.from({ length: files }, (_, n) => `film ${n}`)
    const film = join(folder, 'film.mp4')
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=25:duration=${seconds}`]
    await execute('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', film])
    for (const name of names) await copyFile(film, join(media, `${name}.mp4`))

    const head = await cliProcess()
    const set = await head.run('fleet', 'start', '--storage', media, '--queue', queue.address, '--set-up-only', '--json')
    const joinLine = String(linesOf(set).find(({ type }) => type === 'joined')?.['joinLine'])
    const cable = await cableTo(Number(new URL(queue.address).port))
    const overCable = joinLine.replace(/:\d+\//, `:${cable.port}/`)

    const machines = ['one', 'two', 'three'].map((name, n) => ({ name, line: n === 0 ? overCable : joinLine }))
    const running = new Map<string, Started>()
    const startMachine = async (name: string, line: string) => {
      const { start } = await cliProcess()
      running.set(name, start('worker', '--join', line, '--storage', media, '--name', name))
    }
    for (const { name, line } of machines) await startMachine(name, line)
    let besideNow = head.start('convert', media, '--to', 'webm', '--set', 'speed=fast', '--with', 'fleet', '--json')
    const doneSoFar = async () => (await readdir(media)).filter((name) => name.endsWith('.webm')).length
    await until(async () => (await doneSoFar()) > 5)

    const done: Record<string, number> = {}
    for (let n = 0; n < kills; n += 1) {
      const lot = next()
      const before = await doneSoFar()
      const machine = machines[Math.floor(next() * machines.length)] ?? { name: 'one', line: overCable }
      const child = running.get(machine.name)?.process
      const what =
        lot < 0.45 ? 'killed' : lot < 0.6 ? 'frozen' : lot < 0.75 ? 'cut off' : lot < 0.9 ? 'head killed' : 'database killed'
      done[what] = (done[what] ?? 0) + 1
      switch (what) {
        case 'killed':
          child?.kill('SIGKILL')
          await running.get(machine.name)?.ended
          await startMachine(`${machine.name} ${n}`, machine.line)
          running.set(machine.name, running.get(`${machine.name} ${n}`) as Started)
          break
        case 'frozen':
          child?.kill('SIGSTOP')
          await new Promise((resolve) => setTimeout(resolve, 14_000))
          child?.kill('SIGCONT')
          break
        case 'cut off':
          cable.pull()
          await new Promise((resolve) => setTimeout(resolve, 14_000))
          cable.plug()
          break
        case 'head killed':
          besideNow.process.kill('SIGKILL')
          await besideNow.ended
          besideNow = head.start('queue', 'run', '--json')
          break
        case 'database killed':
          await killPostgres(queue)
          await queue.start()
          break
      }
      const isOver = before >= files
      if (isOver) break
      await until(async () => (await doneSoFar()) > before || besideNow.process.exitCode !== null)
    }
    await besideNow.ended
    const last = await head.run('queue', 'run', '--json')
    for (const { process } of running.values()) process.kill('SIGTERM')
    await Promise.all([...running.values()].map(async ({ ended }) => await ended))

    // What a machine has left that was killed over its proof is removed after a while.
    const found = (await readdir(media)).filter((name) => !/^\.beside-(folder|canary-.*|probe-.*)$/.test(name))
    expect({ seed, done, status: last.status, found: found.toSorted() }).toEqual({
      seed,
      done,
      status: 0,
      found: names.flatMap((name) => [`${name}.mp4`, `${name}.webm`]).toSorted(),
    })
    const isWhole = async (name: string): Promise<boolean> => {
      const path = join(media, `${name}.webm`)
      const shown = ['-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0']
      const { stdout } = await execute('ffprobe', ['-v', 'error', ...shown, path])
      return Number(stdout.trim()) === seconds * 25 && (await stat(path)).nlink === 1
    }
    const broken: string[] = []
    for (const name of names) if (!(await isWhole(name))) broken.push(name)
    expect(broken).toEqual([])
  })
})
