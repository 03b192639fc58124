/** Why a file stands where it stands, or what a folder's rule thinks of one that has no line. */
import { basename, dirname, relative, sep } from 'node:path'
import { failure } from '../../shared/failure.ts'
import type { Why } from '../../shared/folders.ts'
import { isTempName } from '../engine/temp.ts'
import type { Line, WatchedFolder } from '../store/ledger.ts'
import { decide } from './decide.ts'
import { groundOf, type LedgerPorts } from './ground.ts'
import { look } from './listing.ts'
import { isClosedFolder } from './names.ts'

export interface Told {
  readonly line: Line | null
  readonly why: Why
}

/** Null where the path is not in the folder. */
export async function reasonFor(path: string, folder: WatchedFolder, ports: LedgerPorts): Promise<Told | null> {
  const place = relative(folder.rule.path, path)
  if (place === '' || place === '..' || place.startsWith(`..${sep}`) || place.startsWith(sep)) return null
  const name = basename(place)
  const dir = dirname(place) === '.' ? '' : dirname(place).replaceAll(sep, '/')
  const line = ports.sightings.at(folder.id, dir, name)
  if (line !== null) return { line, why: line.why }
  const without = (why: Why): Told => ({ line: null, why })
  const ground = groundOf(folder, ports)
  if (isTempName(name)) return without({ code: 'own-work', facts: {} })
  const closed = dir.split('/').find((part) => isClosedFolder(part) || ground.closed.includes(part))
  if (dir !== '' && closed !== undefined) return without({ code: ground.closed.includes(closed) ? 'below' : 'hidden', facts: {} })
  if (dir !== '' && !folder.rule.recursive) return without({ code: 'below', facts: {} })
  const entry = await look(dirname(path), name)
  if (entry === null) {
    const gone = ports.sightings.lastAt(folder.id, dir, name)
    return gone === null ? without(failure('source-missing', { path })) : { line: gone, why: gone.why }
  }
  const { entries } = await decide(dir, entry, null, { ground, isBlank: false }, ports)
  const last = entries.at(-1)
  const why =
    last === undefined ? null : last.id === null ? last.line.why : (last.change.why ?? ports.sightings.get(last.id)?.why ?? null)
  return without(why ?? { code: 'settling', facts: {} })
}
