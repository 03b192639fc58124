import { describe, expect, it } from 'vitest'
import { maxPageFrameBytes, maxPageCalls } from '../../src/main/api/serve.ts'
import { clientOver } from '../../src/shared/wire/client.ts'
import { temporaryFolder } from '../support/folder.ts'
import { heldBytes } from '../support/heap.ts'
import { refusesOddCalls, refusesPaths } from '../support/odd-calls.ts'
import { portOver } from '../support/port.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { listeningLog, sessionIn } from '../support/sessions.ts'

leavesNothingOpen()

async function scene() {
  const log = listeningLog()
  const session = await sessionIn(await temporaryFolder(), 'look', log)
  return { session, log, open: () => portOver(session, log) }
}

describe('what comes over a port', () => {
  it('a frame that is too large, no text or no call at all ends that port, is logged, and changes nothing', async () => {
    const { session, log, open } = await scene()
    const frames = ['x'.repeat(maxPageFrameBytes + 1), new Uint8Array(3), { call: 'about' }, null, '{', '"text"', '[]']
    for (const frame of frames) {
      const { port, closed } = open()
      port.postMessage(frame)
      await closed
    }
    expect(log.lines).toEqual(frames.map(() => 'a client was cut off'))
    expect(Object.values((await session.client.queue.totals()).totals).every((count) => count === 0)).toBe(true)
    const { carrier } = open()
    expect(await clientOver(() => carrier).about()).toMatchObject({ pid: process.pid })
  })

  it('calls that do not exist, names of prototypes and inputs that are not in the contract are refused and logged', async () => {
    const { session, log, open } = await scene()
    await refusesOddCalls(open().carrier.link, session.client, log)
  })

  it('a look into a file by its path, or a hook that runs a program, is refused and logged: a window shows the files of jobs', async () => {
    const { log, open } = await scene()
    await refusesPaths(open().carrier.link, log)
  })

  it('ten thousand calls at once are answered one by one, and other ports as well', async () => {
    const { open, log } = await scene()
    const { carrier } = open()
    const client = clientOver(() => carrier)
    const next = open().carrier
    const calls = Array.from({ length: 10_000 }, async () => await client.about())
    expect(await clientOver(() => next).about()).toMatchObject({ pid: process.pid })
    expect(new Set((await Promise.all(calls)).map(({ pid }) => pid))).toEqual(new Set([process.pid]))
    expect(log.lines).toEqual([])
  })

  it('ten thousand calls leave nothing behind in memory', async () => {
    const { open } = await scene()
    const { carrier } = open()
    const client = clientOver(() => carrier)
    const ask = async (times: number) => {
      for (let call = 0; call < times; call += 100) await Promise.all(Array.from({ length: 100 }, () => client.about()))
    }
    await ask(3000)
    const before = heldBytes()
    await ask(10_000)
    const perCall = (heldBytes() - before) / 10_000
    // A call that anything holds on to is larger than that.
    expect(perCall).toBeLessThan(200)
  })

  it('more streams at once than a window ever has end the port; another one works as before', async () => {
    const { open, log } = await scene()
    const { carrier, closed } = open()
    const client = clientOver(() => carrier)
    const read = async () => {
      for await (const _ of await client.changes({ restMs: 0 }));
    }
    const streams = Array.from({ length: maxPageCalls + 1 }, read)
    await closed
    expect((await Promise.allSettled(streams)).every(({ status }) => status === 'rejected')).toBe(true)
    expect(log.lines).toEqual(['a client was cut off'])
    const next = open().carrier
    expect(await clientOver(() => next).about()).toMatchObject({ pid: process.pid })
  })
})
