import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileSecrets, keptKeys, secretNames as namesWith } from '../src/main/secrets.ts'
import { outputsOf, testBeside } from './support/beside.ts'
import { temporaryFolder } from './support/folder.ts'
import { writeTone } from './support/tone.ts'

const secretNames = namesWith([1, 12])

async function scene() {
  const home = await temporaryFolder()
  const warned: string[] = []
  const secrets = fileSecrets(home, {}, { warn: (text) => void warned.push(text) })
  return { path: join(home, 'keys.json'), secrets, warned }
}

const unreadable = (path: string) => ({ failure: { code: 'keys-unreadable', facts: { path } } })

describe('keys in a file of their own', () => {
  it('are all kept, however many come at once', async () => {
    const { secrets } = await scene()
    await Promise.all(secretNames.map(async (name) => await secrets.set(name, `of ${name}`)))
    const kept = await Promise.all(secretNames.map(async (name) => await secrets.get(name)))
    expect(kept).toEqual(secretNames.map((name) => `of ${name}`))
    await Promise.all([secrets.forget('xconvert'), secrets.set('musicgpt', 'another'), secrets.forget('converso')])
    expect(await Promise.all(secretNames.map(async (name) => await secrets.has(name)))).toEqual(
      secretNames.map((name) => name !== 'xconvert' && name !== 'converso'),
    )
  })

  it('are read and unsealed once, however often they are asked for, and again as soon as anybody has changed them', async () => {
    const path = join(await temporaryFolder(), 'keys.json')
    const opened: string[] = []
    const open = (text: string) => {
      opened.push(text)
      return text.toUpperCase()
    }
    const secrets = keptKeys(path, { seal: (key) => key.toLowerCase(), open }, { warn: () => {} })
    const nobody = await secrets.get('xconvert')
    await secrets.set('xconvert', 'ONE')
    const own = [await secrets.get('xconvert'), await secrets.get('xconvert'), await secrets.has('xconvert')]
    await writeFile(path, '{"xconvert": "two"}')
    const others = [await secrets.get('xconvert'), await secrets.get('xconvert')]
    await rm(path)
    const gone = await secrets.get('xconvert')
    expect({ nobody, own, others, gone, opened }).toEqual({
      nobody: null,
      own: ['ONE', 'ONE', true],
      others: ['TWO', 'TWO'],
      gone: null,
      opened: ['one', 'two'],
    })
  })

  it.each([
    ['cut off', '{"xconvert": "a k'],
    ['odd in one place', '{"xconvert": "a key", "musicgpt": 7}'],
    ['empty', ''],
  ])('in a file that is %s are neither taken for none nor written over', async (_, text) => {
    const { path, secrets } = await scene()
    await writeFile(path, text, { mode: 0o600 })
    await expect(secrets.get('xconvert')).rejects.toMatchObject(unreadable(path))
    await expect(secrets.set('converso', 'new')).rejects.toMatchObject(unreadable(path))
    await expect(secrets.forget('xconvert')).rejects.toMatchObject(unreadable(path))
    expect(await readFile(path, 'utf8')).toBe(text)
    await rm(path)
    await secrets.set('converso', 'new')
    expect([await secrets.get('xconvert'), await secrets.get('converso')]).toEqual([null, 'new'])
  })

  it('in a file that cannot be read are not taken for none either, and nothing else stops for them', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'beside-home', 'keys.json')
    await mkdir(path, { recursive: true })
    const { engine, convert } = await testBeside(folder)
    const song = join(folder, 'song.wav')
    await writeTone(song, 1)
    const here = await convert([song], 'flac')
    expect(here.jobs.flatMap(outputsOf)).toEqual([join(folder, 'song.flac')])
    await engine.providers.set({ id: 'xconvert', enabled: true })
    await expect(engine.providers.setKey('xconvert', 'new')).rejects.toMatchObject(unreadable(path))
    const { unready, hasKey } = (await engine.providers.list()).find(({ id }) => id === 'xconvert') ?? {}
    expect([unready?.code, hasKey]).toEqual(['keys-unreadable', false])
    const there = await convert([song], 'mp3', { with: 'xconvert' })
    expect([there.jobs.length, ...there.refused.map(({ why }) => why.code)]).toEqual([0, 'keys-unreadable'])
  })

  it('of providers that only another Beside knows stay', async () => {
    const { path, secrets } = await scene()
    await writeFile(path, '{"later": "its key"}', { mode: 0o600 })
    await secrets.set('xconvert', 'new')
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ later: 'its key', xconvert: 'new' })
  })

  it.skipIf(process.platform === 'win32')('that others could read are closed to them, and the log says so', async () => {
    const { path, secrets, warned } = await scene()
    await writeFile(path, '{"xconvert": "a key"}', { mode: 0o644 })
    expect([await secrets.get('xconvert'), (await stat(path)).mode & 0o777]).toEqual(['a key', 0o600])
    await secrets.get('xconvert')
    expect(warned).toEqual(['others could read the file with the keys; that is mended'])
  })
})
