/** Addresses of the shared queue as people write and read them: the password apart from the rest, and what a machine is started with. */

const withUser = /^(postgres(?:ql)?:\/\/)([^@/?#\s]*)@(.*)$/

/** The password that was written into an address, apart from it, so that it is seen nowhere; empty where there is none. */
export function splitAddress(text: string): { readonly address: string; readonly password: string } {
  const [, scheme, entry, rest] = withUser.exec(text.trim()) ?? []
  const colon = entry?.indexOf(':') ?? -1
  if (scheme === undefined || entry === undefined || rest === undefined || colon < 0) return { address: text, password: '' }
  return { address: `${scheme}${entry.slice(0, colon)}@${rest}`, password: decoded(entry.slice(colon + 1)) }
}

/** Both together, as the engine takes them. What is no address stays as it is: the engine says what is wrong with it. */
export function joinAddress(address: string, password: string): string {
  const [, scheme, user, rest] = withUser.exec(address.trim()) ?? []
  if (password === '' || scheme === undefined || user === undefined || rest === undefined) return address.trim()
  return `${scheme}${user}:${encodeURIComponent(password)}@${rest}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Where it is, without who enters there: `nas:5432/beside`. */
export function placeOf(address: string): string {
  return address
    .replace(/^postgres(ql)?:\/\//, '')
    .replace(/^[^@/?#]*@/, '')
    .replace(/\?.*$/, '')
}

/** The name in it by which every machine finds itself, and nobody else; null: others may find it. */
export function hostHere(address: string): string | null {
  const host = placeOf(address).replace(/(:\d+)?(\/.*)?$/, '')
  return /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(host) ? host : null
}

/** What a machine of the fleet is started with, for a shell of Unix or PowerShell. */
export function workerCommand(line: string, storage: readonly string[]): string {
  return `beside worker --join ${quoted(line)} --storage ${storage.map(quoted).join(' ')}`
}

function quoted(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
