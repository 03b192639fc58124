import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { timestampText } from '../../src/main/cli/labels.ts'
import { composeWorker } from '../../src/main/compose-worker.ts'
import type { WorkerNews } from '../../src/main/worker/worker.ts'
import { ended } from '../support/beside.ts'
import { cliProcess } from '../support/cli.ts'
import { hasPostgres, testFleet, until } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const here = { timeout: 120_000 }
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
/** So that it is another day whenever the test runs, and however long. */
const inThreeDays = new Date(new Date().getFullYear(), new Date().getMonth(), new Date().getDate() + 3)

describe.skipIf(!hasPostgres)('beside worker', () => {
  it('outside its --hours says until when it rests and takes nothing, and within others takes what waits', here, async () => {
    const { beside, media, joinLine, machine } = await testFleet()
    const { start } = await cliProcess()
    const words = ['worker', '--join', joinLine, '--storage', media, '--name', 'night']
    const night = start(...words, '--hours', `${days[inThreeDays.getDay()]} 0:00-1:00`)
    await night.says(`Rests until ${timestampText(inThreeDays.getTime())}.`)
    await until(() => beside.fleet.status().machines[0]?.state === 'resting')
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    const converting = beside.convert([source], 'mp3', { with: 'fleet' })
    await until(() => beside.fleet.status().unmet.length > 0)
    expect(beside.fleet.status().machines).toMatchObject([{ name: 'night', state: 'resting', doing: [] }])
    await machine('day', { words: ['--hours', '0:00-12:00', '--hours', '12:00-24:00'] })
    expect((await converting).jobs.map(ended)).toEqual(['done'])
    const done = () => beside.fleet.status().machines.map(({ name, doneLately }) => [name, doneLately])
    await until(() => done().some(([, files]) => files === 1))
    expect(done()).toEqual([
      ['day', 1],
      ['night', 0],
    ])
    night.process.kill('SIGTERM')
    expect((await night.ended).out).not.toContain('Takes work.')
  })

  it('rests on battery with --on-mains, and takes what waits once it is plugged in', here, async () => {
    const { beside, media, joinLine } = await testFleet()
    const said: WorkerNews[] = []
    let power: 'battery' | 'mains' = 'battery'
    const worker = await composeWorker({
      ...{ joinLine, storage: [media], name: 'laptop', version: '0', hours: [], onMains: true, env: {}, log: testLog },
      home: await temporaryFolder(),
      power: () => power,
      told: (news) => void said.push(news),
    })
    const states = () => said.flatMap((news) => (news.what === 'state' ? [[news.state, news.because?.by ?? null]] : []))
    await until(() => beside.fleet.status().machines[0]?.state === 'resting')
    const source = join(media, 'song.wav')
    await writeTone(source, 1)
    const converting = beside.convert([source], 'mp3', { with: 'fleet' })
    await until(() => beside.fleet.status().unmet.length > 0)
    power = 'mains'
    expect((await converting).jobs.map(ended)).toEqual(['done'])
    await worker.stop()
    expect(states().slice(-2)).toEqual([
      ['resting', 'battery'],
      ['working', null],
    ])
  })
})
