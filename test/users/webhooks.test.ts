/** Calls back, from the scripted providers through the whole of Beside. Its clock hardly moves: without a call nothing would be asked. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultOnlineProvider, type OnlineProviderId } from '../../src/shared/model.ts'
import { ended, testBeside } from '../support/beside.ts'
import { cli, linesOf } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { fastClock } from '../support/clock.ts'
import { onlineSubjects } from '../support/online.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import type { CreateBody } from '../support/servers/converso.ts'
import { xconvertSecret } from '../support/servers/xconvert.ts'
import { freePort, post } from '../support/webhook-caller.ts'

leavesNothingOpen()

/** Seconds become hours. */
const standing = 1 / 1000

async function scene<Id extends 'xconvert' | 'musicgpt' | 'converso'>(id: Id, speed = standing) {
  const subject = (await onlineSubjects[id]()) as Awaited<ReturnType<(typeof onlineSubjects)[Id]>>
  const folder = await temporaryFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const beside = await testBeside(folder, { env: { [subject.variable]: subject.key }, clock: fastClock(speed) })
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  beside.engine.change({
    providerOrder: [id],
    downloadFolder: media,
    online: { [id]: { ...defaultOnlineProvider, baseUrl: subject.server.base } },
    webhookPort: port,
    webhookAddress: address,
  })
  const convert = async (options = {}) =>
    await beside.convert([await subject.source(media)], 'mp3', { with: id satisfies OnlineProviderId, options })
  const secrets = async () =>
    JSON.parse(await readFile(join(folder, 'beside-home', 'keys.json'), 'utf8')) as Record<string, string>
  return { ...beside, subject, address, convert, secrets }
}

describe('a provider that calls back', () => {
  it('MusicGPT: wakes the job, whose result is asked for and not taken from the call', async () => {
    const { convert, subject, address, secrets } = await scene('musicgpt')
    const { jobs } = await convert()
    const { 'musicgpt webhook': token } = await secrets()
    expect([jobs.map(ended), subject.server.answered, subject.server.asked('poll').length]).toEqual([['done'], [204], 1])
    expect(subject.server.jobs[0]?.fields['webhook_url']).toBe(`${address}/musicgpt/${token}`)
  })

  it('Converso: wakes the job', async () => {
    // Quick enough for the moment in which it waits for other jobs, and far from its first question.
    const { convert, subject, address, secrets } = await scene('converso', 1 / 20)
    const { jobs } = await convert()
    const { 'converso webhook': token } = await secrets()
    expect([jobs.map(ended), subject.server.answered, subject.server.asked('poll').length]).toEqual([['done'], [204], 1])
    expect(subject.server.jobs[0]?.asked.options?.webhook).toBe(`${address}/converso/${token}`)
  })

  it('xconvert: wakes the job, by the secret that came when the address of Beside was registered', async () => {
    const { convert, engine, subject, address, secrets } = await scene('xconvert')
    expect(await engine.providers.addWebhook('xconvert', null)).toBe(xconvertSecret)
    const { jobs } = await convert()
    // Once for how it stands, once for where its results are.
    expect([jobs.map(ended), subject.server.answered, subject.server.asked('poll').length]).toEqual([['done'], [204], 2])
    expect(JSON.parse(subject.server.asked('webhook')[0]?.body.toString() ?? '')).toMatchObject({ url: `${address}/xconvert` })
    expect(await secrets()).toEqual({ 'xconvert webhook': xconvertSecret })
  })

  it('is not called by the receiver’s address where the user named another, and polling goes on', async () => {
    const { convert, subject } = await scene('converso', 15)
    const { jobs } = await convert({ webhook: 'https://example.org/mine' })
    const [job] = subject.server.asked('submit').map(({ body }) => JSON.parse(body.toString()) as CreateBody)
    expect([jobs.map(ended), job?.options?.webhook, subject.server.answered]).toEqual([['done'], 'https://example.org/mine', []])
  })
})

describe('a call that is none of the provider’s', () => {
  it('does not wake the job, and cannot make it another result', async () => {
    const { convert, subject, address } = await scene('musicgpt', 15)
    // The provider itself never gets through; strangers call about its job by the right id.
    subject.server.misbehave('submit', {
      kind: 'altered',
      alter: (reply) => {
        const body = JSON.stringify({ conversion_id: 'conversion-1', audio_url: `${subject.server.foreign}/lent/0` })
        for (const path of ['musicgpt', 'musicgpt/guess', 'xconvert', '']) calls.push(post(`${address}/${path}`, { body }))
        return reply
      },
    })
    const calls: Promise<number>[] = []
    const { jobs } = await convert()
    expect([jobs.map(ended), await Promise.all(calls), subject.server.asked('lent')]).toEqual([
      ['done'],
      [403, 403, 403, 404],
      [],
    ])
  })
})

describe('on the command line', () => {
  it(
    'the receiver is set up by two settings, told of by doctor, heard by whoever converts, and off again',
    { timeout: 60_000 },
    async () => {
      const subject = await onlineSubjects.musicgpt()
      const here = await cli({ [subject.variable]: subject.key })
      const port = await freePort()
      const none = await here.run('providers', 'webhook', 'xconvert')
      for (const words of [
        ['settings', 'set', 'webhookPort', String(port)],
        ['settings', 'set', 'webhookAddress', `http://127.0.0.1:${port}/`],
        ['providers', 'set', 'musicgpt', '--base-url', subject.server.base],
      ])
        expect(await here.run(...words)).toMatchObject({ status: 0, err: '' })
      const wrong = await here.run('settings', 'set', 'webhookAddress', 'http://example.org')
      const doctor = linesOf(await here.run('doctor', '--json')).find(({ what }) => what === 'Webhook receiver')
      const done = await here.run('convert', await subject.source(here.folder), '--to', 'mp3', '--with', 'musicgpt')
      expect([none.status, none.err, wrong.status, doctor?.['state'], done.status, subject.server.answered]).toEqual([
        2,
        expect.stringContaining('webhookPort'),
        2,
        'ok',
        0,
        [204],
      ])
      await here.run('settings', 'set', 'webhookPort', '0')
      const off = linesOf(await here.run('doctor', '--json')).filter(({ what }) => what === 'Webhook receiver')
      expect(off).toEqual([])
    },
  )
})
