/**
 * Addresses that a provider is to fetch for itself. From where it stands it sees no private network and holds no password, and says so
 * only after the job was made (and perhaps paid): so what cannot work is refused before anything is sent.
 */
import { isIP } from 'node:net'
import { JobError, failure, type Failure } from '../../../shared/failure.ts'
import { bareHost, isLoopback, isPrivateIp } from './address.ts'

/** Endings of names that mean something only inside one network. */
const inner = /\.(local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/

export interface SourceRules {
  readonly provider: string
  /** Where the provider is; one on this machine (a test) may fetch from this machine. */
  readonly base: URL
  /** Characters; null where no limit is known. */
  readonly longest: number | null
}

/** `source-not-public` with the reason, or null. */
export function unreachable(address: string, { provider, base, longest }: SourceRules): Failure | null {
  const reason = troubleWith(address, longest, isLoopback(base))
  return reason === null ? null : failure('source-not-public', { provider, reason })
}

/** @throws JobError `source-not-public`. */
export function assertPublicSource(address: string, rules: SourceRules): void {
  const trouble = unreachable(address, rules)
  if (trouble !== null) throw new JobError(trouble.code, trouble.facts)
}

function troubleWith(address: string, longest: number | null, isHere: boolean): string | null {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return 'only http and https addresses'
  if (longest !== null && address.length > longest) return `the address has ${address.length} characters; it takes ${longest}`
  if (url.username !== '' || url.password !== '') return 'the address holds a password'
  if (isHere) return null
  const host = bareHost(url).replace(/\.$/, '')
  const isInner = isIP(host) === 0 ? isLoopback(url) || !host.includes('.') || inner.test(host) : isPrivateIp(host)
  return isInner ? 'the address leads into a private network' : null
}
