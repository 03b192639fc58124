/** What the command line says about work that a provider has. */
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { onlineSubjects } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

async function scene() {
  const { server, variable, key, source } = await onlineSubjects.xconvert()
  const here = await cli({ [variable]: key })
  await here.run('providers', 'set', 'xconvert', '--base-url', server.base)
  await source(here.folder)
  return { ...here, server, args: ['convert', 'song.wav', '--to', 'mp3', '--with', 'xconvert'] }
}

describe('work that a provider has', () => {
  it('may go on and cost when it is cancelled, and that is said by both commands', async () => {
    const { run, start, server, args } = await scene()
    const { reached } = server.misbehave('poll', { kind: 'silent', when: 'before' })
    const converting = start(...args, '--json')
    await reached
    const cancelled = await run('queue', 'cancel', '--all')
    const told = linesOf(await converting.ended).findLast(({ type }) => type === 'job')
    expect([cancelled.status, cancelled.out, cancelled.err]).toEqual([
      0,
      '1 job cancelled.\n',
      '1 job had already been sent to a provider, which may still process and charge for it.\n',
    ])
    expect(told?.['failure']).toMatchObject({
      code: 'cancelled',
      message: 'Cancelled after it had been sent to xconvert, which may still process and charge for it.',
    })
  })

  it('may be charged again when it failed there and is tried again, and that is said', async () => {
    const { run, server, args } = await scene()
    server.misbehave('poll', { kind: 'instead', reply: { body: { id: 'job-1', status: 'failed', error: 'no sound in it' } } })
    const { status, err } = await run(...args)
    expect([status, err]).toEqual([
      1,
      expect.stringContaining('This may already have been charged. Trying again may be charged again.'),
    ])
  })
})
