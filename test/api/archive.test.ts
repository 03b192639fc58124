import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromBuffer, type Entry } from 'yauzl'
import { namesIn } from '../../src/main/api/web/outputs.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue, watching } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { enter, webScene } from '../support/web.ts'

leavesNothingOpen()

/** A batch of tones, converted, and the browser shell over it. */
async function converted(names: readonly string[]) {
  const scene = await webScene()
  const folder = await temporaryFolder()
  const sources = names.map((name) => join(folder, name))
  for (const [index, source] of sources.entries()) {
    await mkdir(join(source, '..'), { recursive: true })
    await writeTone(source, 0.1 + index / 50)
  }
  const { client } = scene.session
  const until = await watching(client)
  const batchId = await queue(client, sources)
  const ids: number[] = []
  await until((job) => {
    if (job.state.phase === 'done') ids.push(job.id)
    return new Set(ids).size === names.length
  })
  const cookie = await enter(scene)
  const get = async (path: string, method = 'GET') => await fetch(`${scene.origin}${path}`, { method, headers: { cookie } })
  return { scene, folder, batchId, ids: [...new Set(ids)].toSorted((one, other) => one - other), cookie, get }
}

async function unpacked(archive: Buffer): Promise<Readonly<Record<string, Buffer>>> {
  const files: Record<string, Buffer> = {}
  await new Promise<void>((resolve, reject) =>
    fromBuffer(archive, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error)
      zip.on('entry', (entry: Entry) => {
        zip.openReadStream(entry, (trouble, stream) => {
          if (trouble !== null) return reject(trouble)
          const parts: Buffer[] = []
          stream.on('data', (part: Buffer) => parts.push(part))
          stream.once('end', () => {
            files[entry.fileName] = Buffer.concat(parts)
            zip.readEntry()
          })
        })
      })
      zip.once('end', resolve)
      zip.once('error', reject)
      zip.readEntry()
    }),
  )
  return files
}

describe('results as one archive', () => {
  it('of a batch: every result as it is, below the folder of them all, of a length known beforehand', async () => {
    const { folder, batchId, get } = await converted(['a.wav', join('deeper', 'ü b.wav')])
    const answer = await get(`/archive/batch/${batchId}`)
    const archive = Buffer.from(await answer.arrayBuffer())
    expect([answer.status, answer.headers.get('content-type'), Number(answer.headers.get('content-length'))]).toEqual([
      200,
      'application/zip',
      archive.length,
    ])
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename=test.zip')
    expect(await unpacked(archive)).toEqual({
      'a.flac': await readFile(join(folder, 'a.flac')),
      'deeper/ü b.flac': await readFile(join(folder, 'deeper', 'ü b.flac')),
    })
  })

  it('of chosen jobs, with a word about those that are gone; of none that is left there is none', async () => {
    const { folder, ids, get } = await converted(['a.wav', 'b.wav', 'c.wav'])
    await rm(join(folder, 'a.flac'))
    const archive = Buffer.from(await (await get(`/archive/jobs/${ids[0]}-${ids[2]}-99999`)).arrayBuffer())
    const files = await unpacked(archive)
    expect(Object.keys(files).toSorted()).toEqual(['Not in here.txt', 'c.flac'])
    expect(files['Not in here.txt']?.toString()).toBe('These results are not there any more:\n\na.flac\n')
    expect((await get(`/archive/jobs/${ids[0]}`)).status).toBe(404)
  })

  it('tells in its head alone what it would be', async () => {
    const { ids, batchId, get } = await converted(['a.wav'])
    const head = await get(`/archive/batch/${batchId}`, 'HEAD')
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'application/zip', ''])
    expect((await get(`/output/${ids[0]}/0`, 'HEAD')).status).toBe(200)
    expect((await get('/archive/batch/99999', 'HEAD')).status).toBe(404)
  })

  it('is for those who have entered, and for addresses that make sense', async () => {
    const { scene, batchId, get } = await converted(['a.wav'])
    expect((await fetch(`${scene.origin}/archive/batch/${batchId}`)).status).toBe(401)
    for (const path of [
      '/archive/batch/',
      '/archive/jobs/1-',
      '/archive/jobs/1--2',
      '/archive/batch/1/../../x',
      `/archive/jobs/${'1-'.repeat(1001)}1`,
    ]) {
      expect([path.slice(0, 30), (await get(path)).status]).toEqual([path.slice(0, 30), 404])
    }
  })

  it('breaks off where a file has become another while it went over', async () => {
    const { scene, folder, batchId, cookie } = await converted(['a.wav', 'b.wav'])
    const bytes = 64 * 2 ** 20
    // Large enough that the transfer waits for its reader.
    await writeFile(join(folder, 'a.flac'), Buffer.alloc(bytes))
    const outcome = await new Promise<string>((resolve, reject) => {
      const path = `/archive/batch/${batchId}`
      const asked = request({ host: '127.0.0.1', port: scene.web.port, path, headers: { cookie } }, (response) => {
        response.on('error', () => {})
        response.once('close', () => resolve(response.complete ? 'whole' : 'broken'))
        response.once('readable', () => void truncate(join(folder, 'a.flac'), 1000).then(() => response.resume(), reject))
      })
      asked.on('error', reject)
      asked.end()
    })
    expect([outcome, (await stat(join(folder, 'a.flac'))).size]).toEqual(['broken', 1000])
  })
})

describe('names in an archive', () => {
  it.each([
    [['/x/a.mp3'], ['a.mp3']],
    [
      ['/x/y/a.mp3', '/x/z/a.mp3'],
      ['y/a.mp3', 'z/a.mp3'],
    ],
    [
      ['/x/a.mp3', '/x/A.mp3', '/x/a.mp3'],
      ['a.mp3', 'A (2).mp3', 'a (3).mp3'],
    ],
    [
      ['C:\\x\\a.b.mp3', 'C:\\x\\y\\noending'],
      ['a.b.mp3', 'y/noending'],
    ],
    [
      ['/i/9d0f3a52-6b1c-4c43-8a59-0d2f4b8f5c11/a.mp3', '/i/1d0f3a52-6b1c-4c43-8a59-0d2f4b8f5c11/a.mp3'],
      ['a.mp3', 'a (2).mp3'],
    ],
    [
      ['/x/.hidden', '/x/.hidden'],
      ['.hidden', '.hidden (2)'],
    ],
  ])('%j are %j', (paths, names) => {
    expect(namesIn(paths)).toEqual(names)
  })
})
