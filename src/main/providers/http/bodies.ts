/**
 * What goes up: JSON, a slice of a file, or a form with a file in it. A body knows its length beforehand and is read in slices, never
 * whole, so that memory stays small; and it can be begun again, for a retry.
 */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { JobError } from '../../../shared/failure.ts'

export interface Body {
  /** Content-Type. */
  readonly type: string
  /** Exactly what `slices` gives in total. */
  readonly bytes: number
  /** A slice is good until the next one is asked for: its memory is used again. */
  slices(): AsyncIterable<Uint8Array>
}

const sliceBytes = 512 * 1024

export function jsonBody(value: unknown): Body {
  const data = Buffer.from(JSON.stringify(value))
  return {
    type: 'application/json',
    bytes: data.length,
    async *slices() {
      yield data
    },
  }
}

/** A source as it stood when its upload began. */
export interface Upload {
  readonly path: string
  readonly bytes: number
  readonly mtimeMs: number
}

/** @throws JobError `source-missing`, `source-unreadable`, `source-empty`: no provider takes an empty file. */
export async function uploadOf(path: string): Promise<Upload> {
  const stats = await stat(path).catch((error: unknown) => {
    throw sourceTrouble(error, path)
  })
  if (stats.size === 0) throw new JobError('source-empty', { path })
  return { path, bytes: stats.size, mtimeMs: stats.mtimeMs }
}

/**
 * The bytes from `first` up to and without `end` of a file. Length and time are compared before the first slice and before the last is
 * given away, so that a file which changes meanwhile never makes a whole request. @throws JobError `source-changed`.
 */
export function fileBody(upload: Upload, first = 0, end = upload.bytes): Body {
  return { type: 'application/octet-stream', bytes: end - first, slices: () => fileSlices(upload, first, end) }
}

async function* fileSlices(upload: Upload, first: number, end: number): AsyncGenerator<Uint8Array> {
  const handle = await open(upload.path, 'r').catch((error: unknown) => {
    throw sourceTrouble(error, upload.path)
  })
  /** One is on its way while the next is read into the other. */
  const buffers = [Buffer.allocUnsafeSlow(sliceBytes), Buffer.allocUnsafeSlow(sliceBytes)] as const
  let ahead = readSlice(handle, buffers[0], first, end)
  try {
    await assertSame(handle, upload)
    for (let at = first, n = 1; at < end; n += 1) {
      const slice = await ahead
      at += slice.length
      ahead = at < end ? readSlice(handle, buffers[n % 2 === 0 ? 0 : 1], at, end) : ahead
      if (at >= end) await assertSame(handle, upload)
      yield slice
    }
  } finally {
    // A slice that nobody waits for any more must be read before its file is closed.
    await ahead.catch(() => undefined)
    await handle.close()
  }
}

async function readSlice(handle: FileHandle, buffer: Buffer, at: number, end: number): Promise<Uint8Array> {
  const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at)
  if (bytesRead === 0) throw new JobError('source-changed')
  return buffer.subarray(0, bytesRead)
}

async function assertSame(handle: FileHandle, upload: Upload): Promise<void> {
  const stats = await handle.stat()
  if (stats.size !== upload.bytes || stats.mtimeMs !== upload.mtimeMs) throw new JobError('source-changed')
}

function sourceTrouble(error: unknown, path: string): JobError {
  const reason = (error as { readonly code?: string }).code ?? String(error)
  return new JobError(reason === 'ENOENT' || reason === 'ENOTDIR' ? 'source-missing' : 'source-unreadable', { path, reason })
}

/** A name that every server understands: the ending of what the file really is, and of its own name what is plain ASCII. */
export function asciiName(path: string, extension: string): string {
  const stem = basename(path, extname(path))
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
  return `${stem.slice(0, maxStemLength) || 'file'}.${extension}`
}
const maxStemLength = 80

export interface FormFile {
  readonly field: string
  /** As the server sees it. */
  readonly name: string
  /** Content-Type of this part. */
  readonly type: string
  readonly content: Body
}

/** `multipart/form-data`. @param boundary a fresh key: it must not occur in the content. */
export function formBody(
  fields: readonly (readonly [name: string, value: string])[],
  file: FormFile | null,
  boundary: string,
): Body {
  const line = `--${boundary}\r\nContent-Disposition: form-data; name=`
  const texts = fields.map(([name, value]) => `${line}"${quoted(name)}"\r\n\r\n${value}\r\n`).join('')
  const intro =
    file === null ? '' : `${line}"${quoted(file.field)}"; filename="${quoted(file.name)}"\r\nContent-Type: ${file.type}\r\n\r\n`
  const head = Buffer.from(texts + intro)
  const tail = Buffer.from(`${file === null ? '' : '\r\n'}--${boundary}--\r\n`)
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: head.length + (file?.content.bytes ?? 0) + tail.length,
    async *slices() {
      if (head.length > 0) yield head
      if (file !== null) yield* file.content.slices()
      yield tail
    },
  }
}

/** As browsers write names into form headers. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
