import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createReader, type Reader } from '../../../src/main/providers/local/reading/reader.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { fakeClock, type FakeClock } from '../../support/clock.ts'
import { mediaSource } from '../../support/media.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { never } from './machine.ts'

leavesNothingOpen()

function start(): { readonly reader: Reader; readonly clock: FakeClock } {
  const clock = fakeClock()
  const reader = createReader(clock)
  onTestFinished(async () => {
    await reader.stop()
    expect(clock.waiting()).toBe(0)
  })
  return { reader, clock }
}

const read = async (reader: Reader, path: string, signal = never) => {
  const { recognised } = await reader.ask<'read'>({ kind: 'read', path }, signal)
  return recognised.kind === 'format' ? recognised.format : null
}

describe('the reading thread', () => {
  it('answers each question with its own answer', async () => {
    const { reader } = start()
    const paths = await Promise.all((['wav', 'mp3', 'mp4', 'gif', 'flac'] as const).map(mediaSource))
    expect(await Promise.all(paths.map(async (path) => await read(reader, path)))).toEqual(['wav', 'mp3', 'mp4', 'gif', 'flac'])
  })

  it('is given up where a file takes too long, and that file alone is to blame', async () => {
    const { reader, clock } = start()
    const slow = read(reader, await mediaSource('wav'))
    const next = read(reader, await mediaSource('mp3'))
    slow.catch(() => undefined)
    clock.advance(20_000)
    await expect(slow).rejects.toMatchObject({
      failure: { code: 'source-damaged', facts: { because: 'timed-out', seconds: 20 } },
    })
    expect(await next).toBe('mp3')
  })

  it('forgets what nobody waits for', async () => {
    const { reader } = start()
    const ending = new AbortController()
    const first = read(reader, await mediaSource('wav'))
    const dropped = read(reader, await mediaSource('mp3'), ending.signal)
    ending.abort(new Error('no longer wanted'))
    await expect(dropped).rejects.toThrow('no longer wanted')
    expect(await first).toBe('wav')
  })

  it('writes nothing any more once it is said that nobody waits', async () => {
    const { reader } = start()
    const temp = join(await temporaryFolder(), 'song.ogg')
    const source = await mediaSource('ogg')
    await copyFile(source, temp)
    const ending = new AbortController()
    const written = reader.ask<'write tags'>(
      {
        ...{ kind: 'write tags', path: source, format: 'ogg', temp, target: 'ogg' },
        ...{ tags: [{ name: 'TITLE', values: ['Later'] }], chapters: [], pictures: {} },
        change: { options: {}, fromRate: null, toRate: null, lastsMs: null },
      },
      ending.signal,
    )
    ending.abort(new Error('cancelled'))
    await expect(written).rejects.toThrow('cancelled')
    expect(await read(reader, source)).toBe('ogg')
    expect((await readFile(temp)).equals(await readFile(source))).toBe(true)
  })

  it('says why a file cannot be read at all', async () => {
    const { reader } = start()
    await expect(read(reader, '/nowhere/song.mp3')).rejects.toMatchObject({
      failure: { code: 'source-damaged', facts: { path: '/nowhere/song.mp3', reason: expect.stringContaining('ENOENT') } },
    })
  })

  it('that is stopped leaves nobody waiting', async () => {
    const { reader } = start()
    const asked = [read(reader, await mediaSource('wav')), read(reader, await mediaSource('mp3'))]
    const settled = Promise.allSettled(asked)
    await reader.stop()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
