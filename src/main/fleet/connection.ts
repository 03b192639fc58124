/**
 * The way to PostgreSQL: what an address says of encryption, and what the errors of the driver mean to people. Apart, since the driver
 * reads `sslmode` otherwise than PostgreSQL does.
 *
 *   sslmode          encrypted   with whom
 *   disable          no          whoever answers
 *   none, prefer     if offered  whoever answers; with a file named, as verify-full
 *   require          yes         whoever answers; as verify-ca where `sslrootcert` is given
 *   verify-ca        yes         whoever has a certificate of somebody that this machine trusts, or of `sslrootcert`
 *   verify-full      yes         the same, for the very host of the address
 */
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Detail } from '../../shared/details.ts'
import { failure, JobError, type Failure } from '../../shared/failure.ts'

interface Connection {
  readonly connectionString: string
  /** In milliseconds. */
  readonly query_timeout: number
  readonly ssl: ConnectionOptions | false
}

/** Files of this machine that an address may name, by what they are for. */
const files = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const
type FileParameter = keyof typeof files
export const fileParameters = Object.keys(files) as readonly FileParameter[]

/** @throws JobError `usage` where `sslmode` is none of them, `queue-refused` where a file cannot be read. */
export async function connectionTo(address: string, password: string): Promise<Connection> {
  const url = new URL(address)
  url.password = password
  const mode = url.searchParams.get('sslmode')
  const read = await filesOf(url)
  // What is left of it would overrule what is said here.
  for (const name of ['sslmode', ...fileParameters]) url.searchParams.delete(name)
  const at = { connectionString: url.href, query_timeout: answerMs }
  switch (mode) {
    case null:
    case 'prefer':
      if (Object.keys(read).length > 0) return { ...at, ssl: read }
      return { ...at, ssl: (await offersEncryption(url)) && { rejectUnauthorized: false } }
    case 'disable':
      return { ...at, ssl: false }
    case 'require':
      return { ...at, ssl: read.ca === undefined ? { ...read, rejectUnauthorized: false } : { ...read, ...ofAnyHost } }
    case 'verify-ca':
      return { ...at, ssl: { ...read, ...ofAnyHost } }
    case 'verify-full':
      return { ...at, ssl: read }
    default:
      throw new JobError('usage', { because: 'encryption-mode', value: mode })
  }
}

/** Whoever is cut off hears nothing for many minutes otherwise, not even that he is. */
const answerMs = 30_000

/** By PostgreSQL's own question, before anything else is said: one byte answers. Whoever does not answer is not reached by the driver either. */
async function offersEncryption({ hostname, port }: URL): Promise<boolean> {
  const socket = connect({ host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? 5432 : Number(port), timeout: offerMs })
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => socket.write(sslRequest))
      socket.once('data', (bytes) => resolve(bytes[0] === 'S'.charCodeAt(0)))
      for (const end of ['error', 'close', 'timeout'] as const) socket.once(end, () => resolve(false))
    })
  } finally {
    socket.destroy()
  }
}

const offerMs = 5_000
/** Its length and its number, https://www.postgresql.org/docs/current/protocol-message-formats.html. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

const ofAnyHost = { checkServerIdentity: () => undefined }

async function filesOf({ searchParams }: URL): Promise<Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>> {
  const read: Partial<Record<(typeof files)[FileParameter], string>> = {}
  for (const name of fileParameters) {
    const path = searchParams.get(name)
    if (path === null) continue
    read[files[name]] = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new JobError('queue-refused', { because: 'certificate-unreadable', path }, { cause: error })
    })
  }
  return read
}

/** Classes of PostgreSQL's errors by which it does not let somebody in. */
const noEntry: ReadonlySet<string> = new Set(['28P01', '28000', '3D000', '42501'])

/** By the codes of Node and OpenSSL; what is not here is no trouble with a certificate. */
const certificateTroubles: Readonly<Partial<Record<string, Detail>>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate-untrusted',
  CERT_UNTRUSTED: 'certificate-untrusted',
  CERT_REJECTED: 'certificate-untrusted',
  INVALID_CA: 'certificate-untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-of-another',
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-expired',
}

/** What the driver has thrown, as a failure: `queue-refused` where somebody has to do something about it, otherwise `queue-away`. */
export function queueFailure(error: unknown): Failure {
  if (error instanceof JobError) return error.failure
  const { code } = error as { readonly code?: unknown }
  const reason = messageOf(error)
  const because = typeof code === 'string' ? certificateTroubles[code] : undefined
  if (because !== undefined) return failure('queue-refused', { because, reason })
  if (reason.includes(unencrypted)) return failure('queue-refused', { because: 'not-encrypted' })
  return failure(typeof code === 'string' && noEntry.has(code) ? 'queue-refused' : 'queue-away', { reason })
}

/** The driver has no code for it. */
const unencrypted = 'server does not support SSL'

/** Never with the address, which has the password. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return (error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error)).replaceAll(
    /postgres(ql)?:\/\/\S+/g,
    'postgres://…',
  )
}
