/**
 * Files that a browser drops: streamed to a folder of the data folder, one folder a drop, so that their results appear beside them.
 * A file has its final name only once all of it is there, and never takes the place of another.
 */
import { createWriteStream } from 'node:fs'
import { link, mkdir, rm, utimes } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fitted, legalName, numbered } from '../../shared/naming.ts'

const deepest = 32

/** Where an upload goes: the folder of its drop, and legal names for each part of its path; null where it is not a path. */
export function placeOf(inbox: string, path: string): { readonly folder: string; readonly name: string } | null {
  const match = /^\/inbox\/([a-z0-9-]{8,64})\/(.+)$/.exec(path)
  if (match === null) return null
  const [, drop = '', rest = ''] = match
  const parts = rest.split('/').map(decoded)
  if (parts.length > deepest || parts.some((part) => part === null || part === '')) return null
  const names = parts.map((part) => legalName(part ?? ''))
  const name = names.pop()
  return name === undefined ? null : { folder: join(inbox, drop, ...names), name }
}

/** The final path once every byte has come. What came of a broken upload is removed. */
export async function receive(
  request: IncomingMessage,
  place: { readonly folder: string; readonly name: string },
): Promise<string> {
  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  const partial = join(place.folder, `.${crypto.randomUUID()}.part`)
  try {
    await pipeline(request, createWriteStream(partial, { flags: 'wx', mode: 0o600 }))
    const modifiedMs = Number(request.headers['x-modified-ms'])
    if (Number.isFinite(modifiedMs) && modifiedMs > 0) await utimes(partial, new Date(), new Date(modifiedMs)).catch(() => {})
    return await linkFree(partial, place)
  } finally {
    await rm(partial, { force: true })
  }
}

async function linkFree(partial: string, { folder, name }: { readonly folder: string; readonly name: string }): Promise<string> {
  const ending = extname(name)
  const extension = ending.slice(1)
  const base = fitted(ending === '' ? name : name.slice(0, -ending.length), extension)
  for (let n = 1; ; n += 1) {
    const free = extension === '' ? (n === 1 ? base : `${base} (${n})`) : numbered(base, extension, n)
    const path = join(folder, free)
    try {
      await link(partial, path)
      return path
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error
    }
  }
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}
