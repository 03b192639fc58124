/**
 * Which addresses may be talked to. A base address is the user's own choice: https, or loopback. Addresses that come in an answer
 * come from outside: http(s) only, and none that leads into this machine or its network, neither by name nor after its resolution.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { type Failure, failure, JobError } from '../../../shared/failure.ts'

const privateRanges = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv4')
}
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv6')
}

/** Loopback, private, link-local, multicast, reserved and translated addresses. Whatever is no IP address counts as private. */
export function isPrivateIp(ip: string): boolean {
  const version = isIP(ip)
  if (version === 0) return true
  // The list knows IPv4-mapped IPv6 addresses by their IPv4 part.
  return privateRanges.check(ip, version === 4 ? 'ipv4' : 'ipv6')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

export function isLoopback(url: URL): boolean {
  const host = bareHost(url)
  const version = isIP(host)
  if (version === 0) return host === 'localhost' || host.endsWith('.localhost')
  return loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** The base address as a URL without a slash at the end. @throws JobError `usage` where it is neither https nor loopback. */
export function checkedBase(baseUrl: string, provider: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  const isFit = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
  if (!isFit || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new JobError('usage', { provider, because: 'base-address' })
  }
  url.pathname = url.pathname.replace(/\/+$/, '')
  return url
}

/** An address from an answer, perhaps relative. @throws JobError `answer-bad` where it must not be followed. */
export function checkedResultUrl(address: string, from: URL, base: URL, provider: string): URL {
  const url = URL.canParse(address, from.href) ? new URL(address, from) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new JobError('answer-bad', { provider, reason: 'it gives a result address that is no web address' })
  }
  url.username = ''
  url.password = ''
  if (url.origin === base.origin || isLoopback(base)) return url
  const host = bareHost(url)
  if (isIP(host) === 0 ? isLoopback(url) : isPrivateIp(host)) throw privateAddress(provider)
  return url
}

export function privateAddress(provider: string): JobError {
  return new JobError('answer-bad', { provider, reason: 'it gives a result address inside a private network' })
}

/** Resolves names like the system does, but gives no private address away: a public name may still lead into this network. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0)
    const open = found.filter(({ address }) => !isPrivateIp(address))
    const [first] = open
    if (first === undefined) return callback(Object.assign(new Error('private address'), { code: privateLookupCode }), '', 0)
    if (options.all === true) return callback(null, open)
    return callback(null, first.address, first.family)
  })
}
export const privateLookupCode = 'BESIDE_PRIVATE'

/** Host without the brackets of IPv6 and the dot that a name may end with. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, '')
}

// Addresses that a provider is to fetch for itself. From where it stands it sees no private network and holds no password, and says so
// only after the job was made (and perhaps paid): so what cannot work is refused before anything is sent.

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
