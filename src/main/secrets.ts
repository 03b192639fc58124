/**
 * Keys of online providers on the command line: from the environment, else from a private file in the data folder. Neither is ever
 * shown again. In the app the system’s key store seals them.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import type { SecretName, Secrets } from './engine/ports.ts'
import { providerIds } from '../shared/job.ts'

const variables: Readonly<Partial<Record<SecretName, string>>> = {
  xconvert: 'BESIDE_KEY_XCONVERT',
  musicgpt: 'BESIDE_KEY_MUSICGPT',
  'converter-app': 'BESIDE_KEY_CONVERTER_APP',
  converso: 'BESIDE_KEY_CONVERSO',
}

export const secretNames: readonly SecretName[] = providerIds.flatMap((id) => [id, `${id} webhook`] as const)
const keysSchema = z.partialRecord(z.enum(secretNames), z.string())

/** What a key looks like in its file. */
export interface Seal {
  seal(key: string): string
  open(text: string): string
}

const unsealed: Seal = { seal: (key) => key, open: (text) => text }

/** Keys in a file that only its owner can read, each as its seal leaves it. */
export function keptKeys(path: string, { seal, open: unseal }: Seal): Secrets {
  const read = async () => {
    const text = await readFile(path, 'utf8').catch(() => '{}')
    const parsed = keysSchema.safeParse(jsonIn(text))
    return parsed.success ? parsed.data : {}
  }
  const write = async (keys: z.infer<typeof keysSchema>) => {
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
  const get = async (name: SecretName) => {
    const text = (await read())[name]
    return text === undefined ? null : unseal(text)
  }
  return {
    get,
    has: async (name) => (await get(name)) !== null,
    set: async (name, secret) => await write({ ...(await read()), [name]: seal(secret) }),
    forget: async (name) => {
      const { [name]: old, ...others } = await read()
      if (old !== undefined) await write(others)
    },
  }
}

export function keyInEnvironment(env: Readonly<Record<string, string | undefined>>, name: SecretName): string | null {
  const variable = variables[name]
  const key = variable === undefined ? '' : (env[variable] ?? '').trim()
  return key === '' ? null : key
}

export function fileSecrets(home: string, env: Readonly<Record<string, string | undefined>>): Secrets {
  const kept = keptKeys(join(home, 'keys.json'), unsealed)
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
