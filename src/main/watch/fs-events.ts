/**
 * Events of the file system. They say where to look and no more: what is there is seen by looking, and whatever they miss comes with the
 * next full scan. So nothing here is put in order or believed.
 *
 * Each folder is watched from the moment before it is listed for the first time, so that nothing comes in between; the scan that lists
 * it asks for that. A folder that goes, or comes under another name, is no longer watched with all that is below: it is scanned, and
 * watched anew where it is found. A library that goes through the tree by itself, as chokidar does, reads every file of it once
 * more, which took ten times as long as the scan.
 */
import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '../files/identity.ts'

/** Where something may have changed. */
export interface ChangedPath {
  /** Below the watched folder, with `/`. */
  readonly dir: string
  /** Null: something about the folder itself; it is scanned with what is below. */
  readonly name: string | null
}

export interface FsEventsOptions {
  readonly root: string
  readonly onChange: (changed: ChangedPath) => void
  /** No more events come: the system has no room for so many watches. */
  readonly onEnd: () => void
}

export interface FsEvents {
  /** From now on events tell what happens in this folder, by its path with `/` below the watched one. What cannot be watched is left to the full scans. */
  cover(dir: string): void
  covers(dir: string): boolean
  close(): void
}

interface Covered {
  readonly watcher: FSWatcher
  /** Those right below that are watched, too. */
  readonly below: Set<string>
}

const tooMany: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE'])

export function watchEvents({ root, onChange, onEnd }: FsEventsOptions): FsEvents {
  const covered = new Map<string, Covered>()
  let isOver = false
  const leave = (dir: string) => {
    const left = covered.get(dir)
    if (left === undefined) return
    covered.delete(dir)
    covered.get(above(dir))?.below.delete(dir)
    left.watcher.close()
    for (const each of left.below) leave(each)
  }
  const lookAnew = (dir: string) => {
    leave(dir)
    onChange({ dir, name: null })
  }
  const hear = (dir: string, event: string, name: string | null) => {
    if (isOver) return
    if (name === null) return onChange({ dir, name: null })
    const place = dir === '' ? name : `${dir}/${name}`
    if (event === 'rename' && covered.has(place)) lookAnew(place)
    // Its own end is told as if something of its name were in it.
    if (event === 'rename' && name === basename(dir === '' ? root : dir)) lookAnew(dir)
    onChange({ dir, name })
  }
  const close = () => {
    isOver = true
    for (const { watcher } of covered.values()) watcher.close()
    covered.clear()
  }
  return {
    cover: (dir) => {
      if (isOver || covered.has(dir)) return
      try {
        const watcher = watch(join(root, dir), (event, name) => hear(dir, event, name))
        covered.set(dir, { watcher, below: new Set() })
        covered.get(above(dir))?.below.add(dir)
        watcher.on('error', () => {
          // Of one that was left before it was told.
          if (!isOver && covered.get(dir)?.watcher === watcher) lookAnew(dir)
        })
      } catch (error) {
        if (!tooMany.has(codeOf(error))) return
        close()
        onEnd()
      }
    },
    covers: (dir) => covered.has(dir),
    close,
  }
}

/** The folder that one is in; that of the watched one itself is none. */
function above(dir: string): string {
  if (dir === '') return '..'
  const parent = dirname(dir)
  return parent === '.' ? '' : parent
}
