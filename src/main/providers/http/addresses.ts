/**
 * Which addresses may be talked to. A base address is the user's own choice: https, or loopback. Addresses that come in an answer
 * come from outside: http(s) only, and none that leads into this machine or its network, neither by name nor after its resolution.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type Failure, failure, JobError, type FactsOf } from '../../../shared/failure.ts'

/** Everything but the public web: loopback, private, link-local, multicast, reserved and translated. No IP address at all counts, too. */
export function isPrivateIp(ip: string): boolean {
  return rangeOf(ip) !== 'unicast'
}

export function isLoopback(url: URL): boolean {
  const host = bareHost(url)
  return isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : rangeOf(host) === 'loopback'
}

/** Of an IPv4 address in IPv6 it is the range of the former. */
function rangeOf(ip: string): string | null {
  return isIP(ip) === 0 ? null : ipaddr.process(ip).range()
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
    throw new JobError('answer-bad', { provider, because: 'result-address' })
  }
  url.username = ''
  url.password = ''
  if (url.origin === base.origin || isLoopback(base)) return url
  const host = bareHost(url)
  if (isIP(host) === 0 ? isLoopback(url) : isPrivateIp(host)) throw privateAddress(provider)
  return url
}

export function privateAddress(provider: string): JobError {
  return new JobError('answer-bad', { provider, because: 'result-address-private' })
}

/** Resolves names like the system does, and gives only such addresses away. @param code of the error where there are none. */
function lookupOf(isFit: (ip: string) => boolean, code: string): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0)
      const fit = found.filter(({ address }) => isFit(address))
      const [first] = fit
      if (first === undefined) return callback(Object.assign(new Error('no address that may be used'), { code }), '', 0)
      if (options.all === true) return callback(null, fit)
      return callback(null, first.address, first.family)
    })
  }
}

export const privateLookupCode = 'BESIDE_PRIVATE'
/** Gives no private address away: a public name may still lead into this network. */
export const publicLookup = lookupOf((ip) => !isPrivateIp(ip), privateLookupCode)

export const publicLookupCode = 'BESIDE_PUBLIC'
/** Gives private addresses alone, for what must not leave this network unencrypted. */
export const privateLookup = lookupOf(isPrivateIp, publicLookupCode)

/** Host without the brackets of IPv6 and the dot that a name may end with. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, '')
}

/** Endings of names that mean something only inside one network. */
const inner = /\.(local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/

/**
 * For addresses that a provider is to fetch for itself. From where it is it sees no private network and holds no password, and says so
 * only after the job was made (and perhaps paid): so what cannot work is refused before anything is sent.
 */
export interface SourceRules {
  readonly provider: string
  /** Where the provider is; one on this machine (a test) may fetch from this machine. */
  readonly base: URL
  /** Characters; null where no limit is known. */
  readonly maxCharacters: number | null
}

/** `source-not-public` with the reason, or null. */
export function unreachable(address: string, { provider, base, maxCharacters }: SourceRules): Failure | null {
  const trouble = troubleWith(address, maxCharacters, isLoopback(base))
  return trouble === null ? null : failure('source-not-public', { provider, ...trouble })
}

/** @throws JobError `source-not-public`. */
export function assertPublicSource(address: string, rules: SourceRules): void {
  const trouble = unreachable(address, rules)
  if (trouble !== null) throw JobError.from(trouble)
}

type SourceTrouble = Omit<FactsOf['source-not-public'], 'provider'>

function troubleWith(address: string, maxCharacters: number | null, isHere: boolean): SourceTrouble | null {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return { because: 'only-web-addresses' }
  if (maxCharacters !== null && address.length > maxCharacters)
    return { because: 'address-too-long', characters: address.length, maxCharacters }
  if (url.username !== '' || url.password !== '') return { because: 'address-with-password' }
  if (isHere) return null
  const host = bareHost(url).replace(/\.$/, '')
  const isInner = isIP(host) === 0 ? isLoopback(url) || !host.includes('.') || inner.test(host) : isPrivateIp(host)
  return isInner ? { because: 'address-private' } : null
}
