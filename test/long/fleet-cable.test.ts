/** A machine whose network cable is pulled for longer than its lease, by the means of the system: a network of its own. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ended } from '../support/beside.ts'
import { cableTo } from '../support/cable.ts'
import { hasPostgres, testFleet, until } from '../support/fleet.ts'
import { namespaceWithCable, namespacesCanBeMade } from '../support/namespace.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const execute = promisify(execFile)

describe.skipIf(!hasPostgres || !namespacesCanBeMade)(
  'a machine whose cable is pulled (needs root and network namespaces of Linux)',
  () => {
    it(
      'loses its order to another one, and what it makes afterwards is discarded: one result',
      { timeout: 300_000 },
      async () => {
        const { beside, media, machine, queue, joinLine, leftOvers } = await testFleet()
        const network = namespaceWithCable()
        const { port } = await cableTo(Number(new URL(queue.address).port), network.host)
        const line = joinLine.replace(/@[^/]+\//, `@${network.host}:${port}/`)
        const cut = await machine('cut', { line, through: network.through })
        const source = join(media, 'film.mp4')
        const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=20']
        await execute('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', source])
        const converting = beside.convert([source], 'webm', { with: 'fleet' })
        await until(async () => (await leftOvers()).length > 0)

        network.pull()
        await machine('other')
        const { jobs } = await converting
        network.plug()
        await cut.started.says('taken away: film.mp4')
        const found = (await readdir(media)).filter((name) => !/^\.beside-(folder|canary-.*)$/.test(name))
        expect({ jobs: jobs.map(ended), attempts: jobs.map(({ attempt }) => attempt), found: found.toSorted() }).toEqual({
          jobs: ['done'],
          attempts: [1],
          found: ['film.mp4', 'film.webm'],
        })
        await until(() => beside.fleet.status().machines.find(({ name }) => name === 'cut')?.state === 'working')
      },
    )
  },
)
