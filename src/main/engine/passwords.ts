/**
 * Passwords in options, as an order keeps them: sealed by a key that lies with the keys of providers. What is stored, sent to a window, printed or
 * logged is the sealed text; it is opened where a provider is given its order, and nowhere else. The same password is sealed to the same text,
 * so that the same request twice is still known as one.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { JobError } from '../../shared/failure.ts'
import { optionTable, type OptionName, type Options, type OptionValue } from '../../shared/options.ts'
import type { Random, Secrets } from './ports.ts'

export interface Passwords {
  /** What is sealed already stays as it is. */
  seal(options: Options): Promise<Options>
  /** @throws JobError `source-unreadable` where the key that sealed it is gone. */
  open(options: Options): Promise<Options>
}

const prefix = 'sealed:'
const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

export function createPasswords(secrets: Pick<Secrets, 'get' | 'set'>, random: Pick<Random, 'key'>): Passwords {
  let kept: Promise<Buffer> | null = null

  /** Where no key can be stored it lasts as long as this process; what it sealed has to be asked for again. */
  async function findKey(isMade: boolean): Promise<Buffer | null> {
    if (kept !== null) return await kept
    const found = await secrets.get('passwords').catch(() => null)
    if (found === null && !isMade) return null
    const key = found ?? random.key() + random.key()
    kept = Promise.resolve(createHmac('sha256', 'Beside passwords').update(key).digest())
    if (found === null) await secrets.set('passwords', key).catch(() => undefined)
    return await kept
  }

  async function sealed(password: string): Promise<string> {
    const key = await findKey(true)
    if (key === null || (password.startsWith(prefix) && unsealed(password, key) !== null)) return password
    // Of the password itself: the same text twice, and never the same beginning for two.
    const iv = createHmac('sha256', key).update(password).digest().subarray(0, ivBytes)
    const cipher = createCipheriv(algorithm, key, iv)
    const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()])
    return prefix + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
  }

  async function opened(text: string): Promise<string> {
    if (!text.startsWith(prefix)) return text
    const key = await findKey(false)
    const found = key === null ? null : unsealed(text, key)
    if (found === null) throw new JobError('source-unreadable', { because: 'password' })
    return found
  }

  return {
    seal: async (options) => await mapSecrets(options, sealed),
    open: async (options) => await mapSecrets(options, opened),
  }
}

/** Null: it was sealed by another key, or only looks as if it were sealed. */
function unsealed(text: string, key: Buffer): string | null {
  const bytes = Buffer.from(text.slice(prefix.length), 'base64url')
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes))
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

/** The very same options where nothing in them is secret. */
async function mapSecrets(options: Options, change: (secret: string) => Promise<string>): Promise<Options> {
  const found = (Object.entries(options) as [OptionName, OptionValue][]).filter(([name]) => optionTable[name].kind === 'secret')
  if (found.length === 0) return options
  const changed = await Promise.all(found.map(async ([name, value]) => [name, await change(String(value))] as const))
  return { ...options, ...Object.fromEntries(changed) }
}
