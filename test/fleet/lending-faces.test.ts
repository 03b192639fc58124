/** How a computer is lent by a command, and what the app tells of it. */
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { started } from '../app/started.ts'
import { ended } from '../support/beside.ts'
import { cli, linesOf } from '../support/cli.ts'
import { hasPostgres, testFleet, until, type TestFleet } from '../support/fleet.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { sessionIn } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const here = { timeout: 180_000 }

async function song({ media }: TestFleet): Promise<string> {
  const path = join(media, 'song.wav')
  await writeTone(path, 1)
  return path
}

describe.skipIf(!hasPostgres)('beside fleet lend', () => {
  it('lends this computer whenever a Beside stays open, changes what is said anew, and ends it', here, async () => {
    const fleet = await testFleet()
    const { folder, home, run } = await cli()
    await symlink(fleet.media, join(folder, 'mnt'))
    const lend = async (...words: readonly string[]) => {
      const { status, out, err } = await run('fleet', 'lend', ...words)
      return status === 0 ? out : err
    }
    expect(await lend()).toContain('This computer is not lent.')
    expect(await lend('--storage', 'mnt')).toContain('--join LINE')
    expect(await lend('--join', fleet.joinLine)).toContain('--storage /mnt/media')
    const terms = ['--name', 'desk', '--hours', 'mon-fri 18:00-8:00', '--on-mains']
    const lent = await lend('--join', fleet.joinLine, '--storage', 'mnt', ...terms)
    expect(lent.split('\n').slice(0, 4)).toEqual([
      expect.stringMatching(/^This computer is lent to the fleet at 127\.0\.0\.1:\d+\/\w+ as desk\.$/),
      `storage: ${join(folder, 'mnt')}`,
      'works: mon,tue,wed,thu,fri 18:00-8:00, only while plugged in',
      'now: takes work while Beside is open: the app, or `beside serve`',
    ])
    expect(await lend('--when-idle')).toContain('cannot tell here whether somebody is at this computer')
    expect(await lend('--hours', '', '--no-on-mains')).toContain('works: at any time\n')

    const { client } = await sessionIn(home, 'watch')
    await until(async () => (await client.fleet.lending()).state.kind === 'working')
    expect((await fleet.beside.convert([await song(fleet)], 'mp3', { with: 'fleet' })).jobs.map(ended)).toEqual(['done'])
    await until(async () => (await client.fleet.lending()).doneLately === 1)
    const shown = await lend()
    expect([shown.includes('now: takes work\n'), shown.includes('done in the last hour: 1')]).toEqual([true, true])
    expect(await lend('--stop')).toContain('This computer is lent no more.')
    expect(linesOf(await run('fleet', 'lend', '--json'))).toMatchObject([
      { type: 'lending', settings: null, state: { kind: 'off' } },
    ])
    await until(() => fleet.beside.fleet.status().machines.length === 0)
  })

  it('takes no line that is none, and says what one looks like', here, async () => {
    const { folder, run } = await cli()
    const { status, err } = await run('fleet', 'lend', '--join', 'nas', '--storage', folder)
    expect([status, err]).toEqual([2, expect.stringContaining('Copy the whole line, from beside://')])
  })
})

describe.skipIf(!hasPostgres)('the app', () => {
  it('lends its computer by what Electron says of whether somebody is at it', here, async () => {
    const fleet = await testFleet()
    const { desk, running } = await started()
    const { client } = running.session
    expect(await client.fleet.lending()).toMatchObject({ canTellIdle: true, state: { kind: 'off' } })
    const { joinLine, media } = fleet
    await client.fleet.lend({ joinLine, storage: [media], name: 'desk', hours: [], onMains: false, whenIdle: true })
    const stands = async () => {
      const { state } = await client.fleet.lending()
      return state.kind === 'resting' ? state.because.by : state.kind
    }
    desk.idleSeconds = 20
    await until(async () => (await stands()) === 'user')
    desk.idleSeconds = 301
    await until(async () => (await stands()) === 'working')
    expect((await fleet.beside.convert([await song(fleet)], 'mp3', { with: 'fleet' })).jobs.map(ended)).toEqual(['done'])
    // It does not fall asleep over what it does for others.
    const awake = () => desk.calls.map((line) => line.split(' ')[0]).filter((what) => what === 'awake' || what === 'asleep')
    await until(() => awake().length === 2)
    expect(awake()).toEqual(['awake', 'asleep'])
  })
})
