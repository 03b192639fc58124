/**
 * A thread that lists folders of a disk of this machine and reads each file in them, one after the other. Waiting for each by itself, as
 * `listing` does, costs five times what the reading does; and a thread may take its time. What is no plain file is left to `listing`,
 * which is where it is decided what it counts as.
 */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { isTempName } from '../engine/job/temp-names.ts'
import { isUnmeantFolder } from '../../shared/unmeant.ts'
import type { Listed, ListedFiles, ListingTask } from './lister.ts'

const port = parentPort
port?.on('message', ({ id, folders, own }: ListingTask) => {
  const listed = folders.map(({ path, digest }) => listingOf(path, digest, own))
  const numbers = listed.flatMap((each) => (each?.files === null || each === null ? [] : [each.files.numbers.buffer]))
  port.postMessage({ id, listed }, numbers)
})

/** Null where it cannot be listed. */
function listingOf(path: string, digest: string | null, own: string): Listed | null {
  const folders: string[] = []
  const temps: string[] = []
  const names: string[] = []
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const { name } = entry
      if (isTempName(name)) temps.push(name)
      else if (!entry.isDirectory()) names.push(name)
      else if (!isUnmeantFolder(name)) folders.push(name)
    }
  } catch {
    return null
  }
  const read = readFiles(
    path,
    // The ledger's order, in which lines are written fastest; and of the same files the digest is the same.
    names.filter((name) => name !== own).toSorted(),
  )
  const isAsBefore = read.digest !== null && read.digest === digest
  return { folders: folders.toSorted(), temps, files: isAsBefore ? null : read }
}

function readFiles(folder: string, names: readonly string[]): ListedFiles {
  const plain: string[] = []
  const inodes: string[] = []
  const others: string[] = []
  const numbers = new Float64Array(names.length * 3)
  for (const name of names) {
    const stats = statOf(join(folder, name))
    // Names that are not text, links, files with several names, devices; and what went this moment.
    if (stats === null || !stats.isFile() || stats.nlink !== 1n || stats.ino === 0n) {
      others.push(name)
      continue
    }
    const at = plain.length * 3
    numbers[at] = Number(stats.size)
    numbers[at + 1] = Number(stats.mtimeNs) / 1e6
    numbers[at + 2] = Number(stats.ctimeNs) / 1e6
    plain.push(name)
    inodes.push(String(stats.ino))
  }
  const files = { names: plain.join('/'), inodes: inodes.join('/'), numbers: numbers.subarray(0, plain.length * 3) }
  return { ...files, others, digest: others.length > 0 ? null : digestOf(files) }
}

function statOf(path: string) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}

/** Over what the ledger knows files by. When a file's owner or rights were changed is nothing to it. */
function digestOf({ names, inodes, numbers }: Pick<ListedFiles, 'names' | 'inodes' | 'numbers'>): string {
  const known = numbers.filter((_, index) => index % 3 !== 2)
  return createHash('sha256').update(`${names}\n\n${inodes}\n\n`).update(known).digest('base64')
}
