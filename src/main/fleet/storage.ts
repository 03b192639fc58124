/**
 * Shared storage: folders that several machines see, each under a path of its own. Which is which is proved by the mark in it and never by
 * names, and nothing that an order says leads out of it, be it by `..`, by an absolute path, or by a link.
 */
import { randomUUID } from 'node:crypto'
import { lstat, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import { isAbsence } from '../files/identity.ts'
import { inspectRoot, markRoot } from '../watch/root-check.ts'
import type { SharedPath } from './wire.ts'

export interface Storage {
  /** From the mark. */
  readonly id: string
  /** Absolute, as it was given. */
  readonly path: string
}

/**
 * @param marking `make`: a folder without a mark gets one, which is for a head alone.
 * @throws JobError `folder-missing` or `folder-read-only`; `not-possible` where it has no mark.
 */
export async function openStorage(given: string, marking: 'make' | 'expect', platform = process.platform): Promise<Storage> {
  const path = resolve(given)
  const root = await inspectRoot(path, platform)
  if (root.kind === 'missing') throw new JobError('folder-missing', { path })
  if (root.mark !== null) return { id: root.mark, path }
  if (marking === 'expect') throw new JobError('not-possible', { because: 'storage-unmarked', id: path })
  const [kind, id] = (await markRoot(path, root, randomUUID())).split(' ')
  if (kind !== 'file' || id === undefined) throw new JobError('folder-read-only', { path })
  return { id, path }
}

/** Where a file of this machine is on shared storage; null where it is on none. Of storage within storage, the inner one has it. */
export function sharedPathOf(path: string, storages: readonly Storage[]): SharedPath | null {
  const found = storages
    .map(({ id, path: at }) => ({ root: id, at, rest: relative(at, path) }))
    .filter(({ rest }) => rest !== '' && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest))
    .toSorted((one, other) => other.at.length - one.at.length)[0]
  return found === undefined ? null : { root: found.root, path: found.rest.split(sep).join('/') }
}

/**
 * Where it is on this machine. Names are tried as they were written, then as other systems write the same letters.
 * @param what `file` has to be there; of a `name` only its folder.
 * @throws JobError `not-possible` where it is on no storage of this machine, or would be outside; `source-missing`.
 */
export async function localPathOf(
  { root, path }: SharedPath,
  storages: readonly Storage[],
  what: 'file' | 'name',
): Promise<string> {
  const storage = storages.find(({ id }) => id === root)
  if (storage === undefined) throw new JobError('not-possible', { because: 'storage-unseen', id: root })
  const names = path.split('/')
  if (names.some(isNoName)) throw new JobError('not-possible', { because: 'outside-storage' })
  const base = await realpath(storage.path)
  for (const form of [path, path.normalize('NFC'), path.normalize('NFD')]) {
    const wanted = join(storage.path, ...form.split('/'))
    const looked = what === 'file' ? wanted : join(wanted, '..')
    const real = await realpath(looked).catch((error: unknown) => {
      if (isAbsence(error)) return null
      throw error
    })
    if (real === null) continue
    if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep))
      throw new JobError('not-possible', { because: 'outside-storage' })
    // A name that is a link already would be written through.
    if (what === 'name' && (await lstat(wanted).catch(() => null))?.isSymbolicLink() === true)
      throw new JobError('not-possible', { because: 'outside-storage' })
    return wanted
  }
  throw new JobError('source-missing', { path: names.at(-1) ?? path })
}

function isNoName(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.includes('\0') || (sep === '\\' && /[\\:]/.test(name))
}
