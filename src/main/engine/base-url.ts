/** Where a provider is to be found, as the user gives it: an address, or the name of a place that the provider has. */
import { JobError } from '../../shared/failure.ts'

/** @throws JobError `usage` for what cannot be a provider's address. Empty stands for its own. */
export function baseUrlFrom(asked: string, places: Readonly<Record<string, string>> = {}): string {
  const base = Object.hasOwn(places, asked) ? (places[asked] ?? '') : asked
  if (base === '' || isAllowed(base)) return base
  throw new JobError('usage', {
    reason: `“${base}” cannot be a provider's address.`,
    hint: `It must begin with https:// (http:// only on this machine), and hold no password and no query.${alsoNamed(places)}`,
  })
}

function alsoNamed(places: Readonly<Record<string, string>>): string {
  const names = Object.keys(places)
  return names.length === 0 ? '' : ` Instead of it, ${names.map((name) => `“${name}”`).join(' or ')} will do.`
}

function isAllowed(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  // Settings are no place for a password.
  if (`${username}${password}${search}${hash}` !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
}
