/**
 * Events of the file system. They say where to look and no more: what is there is seen by looking, and whatever they miss comes with the
 * next full scan. So nothing here is waited for, put in order or believed.
 *
 * On Linux every folder is watched, not every file: chokidar keeps no list of files for us, and those of its events that
 * are about single files are the raw ones.
 */
import { relative, sep, join, dirname, basename } from 'node:path'
import { watch } from 'chokidar'
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
  readonly recursive: boolean
  /** Whether what is in a folder below the watched one, by its path with `/`, is of no concern. */
  readonly isClosed: (dir: string) => boolean
  readonly onChange: (changed: ChangedPath) => void
  /** No more events come: the system has no room for so many watches. */
  readonly onEnd: () => void
}

export interface FsEvents {
  /** Resolves when everything below the folder is watched. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

const tooMany: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE'])

export function watchEvents({ root, recursive, isClosed, onChange, onEnd }: FsEventsOptions): FsEvents {
  const below = (path: string): string | null => {
    const place = relative(root, path)
    if (place === '..' || place.startsWith(`..${sep}`)) return null
    return sep === '/' ? place : place.replaceAll(sep, '/')
  }
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  let ended = false
  const watcher = watch(root, {
    followSymlinks: false,
    ignoreInitial: true,
    ignorePermissionErrors: true,
    atomic: false,
    ...(recursive ? {} : { depth: 0 }),
    ignored: (path, stats) => {
      if (path === root) return false
      return stats?.isFile() === true || isClosed(below(path) ?? '')
    },
  })
  const about = (path: string, tree: boolean) => {
    const place = below(path)
    if (place === null) return
    if (tree || place === '') onChange({ dir: place, name: null })
    else onChange({ dir: placeOf(dirname(place)), name: basename(place) })
  }
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath } = details as { readonly watchedPath?: unknown }
    if (typeof watchedPath !== 'string') return
    if (name === null) about(watchedPath, true)
    else about(join(watchedPath, name), false)
  })
  watcher.on('addDir', (path) => {
    if (recursive) about(path, true)
  })
  watcher.on('unlinkDir', (path) => about(path, true))
  watcher.on('error', (error) => {
    if (ended) return
    const code = codeOf(error)
    if (!tooMany.has(code)) return
    ended = true
    onEnd()
    resolve()
  })
  watcher.on('ready', () => resolve())
  return {
    ready,
    close: async () => {
      ended = true
      resolve()
      await watcher.close()
    },
  }
}

function placeOf(dir: string): string {
  return dir === '.' ? '' : dir
}
