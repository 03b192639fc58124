import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compose } from '../../../src/main/compose.ts'
import { beginsAtMs, heldBy } from '../../../src/main/engine/queue/runner.ts'
import { powerBy } from '../../../src/main/system.ts'
import { fileSecrets } from '../../../src/main/secrets.ts'
import type { Machine } from '../../../src/shared/machine.ts'
import type { Settings } from '../../../src/shared/settings.ts'
import { fakeClock, type FakeClock } from '../../support/clock.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testLog } from '../../support/log.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { request } from '../../support/sessions.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

const nights = [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 6 * 60 }]
/** Saturday, 21 November 2026, local time. */
const at = (hour: number) => new Date(2026, 10, 21, hour).getTime()
const lanes = { audio: 1, video: 1, image: 1, document: 1, hardware: 1 }
const on = (power: Machine['power']) => () => ({ lanes, power })

describe('what holds the queue', () => {
  it.each<[what: string, Pick<Settings, 'hours' | 'holdOnBattery'>, Machine['power'], ReturnType<typeof heldBy>, number]>([
    ['nothing by itself', { hours: [], holdOnBattery: false }, 'battery', null, at(12)],
    ['hours, until they begin', { hours: nights, holdOnBattery: true }, 'battery', { by: 'hours', untilMs: at(22) }, at(22)],
    ['the battery, where that is wished', { hours: [], holdOnBattery: true }, 'battery', { by: 'battery' }, at(12) + 30_000],
    ['nothing while plugged in', { hours: [], holdOnBattery: true }, 'mains', null, at(12)],
    ['nothing where nobody knows', { hours: [], holdOnBattery: true }, 'unknown', null, at(12)],
  ])('is %s', (_, settings, power, held, beginsAt) => {
    const now = heldBy(settings, on(power), at(12))
    expect([now, beginsAtMs(now, at(12))]).toEqual([held, beginsAt])
  })
})

async function waiting(clock: FakeClock, settings: Partial<Settings>, power: () => Machine['power']) {
  const [home, folder] = [await temporaryFolder(), await temporaryFolder()]
  const { engine, stop } = await compose({ home, log: testLog, secrets: fileSecrets(home, {}), clock, power })
  onTestFinished(stop)
  engine.change(settings)
  await engine.start()
  const following = new AbortController()
  onTestFinished(() => following.abort())
  const changes = engine.changes(following.signal)
  await writeTone(join(folder, 'tone.wav'), 0.1)
  const batchId = engine.openBatch('test')
  const events = engine.convert({ ...request(batchId), sources: [join(folder, 'tone.wav')] }, following.signal)
  for await (const event of events) if (event.type === 'refused') throw new Error(event.why.code)
  // What was nudged has looked at the queue by then.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  const done = async () => {
    for await (const _ of changes) if (engine.totals().totals.done === 1) return
  }
  return { engine, done }
}

describe('a queue that is held', () => {
  it('by its hours begins by itself when they do', async () => {
    const clock = fakeClock(at(12))
    const { engine, done } = await waiting(clock, { hours: nights }, () => 'unknown')
    expect(engine.totals()).toMatchObject({ held: { by: 'hours', untilMs: at(22) }, totals: { queued: 1, running: 0 } })
    clock.advance(10 * 3_600_000)
    await done()
    expect(engine.totals()).toMatchObject({ held: null, totals: { queued: 0, done: 1 } })
  })

  it('by its hours begins at once when a computer that slept into them says that it is awake', async () => {
    const clock = fakeClock(at(12))
    let sleptMs = 0
    const sleeping = { ...clock, nowMs: () => clock.nowMs() + sleptMs }
    const { engine, done } = await waiting(sleeping, { hours: nights }, () => 'unknown')
    sleptMs = 11 * 3_600_000
    engine.nudge()
    await done()
    expect(engine.totals()).toMatchObject({ held: null, totals: { queued: 0, done: 1 } })
  })

  it('by its hours begins at once when they are taken away', async () => {
    const { engine, done } = await waiting(fakeClock(at(12)), { hours: nights }, () => 'unknown')
    engine.change({ hours: [] })
    await done()
    expect(engine.totals()).toMatchObject({ held: null, totals: { done: 1 } })
  })

  it('on battery begins soon after the machine is plugged in, and says meanwhile what it waits for', async () => {
    const clock = fakeClock(at(12))
    let power: Machine['power'] = 'battery'
    const { engine, done } = await waiting(clock, { holdOnBattery: true }, () => power)
    expect(engine.totals()).toMatchObject({ held: { by: 'battery' }, totals: { queued: 1, running: 0 } })
    clock.advance(30_000)
    expect(engine.totals().totals).toMatchObject({ queued: 1, running: 0 })
    power = 'mains'
    clock.advance(30_000)
    await done()
    expect(engine.totals()).toMatchObject({ held: null, totals: { done: 1 } })
  })
})

describe('what Linux says of power', () => {
  type Supply = Readonly<Record<string, string>>
  const adapter = (online: string) => ({ type: 'Mains', online })
  const battery = (status: string, scope = 'System') => ({ type: 'Battery', status, scope })
  it.each<[what: string, supplies: Readonly<Record<string, Supply>>, says: Machine['power']]>([
    ['a desktop', { AC: adapter('1') }, 'unknown'],
    ['a laptop that is plugged in', { AC: adapter('1'), BAT0: battery('Charging') }, 'mains'],
    ['a laptop that is not', { AC: adapter('0'), BAT0: battery('Discharging') }, 'battery'],
    [
      'a full laptop that is plugged in by USB',
      { AC: adapter('0'), USB: { type: 'USB', online: '1' }, BAT0: battery('Full') },
      'mains',
    ],
    ['a desktop with a mouse', { hid: battery('Discharging', 'Device') }, 'unknown'],
  ])('is right for %s', async (_, supplies, says) => {
    const folder = await temporaryFolder()
    for (const [name, facts] of Object.entries(supplies)) {
      await mkdir(join(folder, name))
      for (const [file, text] of Object.entries(facts)) await writeFile(join(folder, name, file), `${text}\n`)
    }
    expect(powerBy(folder)()).toBe(says)
  })

  it('is nothing where there is no such folder', async () => {
    expect(powerBy(join(await temporaryFolder(), 'none'))()).toBe('unknown')
  })
})
