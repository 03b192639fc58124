/**
 * Files of the disk that stand in the memory of 7-Zip: what it reads there is read from them, what it writes goes into them, and nothing of them
 * is kept in its memory. Also what is used of the inside of its file system, which its own types leave out.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

interface SevenZipAttributes {
  readonly size?: number | undefined
}
interface SevenZipStream {
  readonly position: number
  stream_ops: SevenZipStreamOps
}
interface SevenZipStreamOps {
  read(stream: SevenZipStream, buffer: Uint8Array, offset: number, length: number, position: number): number
  write(stream: SevenZipStream, buffer: Uint8Array, offset: number, length: number, position: number): number
  llseek(stream: SevenZipStream, offset: number, whence: number): number
}
export interface SevenZipNode {
  node_ops: {
    getattr(node: SevenZipNode): object
    setattr(node: SevenZipNode, attributes: SevenZipAttributes): void
    mknod(parent: SevenZipNode, name: string, mode: number, device: number): SevenZipNode
  }
  stream_ops: SevenZipStreamOps
}
export interface SevenZipFileSystem {
  readonly streams: readonly (SevenZipStream | undefined)[]
  mkdir(path: string): SevenZipNode
  create(path: string, mode: number): SevenZipNode
  symlink(target: string, path: string): void
  chmod(path: string, mode: number): void
  utime(path: string, atimeMs: number, mtimeMs: number): void
  chdir(path: string): void
  analyzePath(path: string): { readonly exists: boolean }
  lookupPath(path: string): { readonly node: SevenZipNode }
}
export interface SevenZip {
  readonly FS: SevenZipFileSystem
  callMain(args: string[]): number
}
export type LoadSevenZip = (options: {
  readonly wasmBinary: Uint8Array
  readonly print: (line: string) => void
  readonly printErr: (line: string) => void
  readonly stdin: () => null
}) => Promise<SevenZip>

interface Window {
  readonly start: number
  readonly bytes: number
  readonly mode: number | null
  readonly progress: (bytes: number) => void
}

export function openFiles() {
  const open = new Map<string, number>()
  let read = 0

  function opened(path: string, flags: 'r' | 'wx'): number {
    const known = open.get(path)
    if (known !== undefined) return known
    const fd = openSync(path, flags === 'wx' ? 'wx+' : 'r')
    open.set(path, fd)
    return fd
  }

  function connect(node: SevenZipNode, fd: number, { start, bytes, progress }: Window): void {
    let size = bytes
    const { getattr, setattr } = node.node_ops
    node.node_ops = {
      ...node.node_ops,
      getattr: (one) => ({ ...getattr(one), size }),
      setattr: (one, attributes) => {
        if (attributes.size !== undefined) {
          size = attributes.size
          ftruncateSync(fd, size)
        }
        setattr(one, { ...attributes, size: undefined })
      },
    }
    node.stream_ops = {
      ...node.stream_ops,
      read: (_stream, buffer, offset, length, position) => {
        const wanted = Math.min(length, Math.max(0, size - position))
        const got = wanted === 0 ? 0 : readSync(fd, buffer, offset, wanted, start + position)
        progress((read += got))
        return got
      },
      write: (_stream, buffer, offset, length, position) => {
        writeAll(fd, buffer, offset, length, position)
        size = Math.max(size, position + length)
        return length
      },
      llseek: (stream, offset, whence) => offset + (whence === 1 ? stream.position : whence === 2 ? size : 0),
    }
  }

  return {
    open: opened,
    /** The file, or a part of it, to be read. @returns its whole size. */
    show: ({ FS }: SevenZip, name: string, path: string, part?: Window): { readonly size: number } => {
      const fd = opened(path, 'r')
      const { size } = fstatSync(fd)
      const node = FS.create(name, part?.mode ?? 0o644)
      connect(node, fd, part ?? { start: 0, bytes: size, mode: null, progress: () => {} })
      return { size }
    },
    /** A folder in which any file that is made is this one. */
    take: ({ FS }: SevenZip, folder: string, path: string): void => {
      FS.mkdir(folder)
      const { node } = FS.lookupPath(folder)
      const { mknod } = node.node_ops
      node.node_ops = {
        ...node.node_ops,
        mknod: (parent, name, mode, device) => {
          const made = mknod(parent, name, mode, device)
          connect(made, opened(path, 'wx'), { start: 0, bytes: 0, mode: null, progress: () => {} })
          return made
        },
      }
    },
    close: () => {
      for (const fd of open.values()) closeSync(fd)
      open.clear()
    },
  }
}

export function writeAll(fd: number, buffer: Uint8Array, offset: number, length: number, position: number | null): void {
  for (let done = 0; done < length;)
    done += writeSync(fd, buffer, offset + done, length - done, position === null ? null : position + done)
}
