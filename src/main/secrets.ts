/**
 * Keys of online providers on the command line: from the environment, else from a private file in the data folder. Neither is ever
 * shown again. In the app the system’s key store seals them.
 */
import type { BigIntStats } from 'node:fs'
import { mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises'
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

/** All that there may be. @param hooks their ids. */
export function secretNames(hooks: readonly number[]): readonly SecretName[] {
  const ofProviders = providerIds.flatMap((id) => [id, `${id} webhook`] as const)
  return ['passwords', 'fleet machines', 'lending', ...ofProviders, ...hooks.map((id) => `hook ${id}` as const)]
}
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

/** A file with keys as it was read: `version` is another one as soon as anybody changes it. */
interface Read {
  readonly version: string
  readonly keys: Keys
  /** Unsealed so far. */
  readonly opened: Map<SecretName, string>
}

/**
 * Keys in a file that only its owner can read, each as its seal leaves it. It is read and unsealed once for each change of it: every
 * request to a provider asks for a key.
 *
 * @throws JobError `keys-unreadable` rather than lose any.
 */
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
    known = null
  }
  let known: Read | null = null
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other, so that none writes what it read before another's change. */
  const change = async (to: (keys: Keys) => Keys) => {
    const mine = last.then(async () => await write(to((await readKeys(path, log)).keys)))
    last = mine.catch(() => undefined)
    await mine
  }
  const current = async (): Promise<Read> => {
    const seen = known
    if (seen !== null && (await versionOf(path)) === seen.version) return seen
    return (known = { ...(await readKeys(path, log)), opened: new Map() })
  }
  const get = async (name: SecretName) => {
    const { keys, opened } = await current()
    const text = keys[name]
    if (text === undefined) return null
    const key = opened.get(name) ?? unseal(text)
    opened.set(name, key)
    return key
  }
  return {
    get,
    has: async (name) => (await get(name)) !== null,
    set: async (name, secret) => await change((keys) => ({ ...keys, [name]: seal(secret) })),
    forget: async (name) => {
      if ((await readKeys(path, log)).keys[name] !== undefined) await change(({ [name]: _, ...others }) => others)
    },
  }
}

const absent = { version: 'absent', keys: {} }

/** Its version is that of before it is read: a change meanwhile makes it another one. */
async function readKeys(path: string, log: Warn): Promise<Pick<Read, 'version' | 'keys'>> {
  try {
    const file = await open(path, 'r')
    try {
      const version = versionIn(await file.stat({ bigint: true }))
      const parsed = keysSchema.safeParse(jsonIn(await file.readFile('utf8')))
      await keepPrivate(file, path, log)
      if (parsed.success) return { version, keys: parsed.data }
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return absent
    throw new JobError('keys-unreadable', { path, reason: code ?? String(error) }, { cause: error })
  }
  throw new JobError('keys-unreadable', { path, because: 'damaged' })
}

/** Null where it is unknown. */
async function versionOf(path: string): Promise<string | null> {
  return await stat(path, { bigint: true }).then(versionIn, (error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? absent.version : null,
  )
}

function versionIn({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
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
