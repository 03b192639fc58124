/**
 * Keys of online providers on the command line: from the environment, else from a private file in the data folder. Neither is ever
 * shown again. In the app the system’s key store seals them.
 */
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import type { Log, SecretName, Secrets } from './engine/ports.ts'
import { JobError } from '../shared/failure.ts'
import { providerIds } from '../shared/job.ts'

const variables: Readonly<Partial<Record<SecretName, string>>> = {
  xconvert: 'BESIDE_KEY_XCONVERT',
  musicgpt: 'BESIDE_KEY_MUSICGPT',
  'converter-app': 'BESIDE_KEY_CONVERTER_APP',
  converso: 'BESIDE_KEY_CONVERSO',
}

export const secretNames: readonly SecretName[] = providerIds.flatMap((id) => [id, `${id} webhook`] as const)
/** Names that this Beside does not know are another's, and stay. */
const keysSchema = z.record(z.string(), z.string())
type Keys = z.infer<typeof keysSchema>

/** What a key looks like in its file. */
export interface Seal {
  seal(key: string): string
  open(text: string): string
}

const unsealed: Seal = { seal: (key) => key, open: (text) => text }

type Warn = Pick<Log, 'warn'>
const silent: Warn = { warn: () => {} }

/** Keys in a file that only its owner can read, each as its seal leaves it. @throws JobError `keys-unreadable` rather than lose any. */
export function keptKeys(path: string, { seal, open: unseal }: Seal, log: Warn): Secrets {
  const write = async (keys: Keys) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    // Under another name first: a crash leaves the old keys or the new ones, and at no time may others read them.
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.chmod(0o600)
      await file.writeFile(`${JSON.stringify(keys, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  }
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other, so that none writes what it read before another's change. */
  const change = async (to: (keys: Keys) => Keys) => {
    const mine = last.then(async () => await write(to(await keysIn(path, log))))
    last = mine.catch(() => undefined)
    await mine
  }
  const get = async (name: SecretName) => {
    const text = (await keysIn(path, log))[name]
    return text === undefined ? null : unseal(text)
  }
  return {
    get,
    has: async (name) => (await get(name)) !== null,
    set: async (name, secret) => await change((keys) => ({ ...keys, [name]: seal(secret) })),
    forget: async (name) => {
      if ((await keysIn(path, log))[name] !== undefined) await change(({ [name]: _, ...others }) => others)
    },
  }
}

async function keysIn(path: string, log: Warn): Promise<Keys> {
  try {
    const file = await open(path, 'r')
    try {
      const parsed = keysSchema.safeParse(jsonIn(await file.readFile('utf8')))
      await keepPrivate(file, path, log)
      if (parsed.success) return parsed.data
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw new JobError('keys-unreadable', { path, reason: code ?? String(error) }, { cause: error })
  }
  throw new JobError('keys-unreadable', { path, reason: 'it is damaged' })
}

/** Windows knows no such bits: there the folder of the user's profile keeps others out. */
async function keepPrivate(file: FileHandle, path: string, log: Warn): Promise<void> {
  if (process.platform === 'win32' || ((await file.stat()).mode & 0o077) === 0) return
  const trouble = await file.chmod(0o600).then(() => null, String)
  const text =
    trouble === null ? 'others could read the file with the keys; that is mended' : 'others can read the file with the keys'
  log.warn(text, { path, ...(trouble === null ? {} : { trouble }) })
}

export function keyInEnvironment(env: Readonly<Record<string, string | undefined>>, name: SecretName): string | null {
  const variable = variables[name]
  const key = variable === undefined ? '' : (env[variable] ?? '').trim()
  return key === '' ? null : key
}

export function fileSecrets(home: string, env: Readonly<Record<string, string | undefined>>, log = silent): Secrets {
  const kept = keptKeys(join(home, 'keys.json'), unsealed, log)
  const get = async (name: SecretName) => keyInEnvironment(env, name) ?? (await kept.get(name))
  return { ...kept, get, has: async (name) => (await get(name)) !== null }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
