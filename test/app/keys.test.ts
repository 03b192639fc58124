import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemSecrets } from '../../src/main/app/keys.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { toFailure } from '../../src/shared/failure.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { standIn, type StandIn } from './stand-in.ts'

async function scene(keyStore: StandIn['keyStore'], platform: NodeJS.Platform = 'linux', env = {}) {
  const home = await temporaryFolder()
  const desk = standIn()
  desk.keyStore = keyStore
  return { home, desk, secrets: systemSecrets(desk.shell, { home, env, platform, log: testLog }) }
}

describe('keys in the system’s key store', () => {
  it('are kept sealed, in a file of their owner, and can be taken back', async () => {
    const { home, secrets } = await scene('gnome_libsecret')
    await secrets.set('xconvert', 'secret-key')
    expect([await secrets.get('xconvert'), await secrets.has('musicgpt')]).toEqual(['secret-key', false])
    const path = join(home, 'keys-sealed.json')
    expect(await readFile(path, 'utf8')).not.toContain('secret-key')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await secrets.forget('xconvert')
    expect(await secrets.has('xconvert')).toBe(false)
  })

  it.each([['none'], ['basic_text']] as const)(
    'where there is none (%s) a key is refused with the reason, and not written anywhere',
    async (keyStore) => {
      const { home, secrets } = await scene(keyStore)
      const failure = await secrets.set('xconvert', 'secret-key').then(() => null, toFailure)
      expect(failure).toMatchObject({ code: 'not-possible', facts: { because: 'no-key-store' } })
      expect(await secrets.has('xconvert')).toBe(false)
      await expect(stat(join(home, 'keys-sealed.json'))).rejects.toThrow('ENOENT')
      await expect(stat(join(home, 'keys.json'))).rejects.toThrow('ENOENT')
    },
  )

  it('the backend is a question of Linux alone', async () => {
    const { secrets } = await scene('basic_text', 'win32')
    await secrets.set('xconvert', 'secret-key')
    expect(await secrets.get('xconvert')).toBe('secret-key')
  })

  it('what the command line keeps counts, until the app seals it; a key in the environment comes first', async () => {
    const { home, secrets, desk } = await scene('gnome_libsecret')
    await fileSecrets(home, {}).set('musicgpt', 'from-the-file')
    expect(await secrets.get('musicgpt')).toBe('from-the-file')
    await secrets.set('musicgpt', 'sealed')
    expect([await secrets.get('musicgpt'), await fileSecrets(home, {}).has('musicgpt')]).toEqual(['sealed', false])
    const given = systemSecrets(desk.shell, { home, env: { BESIDE_KEY_MUSICGPT: 'given' }, platform: 'linux', log: testLog })
    expect(await given.get('musicgpt')).toBe('given')
  })

  it('a store that is locked now has no key, and keeps what it has', async () => {
    const { secrets, desk } = await scene('gnome_libsecret')
    await secrets.set('xconvert', 'secret-key')
    desk.keyStore = 'none'
    expect(await secrets.get('xconvert')).toBe(null)
    desk.keyStore = 'gnome_libsecret'
    expect(await secrets.get('xconvert')).toBe('secret-key')
  })
})
