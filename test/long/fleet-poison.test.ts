/** A file that takes down every machine that has it: each is killed as soon as it has the order, as the file would do it. */
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endedInWords, testBeside } from '../support/beside.ts'
import { cliProcess } from '../support/cli.ts'
import { hasPostgres, testFleet, until, type TestFleet } from '../support/fleet.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const here = { timeout: 300_000 }

/** Joins, takes the order, and dies before it has said a word about it. */
async function diesOverIt({ joinLine, media }: TestFleet, name: string): Promise<void> {
  const { start } = await cliProcess()
  const { process, ended, says } = start('worker', '--join', joinLine, '--storage', media, '--name', name, '--json')
  await says('"taken"')
  process.kill('SIGKILL')
  await ended
}

describe.skipIf(!hasPostgres)('an order that machines die over', () => {
  it('is given up after five of them, and the failure names them', here, async () => {
    const fleet = await testFleet()
    const { beside, media, broker, leftOvers } = fleet
    const source = join(media, 'song.wav')
    await writeTone(source, 600)
    const converting = beside.convert([source], 'mp3', { with: 'fleet' })
    for (const name of ['one', 'two', 'three', 'four', 'five']) await diesOverIt(fleet, name)
    const { jobs } = await converting
    expect({ jobs: jobs.map(endedInWords), attempts: jobs.map(({ attempt }) => attempt), left: await leftOvers() }).toEqual({
      jobs: [
        'failed: Fleet could not convert the file: machines died while converting it (one, two, three, four, five). Try other options, another provider or another copy of the file.',
      ],
      attempts: [1],
      left: [],
    })
    const shared = await broker()
    const [tag = ''] = (await shared.heads()).map((head) => head.tag)
    await until(async () => (await shared.ordersOf(tag)).length === 0)
  })

  it('is named with all of them where the head was started anew in between', here, async () => {
    const fleet = await testFleet()
    const { beside, home, media } = fleet
    const source = join(media, 'song.wav')
    await writeTone(source, 600)
    await beside.queue([source], 'mp3', { with: 'fleet' })
    for (const name of ['one', 'two']) await diesOverIt(fleet, name)
    await beside.stop()
    const { engine } = await testBeside(dirname(home))
    for (const name of ['three', 'four', 'five']) await diesOverIt(fleet, name)
    await until(() => engine.totals().totals.queued + engine.totals().totals.running === 0)
    const { jobs } = engine.history.page({}, null, 10)
    expect(jobs.map(({ state }) => ('why' in state ? state.why.facts : null))).toMatchObject([
      { reason: 'one, two, three, four, five' },
    ])
  })
})
