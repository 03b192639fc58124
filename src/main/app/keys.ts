/**
 * Keys of online providers in the desktop app: sealed by the system's key store (Keychain, DPAPI, libsecret or KWallet). Where there is
 * none, Electron would only scramble them; such a key is refused with the reason. What the command line keeps in its private file counts too.
 * Alone because it is the only module that sees a key in the clear.
 */
import { join } from 'node:path'
import type { Log, Secrets } from '../engine/ports.ts'
import type { Detail } from '../../shared/details.ts'
import { JobError } from '../../shared/failure.ts'
import { fileSecrets, keptKeys, keyInEnvironment } from '../secrets.ts'
import type { Shell } from './shell.ts'

export interface KeyOptions {
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly log: Pick<Log, 'warn'>
}

export function systemSecrets({ safeStorage }: Pick<Shell, 'safeStorage'>, { home, env, platform, log }: KeyOptions): Secrets {
  const hasKeyStore = () =>
    safeStorage.isEncryptionAvailable() &&
    (platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend()))
  const byKeyStore = {
    seal: (key: string) => safeStorage.encryptString(key).toString('base64'),
    open: (text: string) => safeStorage.decryptString(Buffer.from(text, 'base64')),
  }
  const sealed = keptKeys(join(home, 'keys-sealed.json'), byKeyStore, log)
  const plain = fileSecrets(home, {}, log)
  const get: Secrets['get'] = async (provider) => {
    const given = keyInEnvironment(env, provider)
    if (given !== null) return given
    // A store that is locked, or another user's, opens nothing; the key then counts as not there.
    const own = hasKeyStore() ? await sealed.get(provider).catch(() => null) : null
    return own ?? (await plain.get(provider))
  }
  return {
    get,
    has: async (provider) => (await get(provider)) !== null,
    set: async (provider, key) => {
      if (!hasKeyStore()) throw new JobError('not-possible', { because: noKeyStore[platform] ?? 'no-key-store' })
      await sealed.set(provider, key)
      await plain.forget(provider)
    },
    forget: async (provider) => {
      await sealed.forget(provider)
      await plain.forget(provider)
    },
  }
}

const noKeyStore: Readonly<Partial<Record<NodeJS.Platform, Detail>>> = {
  darwin: 'keychain-locked',
  win32: 'no-data-protection',
}
