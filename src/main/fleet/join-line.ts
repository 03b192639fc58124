/**
 * The line by which a machine joins: whose fleet it is, where the shared queue is, and the key.
 * `beside://1a2b3c@nas:5432/beside?sslmode=require#KEY`, which is all that a person copies from one machine to the other.
 */
import { JobError } from '../../shared/failure.ts'
import { fileParameters } from './connection.ts'

/**
 * The role that machines log in as: it may use the two schemas and nothing else. Each head has one of its own, so that none takes away the
 * key that another has given out: roles are those of a whole server.
 * @param tag of the head's data folder.
 */
export function machineRole(tag: string): string {
  return `beside_machine_${tag}`
}

export interface Joining {
  /** As `BrokerOptions.address` has it. */
  readonly address: string
  readonly key: string
}

/** @param address of the queue, as the head reaches it; its user is left out, and so are files, which other machines have elsewhere. */
export function joinLine(address: string, tag: string, key: string): string {
  const url = new URL(address)
  for (const name of fileParameters) url.searchParams.delete(name)
  return `beside://${tag}@${url.host}${url.pathname}${url.search}#${encodeURIComponent(key)}`
}

/** @throws JobError `usage` where it is no such line. */
export function parseJoinLine(text: string): Joining {
  const found = /^beside:\/\/([0-9a-f]{6})@([^/?#@\s]+)(\/[^?#\s]+)(\?[^#\s]*)?#(\S+)$/.exec(text.trim())
  const [, tag, host, path, search = '', key] = found ?? []
  if (tag === undefined || host === undefined || path === undefined || key === undefined)
    throw new JobError('usage', { because: 'join-line' })
  try {
    return { address: new URL(`postgres://${machineRole(tag)}@${host}${path}${search}`).href, key: decodeURIComponent(key) }
  } catch (error) {
    throw new JobError('usage', { because: 'join-line' }, { cause: error })
  }
}

/** The address of a queue as a person wrote it, and the password that was in it. @throws JobError `usage`. */
export function parseAddress(text: string): { readonly address: string; readonly password: string } {
  if (!URL.canParse(text)) throw new JobError('usage', { because: 'queue-address' })
  const url = new URL(text)
  if (!/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '' || url.pathname.length < 2)
    throw new JobError('usage', { because: 'queue-address' })
  const password = decodeURIComponent(url.password)
  url.password = ''
  return { address: url.href, password }
}
