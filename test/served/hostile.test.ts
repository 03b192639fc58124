/** Clients that lie, dawdle, flood or go: each is bounded, told so where it can still hear it, and leaves nothing. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { ask, conversionOf, ended, formOf, formType, post, raw } from '../support/served-client.ts'
import { servedScene } from '../support/served-scene.ts'
import { toneOf } from '../support/tone.ts'

leavesNothingOpen()

const song = toneOf(4000)
const form = conversionOf('mp3', ['a.wav', song])

/** The head of an upload, whatever follows. */
const head = (key: string, ...headers: readonly string[]) =>
  ['POST /convert HTTP/1.1', 'Host: x', `X-API-Key: ${key}`, `Content-Type: ${formType}`, ...headers, '', ''].join('\r\n')

describe('hostile names', () => {
  it.each([
    ['../../../../etc/cron.d/a.wav', 'a.wav'],
    ['..\\..\\windows\\a.wav', 'a.wav'],
    ['/a.wav', 'a.wav'],
    ['con.wav', '_con.wav'],
    ['a<b>:c|d?e*.wav', 'a_b__c_d_e_.wav'],
    ['.beside-abc123-1.0.part.wav', '.beside-abc123-1.0.part.wav'],
    [`${'ä'.repeat(300)}.wav`, `${'ä'.repeat(125)}.wav`],
    ['--output.wav', '--output.wav'],
    ['$(touch x) `y` %n.wav', '$(touch x) `y` %n.wav'],
  ])('lead nowhere: %s', async (sent, kept) => {
    const { address, key, home, files } = await servedScene()
    const phone = await key()
    const begun = await post(address, '/convert', phone, conversionOf('flac', [sent, song]))
    const over = (await ended(address, begun.json()['jobid'], phone)).json()
    expect([begun.status, over['status'], (await files()).filter((file) => file.startsWith('jobs/in/'))]).toEqual([
      200,
      'completed',
      [`jobs/in/${kept}`],
    ])
    const own = /^(beside\.sqlite(-wal)?|run|served)$/
    expect((await readdir(home)).filter((name) => !own.test(name))).toEqual([])
  })
})

