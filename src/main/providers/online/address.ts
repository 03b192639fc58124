/**
 * Which addresses may be talked to. A base address is the user's own choice: https, or loopback. Addresses that come in an answer
 * come from outside: http(s) only, and none that leads into this machine or its network, neither by name nor after its resolution.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { JobError } from '../../../shared/failure.ts'

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
