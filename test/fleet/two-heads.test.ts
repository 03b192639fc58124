/** Two Besides that share one queue and its machines: each has a data folder, a line for joining and storage of its own. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ended } from '../support/beside.ts'
import { cliProcess, linesOf } from '../support/cli.ts'
import { hasPostgres, testFleet, until } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const execute = promisify(execFile)
const frames = { mine: 50, theirs: 75 }

async function writeFilms(folder: string, name: string, count: number, length: number): Promise<readonly string[]> {
  const paths = Array.from({ length: count }, (_, n) => join(folder, `${name} ${n}.mp4`))
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-frames:v', String(length)]
  await execute('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', paths[0] ?? ''])
  for (const path of paths.slice(1)) await copyFile(paths[0] ?? '', path)
  return paths
}

async function framesOf(path: string): Promise<number> {
  const shown = ['-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0']
  return Number((await execute('ffprobe', ['-v', 'error', ...shown, path])).stdout.trim())
}

describe.skipIf(!hasPostgres)('two heads on one queue', () => {
  it(
    'share its machines fairly, each gets its own results, and one that dies does not stop the other',
    { timeout: 300_000 },
    async () => {
      const { beside, media, machine, queue, broker, leftOvers } = await testFleet()
      const other = join(await temporaryFolder(), 'other')
      await mkdir(other)
      const second = await cliProcess()
      const set = ['fleet', 'start', '--storage', media, other, '--queue', queue.address, '--json'] as const
      const line = String(linesOf(await second.run(...set, '--set-up-only'))[0]?.['joinLine'])
      let working = second.start(...set)
      await working.says('joinLine')
      await until(() => beside.fleet.status().heads === 2)

      // One by the line of each: neither takes away what the other has given out.
      const words = ['--storage', other]
      await Promise.all([machine('render-01', { words }), machine('render-02', { words, line })])
      await until(() => beside.fleet.status().machines.filter(({ state }) => state === 'working').length === 2)
      const places = beside.fleet.status().machines.reduce((sum, each) => sum + (each.places['video'] ?? 0), 0)
      const fair = Math.ceil((places * 1.5) / 2)
      const count = fair * 2 + 2
      const mine = await writeFilms(media, 'mine', count, frames.mine)
      // In one folder with the others, where only the names tell whose parts they are, and in one that the first has never heard of.
      const theirs = [
        await writeFilms(media, 'theirs', count / 2, frames.theirs),
        await writeFilms(other, 'theirs', count / 2, frames.theirs),
      ].flat()

      const shared = await broker()
      const tags = (await shared.heads()).map(({ tag }) => tag)
      const most = new Map(tags.map((tag) => [tag, 0]))
      const look = async () => {
        for (const tag of tags) {
          const orders = await shared.ordersOf(tag)
          const states = await shared.statesOf(orders)
          const open = states.filter(({ kind }) => kind === 'waiting' || kind === 'leased').length
          most.set(tag, Math.max(most.get(tag) ?? 0, open))
        }
      }
      const done = async (name: string, folder: string) =>
        (await readdir(folder)).filter((each) => each.startsWith(name) && each.endsWith('.webm')).length
      const theirsDone = async () => (await done('theirs', media)) + (await done('theirs', other))
      const converting = beside.convert(mine, 'webm', { with: 'fleet' })
      expect((await second.run('convert', ...theirs, '--to', 'webm', '--with', 'fleet', '--detach', '--json')).status).toBe(0)
      await until(async () => {
        await look()
        return (await done('mine', media)) > 0 && (await theirsDone()) > 0
      })
      expect({ places, most: [...most.values()] }).toEqual({ places, most: [fair, fair] })

      working.process.kill('SIGKILL')
      await working.ended
      const before = await theirsDone()
      const { jobs } = await converting
      expect({ jobs: jobs.map(ended), isStopped: before < theirs.length }).toEqual({
        jobs: mine.map(() => 'done'),
        isStopped: true,
      })

      working = second.start('queue', 'run', '--json')
      const after = await working.ended
      await until(async () => (await shared.ordersOf(tags[0] ?? '')).length + (await shared.ordersOf(tags[1] ?? '')).length === 0)
      const results = [...mine, ...theirs].map((path) => path.replace(/mp4$/, 'webm'))
      expect({
        status: after.status,
        frames: await Promise.all(results.map(framesOf)),
        left: [...(await leftOvers()), ...(await readdir(other)).filter((name) => name.endsWith('.part'))],
      }).toEqual({ status: 0, frames: [...mine.map(() => frames.mine), ...theirs.map(() => frames.theirs)], left: [] })
      await rm(other, { recursive: true })
    },
  )
})
