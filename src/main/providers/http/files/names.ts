/** Names that a server gives to results: cleaned before anything else reads them, and made distinct. */
import { parse } from 'content-disposition'
import { endingOf, extensionOf, type FormatId, formatOfName, factsOf } from '../../../../shared/formats.ts'
import { legalName } from '../../../../shared/naming.ts'

export interface GivenName {
  /** Without the ending that `format` stands for. */
  readonly name: string
  readonly format: FormatId
}

/** @param fileName a name or path as the server wrote it. @param target what was asked for: what an unknown ending is taken for. */
export function givenName(fileName: string, target: FormatId): GivenName {
  const last = fileName.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  const clean = legalName(last.normalize('NFC'))
  const ending = endingOf(clean)
  // Several formats share an ending (AAC and ALAC in m4a): it is the one that was asked for.
  const isTarget = ending !== null && factsOf(target).extensions.includes(ending)
  const format = isTarget ? target : formatOfName(clean)
  if (ending === null || format === null) return { name: clean, format: target }
  return { name: legalName(clean.slice(0, -ending.length - 1)), format }
}

/** The file name in a Content-Disposition header, or null. The encoded form wins over the plain one. */
export function dispositionName(header: string | undefined): string | null {
  const name = header === undefined ? undefined : parse(header).parameters['filename']
  return name === undefined || name.trim() === '' ? null : utf8Again(name)
}

/** Servers write raw UTF-8 into headers, which are read as Latin-1. */
function utf8Again(name: string): string {
  const bytes = Buffer.from(name, 'latin1')
  if (bytes.toString('latin1') !== name) return name
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return name
  }
}

/** The same, with a number on names that occur again; file systems that ignore case count. What has no name stays without. */
export function distinctNames<T extends { readonly name: string | null; readonly format: FormatId }>(
  named: readonly T[],
): readonly T[] {
  const taken = new Set<string>()
  return named.map((one) => {
    if (one.name === null) return one
    for (let n = 1; ; n += 1) {
      const name = n === 1 ? one.name : `${one.name} (${n})`
      const id = `${name}.${extensionOf(one.format)}`.normalize('NFC').toLowerCase()
      if (taken.has(id)) continue
      taken.add(id)
      return { ...one, name }
    }
  })
}
