import { truncate, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue, watching } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { enter, webScene } from '../support/web.ts'

leavesNothingOpen()

/** A converted tone, and a page that asks for it over a connection that stays open. */
async function converted() {
  const scene = await webScene()
  const folder = await temporaryFolder()
  await writeTone(join(folder, 'a.wav'), 0.1)
  const { client } = scene.session
  const until = await watching(client)
  await queue(client, [join(folder, 'a.wav')])
  const { id } = await until(({ state }) => state.phase === 'done')
  const cookie = await enter(scene)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const fetched = async (whileItGoesOver: () => Promise<void> = async () => {}) =>
    await new Promise<{ readonly end: 'whole' | 'broken'; readonly bytes: number }>((resolve, reject) => {
      const path = `/output/${id}/0`
      const asked = request({ host: '127.0.0.1', port: scene.web.port, path, headers: { cookie }, agent }, (response) => {
        let bytes = 0
        response.on('error', () => {})
        response.once('close', () => resolve({ end: response.complete ? 'whole' : 'broken', bytes }))
        response.once('readable', () => {
          whileItGoesOver().then(() => response.on('data', (part: Buffer) => (bytes += part.length)), reject)
        })
      })
      asked.on('error', reject)
      asked.end()
    })
  return { output: join(folder, 'a.flac'), fetched, scene }
}

describe('a result that a page fetches', () => {
  it('is cut off, and not ended short, where it shrinks while it goes over', async () => {
    const { output, fetched } = await converted()
    // Large enough that the transfer waits for its reader.
    await writeFile(output, Buffer.alloc(64 * 2 ** 20))
    expect(await fetched(async () => await truncate(output, 1000))).toMatchObject({ end: 'broken' })
    expect(await fetched()).toEqual({ end: 'whole', bytes: 1000 })
  })

  it('is whole, and no longer than it said, where it grows while it goes over', async () => {
    const { output, fetched } = await converted()
    await writeFile(output, '')
    expect(await fetched(async () => await writeFile(output, 'more'))).toEqual({ end: 'whole', bytes: 0 })
    await writeFile(output, Buffer.alloc(64 * 2 ** 20))
    expect(await fetched(async () => await truncate(output, 65 * 2 ** 20))).toEqual({ end: 'whole', bytes: 64 * 2 ** 20 })
  })
})