describe('an upload', () => {
  it('of which less comes than was said is nothing', async () => {
    const { address, key, files, session } = await servedScene()
    const own = await key({ quota: 1 })
    const said = await raw(address, head(own, `Content-Length: ${form.length + 1000}`) + form.toString('latin1'), 'cut')
    await expect.poll(files).toEqual([])
    expect([said, (await session.client.served.keys())[0]?.left]).toEqual(['', 1])
  })

  it('of which more comes than was said is no whole form', async () => {
    const { address, key, files } = await servedScene()
    const said = await raw(address, head(await key(), `Content-Length: ${form.length - 100}`) + form.toString('latin1'))
    expect(said).toMatch(/^HTTP\/1\.1 400 /)
    await expect.poll(files).toEqual([])
  })

  it('that falls silent is ended, and told so', async () => {
    const { address, key, files } = await servedScene({ limits: { upload: { silentMs: 100 } } })
    const said = await raw(address, head(await key(), 'Content-Length: 100000') + form.toString('latin1').slice(0, 3000))
    expect(said).toMatch(/^HTTP\/1\.1 408 .*\{"detail":"The upload is too slow\."\}/s)
    await expect.poll(files).toEqual([])
  })

  it('that only drips is ended as well, however often a byte comes', async () => {
    const { address, key, files } = await servedScene({ limits: { upload: { slowMs: 100, minBytesPerSecond: 1_000_000 } } })
    const body = new ReadableStream({
      pull: async (controller) => {
        await new Promise((resolve) => setImmediate(resolve))
        controller.enqueue(new Uint8Array(form.subarray(0, 1)))
      },
    })
    const headers = { 'x-api-key': await key(), 'content-type': formType }
    const answer = await fetch(`${address}/convert`, { method: 'POST', headers, body, duplex: 'half' })
    expect([answer.status, await answer.json()]).toEqual([408, { detail: 'The upload is too slow.' }])
    await expect.poll(files).toEqual([])
  })

  it('that is too large is refused before it is sent where it says so, and on the way where it does not', async () => {
    const { address, key, files } = await servedScene({ limits: { upload: { maxBytes: 5000 } } })
    const own = await key()
    const told = await raw(address, head(own, 'Content-Length: 6000', 'Expect: 100-continue'))
    const chunk = form.toString('latin1')
    const untold = await raw(
      address,
      `${head(own, 'Transfer-Encoding: chunked')}${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`,
    )
    const refused = /^HTTP\/1\.1 413 .*\{"detail":"A request may have 5000 bytes at most\."\}/s
    expect([refused.test(told), refused.test(untold)]).toEqual([true, true])
    await expect.poll(files).toEqual([])
  })

  it('of too many files, or fields, is refused', async () => {
    const { address, key, files } = await servedScene({ limits: { upload: { maxFiles: 2 } } })
    const own = await key()
    const file = { field: 'files', name: 'a.wav', content: song }
    const many = await post(address, '/convert', own, formOf([file, file, file]))
    const fields = Array.from({ length: 30 }, (_, n) => ({ field: `f${n}`, content: '' }))
    expect([many.status, many.json(), (await post(address, '/convert', own, formOf(fields))).status]).toEqual([
      413,
      { detail: 'A request may hold 2 files at most.' },
      413,
    ])
    expect(await files()).toEqual([])
  })

  it('with a key that is wrong is refused before it is sent', async () => {
    const { address } = await servedScene()
    const said = await raw(address, head('beside-wrong', 'Content-Length: 1000000', 'Expect: 100-continue'))
    expect(said).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('with a key that many are sent with already comes again later', async () => {
    const { address, key, session } = await servedScene({ limits: { maxUploadsOfKey: 1 } })
    await session.client.queue.pause()
    const [own, other] = [await key(), await key()]
    const waiting = post(address, '/convert/sync', own, form)
    await expect.poll(async () => (await session.client.queue.totals()).totals.queued).toBe(1)
    const second = await post(address, '/convert', own, form)
    const others = await post(address, '/convert', other, form)
    await session.client.queue.resume()
    expect([second.status, second.headers['retry-after'], others.status, (await waiting).status]).toEqual([503, '5', 200, 200])
    await ended(address, others.json()['jobid'], other)
  })
})

describe('a quota', () => {
  it('is never spent twice, however many ask at once', async () => {
    const { address, key, session } = await servedScene({ limits: { maxUploadsOfKey: 20 } })
    const own = await key({ quota: 3 })
    const all = await Promise.all(Array.from({ length: 10 }, async () => await post(address, '/convert', own, form)))
    const begun = all.filter(({ status }) => status === 200)
    expect([begun.length, all.filter(({ status }) => status === 429).length]).toEqual([3, 7])
    expect(begun.map((each) => each.json()['remaining_quota']).toSorted()).toEqual([0, 1, 2])
    for (const each of begun) await ended(address, each.json()['jobid'], own)
    expect((await session.client.served.keys())[0]?.left).toBe(0)
  })
})

describe('a connection', () => {
  it('whose headers stop in the middle is ended, and told so', async () => {
    const { address } = await servedScene({ limits: { headersMs: 200 } })
    expect(await raw(address, 'GET /pairs HTTP/1.1\r\nHost: x\r\nX-Api')).toMatch(/^HTTP\/1\.1 408 .*too slow/s)
  })

  it('that speaks no HTTP, or too much of it, is told so', async () => {
    const { address } = await servedScene()
    const said = [
      await raw(address, '\x16\x03\x01\x02\x00\r\n\r\n'),
      await raw(address, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    ]
    expect(said.map((text) => text.split('\r\n')[0])).toEqual([
      'HTTP/1.1 400 Bad Request',
      'HTTP/1.1 431 Request Header Fields Too Large',
    ])
  })

  it('that sends a body where none belongs is ended', async () => {
    const { address } = await servedScene()
    const said = await raw(address, 'GET /public/pairs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nxxx')
    expect(said).toMatch(/^HTTP\/1\.1 400 .*This call takes no body/s)
  })

  it('beyond those that are answered is cut, and a request comes again later', async () => {
    const { address, key, session } = await servedScene({ limits: { maxRequests: 1 } })
    await session.client.queue.pause()
    const own = await key()
    const waiting = post(address, '/convert/sync', own, form)
    await expect.poll(async () => (await session.client.queue.totals()).totals.queued).toBe(1)
    const second = await ask(`${address}/public/pairs`)
    await session.client.queue.resume()
    expect([second.status, second.headers['retry-after'], (await waiting).status]).toEqual([503, '5', 200])
  })
})

describe('a key', () => {
  it('is nowhere in the data folder, neither in the database nor in the log', async () => {
    const { address, key, home, stop } = await servedScene()
    const own = await key()
    await post(address, '/convert/sync', own, form)
    await ask(`${address}/pairs?key=${own}`, { key: own })
    await stop()
    const names = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    const found: string[] = []
    for (const { parentPath, name } of names) {
      if ((await readFile(join(parentPath, name))).includes(own)) found.push(name)
    }
    expect(found).toEqual([])
  })
})
