import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fetchedMs, note, placeIn, sweep, unfetchedMs } from '../../src/main/api/web/inbox.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue, sessionIn, watching } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { enter, webScene } from '../support/web.ts'

leavesNothingOpen()

const drop = '9d0f3a52-6b1c-4c43-8a59-0d2f4b8f5c11'
const later = (ms: number) => Date.now() + ms + 60_000

/** An inbox with a drop of one song. */
async function sent() {
  const home = await temporaryFolder()
  const { client } = await sessionIn(home, 'work')
  const inbox = join(home, 'inbox')
  const song = join(inbox, drop, 'Songs', 'a.wav')
  await mkdir(join(inbox, drop, 'Songs'), { recursive: true })
  await writeTone(song, 0.2)
  await note(inbox, 'sent', song)
  return { inbox, client, song, left: async () => (await readdir(inbox)).toSorted() }
}

describe('what a browser has sent', () => {
  it('goes when nothing has happened with it for a week', async () => {
    const { inbox, client, left } = await sent()
    await sweep(inbox, client, later(fetchedMs - 120_000))
    expect(await left()).toEqual([`.${drop}`, drop])
    await sweep(inbox, client, later(fetchedMs))
    expect(await left()).toEqual([])
  })

  it('stays a month with a result that nobody fetched, and a week from the fetching on', async () => {
    const { inbox, client, song, left } = await sent()
    const until = await watching(client)
    await queue(client, [song])
    await until(({ state }) => state.phase === 'done')
    await sweep(inbox, client, later(fetchedMs))
    expect(await left()).toEqual([`.${drop}`, drop])
    await note(inbox, 'fetched', song.replace('.wav', '.flac'))
    await sweep(inbox, client, later(fetchedMs))
    expect(await left()).toEqual([])
  })

  it('goes after a month all the same', async () => {
    const { inbox, client, left } = await sent()
    await writeFile(join(inbox, drop, 'a result.mp3'), 'never fetched')
    await sweep(inbox, client, later(unfetchedMs - 120_000))
    expect(await left()).toEqual([`.${drop}`, drop])
    await sweep(inbox, client, later(unfetchedMs))
    expect(await left()).toEqual([])
  })

  it('stays as long as a job in the queue needs it, and a week from then on', async () => {
    const { inbox, client, song, left } = await sent()
    await client.queue.pause()
    await queue(client, [song])
    await sweep(inbox, client, later(unfetchedMs))
    expect(await left()).toEqual([`.${drop}`, drop])
    await client.jobs.cancel({ kind: 'all' })
    await sweep(inbox, client, later(unfetchedMs + fetchedMs / 2))
    expect(await left()).toEqual([`.${drop}`, drop])
    await sweep(inbox, client, later(unfetchedMs + fetchedMs))
    expect(await left()).toEqual([])
  })

  it('is noted where a page sends and fetches it, whole and not in part', async () => {
    const scene = await webScene()
    const { client } = scene.session
    const cookie = await enter(scene)
    const source = await temporaryFolder()
    await writeTone(join(source, 'a.wav'), 0.2)
    const body = await readFile(join(source, 'a.wav'))
    const put = await fetch(`${scene.origin}/inbox/${drop}/a.wav`, { method: 'PUT', body, headers: { cookie } })
    const { path } = (await put.json()) as { path: string }
    const until = await watching(client)
    await queue(client, [path])
    const { id } = await until(({ state }) => state.phase === 'done')
    const inbox = join(scene.home, 'inbox')
    await fetch(`${scene.origin}/output/${id}/0`, { method: 'HEAD', headers: { cookie } })
    await sweep(inbox, client, later(fetchedMs))
    expect(await readdir(inbox)).toContain(drop)
    await (await fetch(`${scene.origin}/archive/jobs/${id}`, { headers: { cookie } })).arrayBuffer()
    // It is noted once the last byte has left, which a page may see a moment earlier.
    await expect
      .poll(async () => {
        await sweep(inbox, client, later(fetchedMs))
        return await readdir(inbox)
      })
      .toEqual([])
  })

  it('goes, although a file of it, or of another drop, vanishes while it is looked through', async () => {
    const { inbox, client, left } = await sent()
    await mkdir(join(inbox, 'another-drop'))
    for (const name of ['one.part', 'two.part']) await writeFile(join(inbox, 'another-drop', name), '')
    // As when an upload breaks off between the listing and the look.
    const lstatOnce = async (path: string) => {
      if (path.endsWith('.part')) await rm(path, { force: true })
      return await lstat(path)
    }
    await sweep(inbox, client, later(unfetchedMs), { lstat: lstatOnce })
    expect(await left()).toEqual([])
  })

  it('goes, although another drop cannot be looked through', async () => {
    const { inbox, client, left } = await sent()
    await mkdir(join(inbox, 'another-drop'))
    const failing = async (path: string) => {
      if (path.endsWith('another-drop')) throw Object.assign(new Error('I/O error'), { code: 'EIO' })
      return await lstat(path)
    }
    const trouble: unknown[] = []
    await sweep(inbox, client, later(unfetchedMs), { lstat: failing, onTrouble: (which) => trouble.push(which) })
    expect({ left: await left(), trouble }).toEqual({ left: ['another-drop'], trouble: ['another-drop'] })
  })

  it.each([
    { path: 'C:\\data\\inbox\\drop-0001\\Songs\\a.wav', is: { drop: 'drop-0001', file: 'Songs/a.wav' } },
    { path: 'C:\\data\\inbox\\drop-0001', is: null },
    { path: 'C:\\data\\inbox', is: null },
    { path: 'C:\\data\\elsewhere\\a.wav', is: null },
    { path: 'D:\\Music\\a.wav', is: null },
    { path: '\\\\server\\share\\a.wav', is: null },
  ])('is told from other files on Windows: $path', ({ path, is }) => {
    expect(placeIn('C:\\data\\inbox', path, win32)).toEqual(is)
  })

  it('is all that goes: other files of the data folder, and results elsewhere, are no business of it', async () => {
    const { inbox, client } = await sent()
    await note(inbox, 'fetched', '/somewhere/else/a.mp3')
    await note(inbox, 'fetched', join(inbox, 'a file'))
    await writeFile(join(inbox, 'a file'), '')
    await sweep(inbox, client, later(unfetchedMs))
    expect(await readdir(inbox)).toEqual(['a file'])
    await sweep(join(inbox, 'nowhere'), client, later(unfetchedMs))
  })
})
