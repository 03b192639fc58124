import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createUpdates, type Updater } from '../../src/main/app/updates.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { listeningLog, queue } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { started, until } from './started.ts'

leavesNothingOpen()

/** Stands in for electron-updater, checked against its declarations but for events. */
function standInUpdater() {
  const calls: string[] = []
  const events = new EventEmitter()
  const updater = {
    autoDownload: false,
    autoInstallOnAppQuit: true,
    checkForUpdates: async () => {
      calls.push('check')
      return null
    },
    quitAndInstall: (isSilent?: boolean, isForceRunAfter?: boolean) => void calls.push(`install ${isSilent} ${isForceRunAfter}`),
    on: events.on.bind(events) as never,
  } satisfies Updater
  return {
    updater,
    calls,
    ready: () => events.emit('update-downloaded', { version: '2.0.0' }),
    fail: (error: Error) => events.emit('error', error),
  }
}

describe('updates', () => {
  it('are never installed by the updater on its own, and fetched beside the work', () => {
    const { updater } = standInUpdater()
    createUpdates(updater, { isWanted: () => true, left: () => 0, nowMs: () => 0, log: listeningLog() })
    expect([updater.autoInstallOnAppQuit, updater.autoDownload]).toEqual([false, true])
  })

  it('are checked for once a day, where the user wants it; no network is no trouble', () => {
    const { updater, calls, fail } = standInUpdater()
    const log = listeningLog()
    let nowMs = 0
    let isWanted = false
    const { check } = createUpdates(updater, { isWanted: () => isWanted, left: () => 0, nowMs: () => nowMs, log })
    check()
    expect(calls).toEqual([])
    isWanted = true
    check()
    check()
    expect(calls).toEqual(['check'])
    nowMs = 24 * 60 * 60 * 1000
    check()
    expect(calls).toEqual(['check', 'check'])
    fail(new Error('offline'))
    expect(log.lines).toEqual(['no update'])
  })

  it('are put in place at an end with nothing left, and not before one is there', async () => {
    const { updater, calls, ready } = standInUpdater()
    const early = await started({ updater })
    early.window().close()
    await until(() => early.desk.calls.includes('ended'))
    expect(calls.filter((call) => call.startsWith('install'))).toEqual([])

    const late = await started({ updater })
    ready()
    late.window().close()
    await until(() => calls.includes('install true false'))
    expect(late.desk.calls.filter((call) => call === 'ended')).toEqual([])
  })

  it('wait when the user ends with work left, and when the system goes down', async () => {
    const { updater, calls, ready } = standInUpdater()
    const { desk, home, running } = await started({ updater })
    ready()
    await running.session.client.queue.pause()
    await writeTone(join(home, 'tone.wav'), 0.1)
    await queue(running.session.client, [join(home, 'tone.wav')])
    await until(() => desk.trays[0]?.tip.includes('1 left') === true)
    desk.answer = 0
    desk.shell.app.quit()
    await until(() => desk.calls.includes('ended'))
    const other = await started({ updater })
    ready()
    other.desk.power.emit('shutdown')
    await until(() => other.desk.calls.includes('ended'))
    expect(calls.filter((call) => call.startsWith('install'))).toEqual([])
  })
})
