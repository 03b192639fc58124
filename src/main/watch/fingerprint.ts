/**
 * How a file is known again. Names change, times are touched, disks come back under other numbers; a file stays itself as long as
 * enough of the rest fits. Contents are read only where nothing cheaper decides, and then only in samples.
 */
import type { LedgerLine } from '../store/ledger.ts'

/** A file as it reads now. */
export interface Seen {
  readonly inode: string | null
  readonly bytes: number
  readonly mtimeMs: number
  readonly name: string
}

export interface Known {
  /** The line that stands at this very place and counts as there. */
  readonly here: LedgerLine | null
  /** Lines that may be this file at another place or time: of the same inode, of the same age and length, gone under this name. */
  readonly others: () => readonly LedgerLine[]
  /** Whether the file of another line is where the line says. */
  readonly isThere: (line: LedgerLine) => Promise<boolean>
  /** Reads a little of the file; null where it cannot be read now. */
  readonly fingerprint: () => Promise<string | null>
}

export type Identity =
  /** As the ledger has it. */
  | { readonly kind: 'same'; readonly line: LedgerLine }
  /** The same contents with another date or number. `fingerprint` where it was read. */
  | { readonly kind: 'touched'; readonly line: LedgerLine; readonly fingerprint: string | null }
  /** The same file with other contents. */
  | { readonly kind: 'changed'; readonly line: LedgerLine }
  /** Known from another place, or from before it was gone. */
  | { readonly kind: 'moved'; readonly line: LedgerLine; readonly fingerprint: string | null }
  /** What was gone has been put there once more: another file with the same contents. */
  | { readonly kind: 'again'; readonly line: LedgerLine; readonly fingerprint: string | null }
  /** A second name of a file that is there under another one. */
  | { readonly kind: 'linked'; readonly line: LedgerLine }
  | { readonly kind: 'new' }
  /** Its contents would tell, and cannot be read now: its disk may have gone this moment. */
  | { readonly kind: 'unread' }

export async function identify(seen: Seen, known: Known): Promise<Identity> {
  const { here } = known
  if (here === null) return await elsewhere(seen, known)
  const sameFile = here.inode === seen.inode
  const sameLength = here.bytes === seen.bytes
  if (sameLength && here.mtimeMs === seen.mtimeMs) {
    // Some file systems give new numbers with every mount.
    return sameFile ? { kind: 'same', line: here } : { kind: 'touched', line: here, fingerprint: null }
  }
  if (sameLength) {
    if (here.print === null && sameFile) return { kind: 'touched', line: here, fingerprint: null }
    const fingerprint = here.print === null ? undefined : await known.fingerprint()
    if (fingerprint === null) return { kind: 'unread' }
    if (fingerprint !== undefined && fingerprint === here.print) return { kind: 'touched', line: here, fingerprint }
  }
  if (sameFile) return { kind: 'changed', line: here }
  // Another file was put over it: it may be one that is known.
  return await elsewhere(seen, known)
}

async function elsewhere(seen: Seen, known: Known): Promise<Identity> {
  let fingerprint: string | null = null
  for (const line of known.others()) {
    if (line.id === known.here?.id) continue
    const sameFile = line.inode !== null && line.inode === seen.inode
    const sameAge = line.bytes === seen.bytes && line.mtimeMs === seen.mtimeMs
    const sameName = line.name === seen.name
    if (line.bytes !== seen.bytes || !(sameFile || sameAge || sameName)) continue
    // Inode and age of a file that is not gone leave no doubt. Else the contents speak: numbers are given anew, and a recorder
    // without a clock makes one file like the other. Where those of the line are not known, age and another sign must do.
    const isCertain = sameFile && sameAge && line.goneAtMs === null
    if (!isCertain && line.print === null && !(sameAge && (sameFile || sameName))) continue
    if (!isCertain && line.print !== null) {
      fingerprint ??= await known.fingerprint()
      if (fingerprint === null) return { kind: 'unread' }
      if (fingerprint !== line.print) continue
    }
    if (line.goneAtMs !== null && !(sameFile && sameAge)) return { kind: 'again', line, fingerprint }
    if (line.goneAtMs !== null || !(await known.isThere(line))) return { kind: 'moved', line, fingerprint }
    if (sameFile) return { kind: 'linked', line }
  }
  return { kind: 'new' }
}
