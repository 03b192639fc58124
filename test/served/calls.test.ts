/** The calls of the protocol, as whoever has a key meets them. */
import { parseBuffer } from 'music-metadata'
import { describe, expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { ask, conversionOf, ended, formOf, formType, post } from '../support/served-client.ts'
import { servedScene } from '../support/served-scene.ts'
import { toneOf } from '../support/tone.ts'
import { unpacked } from '../support/unpacked.ts'

leavesNothingOpen()

const song = toneOf(4000)
const anId = expect.stringMatching(/^[0-9a-f]{32}$/) as unknown
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown
const wavToMp3 = { from: 'wav', to: 'mp3' } as const

describe('the pairs', () => {
  it('of this machine are told to everybody, those of a key to whoever has it', async () => {
    const { address, key } = await servedScene()
    const own = await key({ pairs: [wavToMp3, { from: 'png', to: 'jpeg' }] })
    const all = (await ask(`${address}/public/pairs`)).json()['supported_pairs'] as readonly unknown[]
    expect((await ask(`${address}/pairs`, { key: await key() })).json()).toEqual({ supported_pairs: all })
    expect(all).toContainEqual({ from: 'wav', to: 'mp3' })
    expect(all).toContainEqual({ from: 'jpg', to: 'png' })
    expect((await ask(`${address}/pairs`, { key: own })).json()).toEqual({
      supported_pairs: [{ from: 'png', to: 'jpg' }, wavToMp3],
    })
  })
})

describe('a conversion', () => {
  it('is begun, asked about and downloaded, and stands in the queue like any other, on this machine alone', async () => {
    const { address, key, session } = await servedScene()
    const own = await key()
    const begun = await post(address, '/convert', own, conversionOf('mp3', ['Lied “Ö”.wav', song]))
    const answer = begun.json()
    const over = await ended(address, answer['jobid'], own)
    const result = await ask(`${address}/download/${String(answer['jobid'])}`, { key: own })
    const [job] = (await session.client.history.page({ query: {}, after: null, limit: 10 })).jobs
    expect([begun.status, answer]).toEqual([
      200,
      { status: 'success', jobid: anId, pair: 'wav2mp3', remaining_quota: -1, expires: time },
    ])
    expect([over.status, over.json()]).toEqual([
      200,
      { jobid: answer['jobid'], progress: 1, status: 'completed', error: null, expires: time },
    ])
    expect([result.status, result.headers['content-type'], result.headers['content-length']]).toEqual([
      200,
      'audio/mpeg',
      String(result.bytes.length),
    ])
    expect(decodeURIComponent(result.headers['content-disposition'] ?? '')).toContain('Lied “Ö”.mp3')
    expect((await parseBuffer(result.bytes)).format.container).toBe('MPEG')
    expect([job?.state.phase, job?.order.with, job?.order.localOnly, job?.provider]).toEqual(['done', 'local', true, 'local'])
  })

  it('within one request answers the result and leaves nothing', async () => {
    const { address, key, files } = await servedScene()
    const answer = await post(address, '/convert/sync', await key(), conversionOf('flac', ['a.wav', song]))
    expect([answer.status, answer.headers['content-type'], answer.bytes.subarray(0, 4).toString()]).toEqual([
      200,
      'audio/flac',
      'fLaC',
    ])
    await expect.poll(files).toEqual([])
  })

  it.each(['/convert/sync', '/convert'])(
    'of several files by %s is one ZIP, each of them in it, also those of one name',
    async (path) => {
      const { address, key } = await servedScene()
      const own = await key({ quota: 5 })
      const begun = await post(address, path, own, conversionOf('flac', ['a.wav', song], ['b.wav', song], ['a.wav', song]))
      const { jobid, remaining_quota: left } = path === '/convert' ? begun.json() : { jobid: null, remaining_quota: 2 }
      const id = jobid as string | null
      if (id !== null) await ended(address, id, own)
      const answer = id === null ? begun : await ask(`${address}/download/${id}`, { key: own })
      expect([answer.status, answer.headers['content-type'], left]).toEqual([200, 'application/zip', 2])
      expect((await unpacked(answer.bytes)).map(([name]) => name).toSorted()).toEqual(['a (2).flac', 'a.flac', 'b.flac'])
    },
  )

  it('that fails says so of each file, without a word of where it lies, and has no result', async () => {
    const { address, key, home } = await servedScene()
    const own = await key()
    const noise = Buffer.alloc(2000, 'no sound at all')
    const begun = await post(address, '/convert', own, conversionOf('mp3', ['a.wav', song], ['noise.wav', noise]))
    const over = (await ended(address, begun.json()['jobid'], own)).json()
    const result = await ask(`${address}/download/${String(over['jobid'])}`, { key: own })
    const sync = await post(address, '/convert/sync', own, conversionOf('mp3', ['noise.wav', noise]))
    expect([over['status'], over['error']]).toEqual(['failed', expect.stringContaining('noise.wav')])
    expect([result.status, sync.status]).toEqual([404, 500])
    expect(sync.json()['detail']).toContain('noise.wav')
    expect([over, result.json(), sync.json()].map((each) => JSON.stringify(each).includes(home))).toEqual([false, false, false])
  })

  it('asked for too early is not ready, and its client is not kept waiting', async () => {
    const { address, key, session } = await servedScene()
    const own = await key()
    await session.client.queue.pause()
    const id = String((await post(address, '/convert', own, conversionOf('mp3', ['a.wav', song]))).json()['jobid'])
    const early = await ask(`${address}/download/${id}`, { key: own })
    const progress = (await ask(`${address}/progress/${id}`, { key: own })).json()
    await session.client.queue.resume()
    await ended(address, id, own)
    const late = await ask(`${address}/download/${id}`, { key: own })
    expect([early.status, early.json(), progress['status'], progress['progress'], late.status]).toEqual([
      409,
      { detail: 'The conversion is still processing.' },
      'processing',
      0,
      200,
    ])
  })

  it('whose client goes while it waits within its request is ended, and leaves nothing', async () => {
    const { address, key, session, files } = await servedScene()
    await session.client.queue.pause()
    const own = await key()
    const gone = new AbortController()
    const form = conversionOf('mp3', ['a.wav', song])
    const headers = { 'x-api-key': own, 'content-type': formType }
    const lost = fetch(`${address}/convert/sync`, { method: 'POST', headers, body: new Uint8Array(form), signal: gone.signal })
    await expect.poll(async () => (await session.client.queue.totals()).totals.queued).toBe(1)
    gone.abort()
    expect(await lost.catch((error: unknown) => String(error))).toContain('AbortError')
    await expect.poll(async () => (await session.client.queue.totals()).totals.queued).toBe(0)
    await expect.poll(files).toEqual([])
  })
})

describe('what is refused', () => {
  it('is each told by its status and a detail', async () => {
    const { address, key } = await servedScene()
    const own = await key({ pairs: [wavToMp3], quota: 1 })
    const other = await key()
    const form = conversionOf('mp3', ['a.wav', song])
    const id = String((await post(address, '/convert', own, form)).json()['jobid'])
    await ended(address, id, own)
    const unknown = 'f'.repeat(32)
    const found = await Promise.all([
      ask(`${address}/pairs`),
      ask(`${address}/pairs`, { key: 'beside-wrong' }),
      ask(`${address}/progress/${id}`),
      ask(`${address}/progress/${id}`, { key: other }),
      ask(`${address}/download/${id}`, { key: other }),
      ask(`${address}/progress/${unknown}`, { key: own }),
      ask(`${address}/download/${unknown}`, { key: own }),
      ask(`${address}/progress/..%2f..`, { key: own }),
      ask(`${address}/nothing`, { key: own }),
      ask(`${address}/convert`, { key: own }),
      post(address, '/convert', 'beside-wrong', form),
      post(address, '/convert', own, form),
      post(address, '/convert', other, conversionOf('nothing/at all', ['a.wav', song])),
      post(address, '/convert', other, conversionOf('qqq', ['a.wav', song])),
      post(address, '/convert', other, conversionOf('mp3', ['no ending', song])),
      post(address, '/convert', other, conversionOf('mp3', ['a.wav', song], ['a.flac', song])),
    ])
    const gone = 'There is no such job: its time is over, or it never was.'
    expect(found.map((each) => [each.status, each.json()])).toEqual(
      [
        [401, 'A key is needed, in the header X-API-Key.'],
        [401, 'This key is not valid.'],
        [401, 'A key is needed, in the header X-API-Key.'],
        [404, gone],
        [404, gone],
        [404, gone],
        [404, gone],
        [400, 'This is not the id of a job.'],
        [404, 'Not Found'],
        [405, 'Method Not Allowed'],
        [401, 'This key is not valid.'],
        [429, 'The quota of this key is used up: 1 needed, 0 left.'],
        [400, '“nothing/at all” is not the name of a format.'],
        [400, 'wav2qqq is not a supported pair. GET /pairs lists them.'],
        [400, 'The name of the file “no ending” does not end in the name of its format, such as .mp4.'],
        [400, 'All files of a request have one pair; these have wav2mp3 and flac2mp3.'],
      ].map(([status, detail]) => [status, { detail }]),
    )
  })

  it('of a pair that another key may use costs nothing, and is no job', async () => {
    const { address, key, session, files } = await servedScene()
    const own = await key({ pairs: [wavToMp3], quota: 1 })
    const refused = await post(address, '/convert', own, conversionOf('flac', ['a.wav', song]))
    const taken = await post(address, '/convert', own, conversionOf('mp3', ['a.wav', song]))
    expect([refused.status, refused.json(), taken.json()['remaining_quota'], await session.client.served.keys()]).toMatchObject([
      403,
      { detail: 'This key may not use wav2flac. GET /pairs lists what it may use.' },
      0,
      [{ name: 'key 1', left: 0 }],
    ])
    await ended(address, taken.json()['jobid'], own)
    expect(await files()).toEqual(['jobs/in/a.wav', 'jobs/out/a.mp3'])
  })

  it('of a form says which field is wrong', async () => {
    const { address, key, files } = await servedScene()
    const own = await key()
    const target = { field: 'target_format', content: 'mp3' }
    const file = { field: 'files', name: 'a.wav', content: song }
    const form = async (...parts: Parameters<typeof formOf>[0]) => await post(address, '/convert', own, formOf(parts))
    const found = [
      await form(target),
      await form(file),
      await form(target, { field: 'files', content: 'a.wav' }),
      await form({ ...file, field: 'target_format' }, file),
      await form(target, { ...file, name: '' }),
      await form(target, { ...file, content: '' }),
      await post(address, '/convert', own, formOf([target, file]).subarray(0, -40)),
      await ask(`${address}/convert`, { method: 'POST', key: own, headers: { 'content-type': 'application/json' }, body: '{}' }),
      await ask(`${address}/convert`, {
        method: 'POST',
        key: own,
        headers: { 'content-type': 'multipart/form-data' },
        body: '--',
      }),
      await ask(`${address}/convert`, { method: 'POST', key: own }),
    ]
    const needed = 'A form (multipart/form-data) with files and target_format is needed.'
    expect(found.map((each) => [each.status, each.json()['detail']])).toEqual([
      [400, 'There are no files in the form: each is a field named files.'],
      [400, 'There is no target_format in the form.'],
      [422, [{ loc: ['body', 'files', 0], msg: 'Expected a file, with a name', type: 'value_error' }]],
      [422, [{ loc: ['body', 'target_format'], msg: 'Input should be a valid string', type: 'string_type' }]],
      [400, 'A file has no name, so nothing tells what it is.'],
      [400, expect.stringContaining('a.wav')],
      [400, 'The form cannot be read: Unexpected end of multipart data.'],
      [400, needed],
      [400, 'The form cannot be read: its boundary is missing.'],
      [400, needed],
    ])
    expect(await files()).toEqual([])
  })
})
