import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { onlineSubjects } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

async function scene<Id extends 'converter-app' | 'xconvert'>(id: Id) {
  const subject = await onlineSubjects[id]()
  const here = await cli({ [subject.variable]: subject.key })
  await here.run('providers', 'set', id, '--base-url', subject.server.base)
  await subject.source(here.folder)
  return {
    server: subject.server as Awaited<ReturnType<(typeof onlineSubjects)[Id]>>['server'],
    check: async () => (await here.run('providers', 'check', id)).out,
    convert: async () => await here.run('convert', 'song.wav', '--to', 'mp3', '--with', id),
    left: async () => {
      const lines = linesOf(await here.run('providers', '--json'))
      return (lines.find((line) => line['id'] === id)?.['account'] as { readonly left: unknown } | null)?.left ?? null
    },
  }
}

describe('what is left, in another process than the one that was told', () => {
  it('is what the last job told, also for a check; where it is nothing, nothing is sent before a check', async () => {
    const { server, convert, left, check } = await scene('converter-app')
    server.quota = 2
    const seen: unknown[] = [await left()]
    await convert()
    seen.push(await left(), await check())
    await convert()
    seen.push(await left())
    const refused = await convert()
    const sent = server.asked('submit').length
    server.quota = 5
    seen.push(await check())
    const after = await convert()
    seen.push(await left())
    expect(seen).toEqual([
      null,
      { amount: 1, unit: 'conversions' },
      'Converter App · ready, has a key · 1 conversions\n',
      { amount: 0, unit: 'conversions' },
      'Converter App · ready, has a key\n',
      { amount: 4, unit: 'conversions' },
    ])
    expect([refused.status, refused.out + refused.err, sent, after.status]).toEqual([
      1,
      expect.stringContaining('Your credit at Converter App is used up: nothing is left'),
      2,
      0,
    ])
  })

  it('is asked for again after each job where the account told it', async () => {
    const { server, convert, left, check } = await scene('xconvert')
    await convert()
    const unasked = [await left(), server.asked('account').length]
    await check()
    server.credits = 40
    await convert()
    expect([unasked, await left(), server.asked('account').length]).toEqual([[null, 0], { amount: 40, unit: 'credits' }, 2])
  })
})
