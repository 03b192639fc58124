/** Archives, looked into and packed anew: work of a process of its own. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import { JobError } from '../../../../shared/failure.ts'
import type { TaskContext } from '../children/task-table.ts'
import { membersToPack, type Archive, type Member } from './members.ts'
import type { ReadArchive } from './pairings.ts'
import { archiveFormatOf, membersOf, openArchive, type SourceArchive } from './reading.ts'
import { createArchive, type NewArchive } from './writing.ts'

/** Files that may be made on the way. */
export interface Spools {
  readonly reading: string
  readonly checking: string
}

export const tasks = {
  /** @returns null where it is no archive. */
  inspect: async (source: SourceArchive): Promise<{ readonly format: ReadArchive; readonly facts: DocumentFacts } | null> => {
    const format = await archiveFormatOf(source.path)
    if (format === null) return null
    try {
      const members = await membersOf(source, format)
      return { format, facts: members === null ? {} : factsOf(members) }
    } catch (error) {
      const isSealed = error instanceof JobError && error.failure.code === 'source-unreadable'
      if (!isSealed) throw error
      return { format, facts: { isEncrypted: true } }
    }
  },

  /** What an archive holds, into one of another format. @returns the size of the new one. */
  repack: async (
    { source, made, spools }: { readonly source: SourceArchive; readonly made: NewArchive; readonly spools: Spools },
    context: TaskContext,
  ): Promise<void> => {
    const { path } = source
    const format = await archiveFormatOf(path)
    if (format === null) throw new JobError('source-damaged', { path, because: 'not-decodable' })
    const archive = await openArchive(source, format, spools.reading, () => {})
    try {
      const links = await linksOf(archive)
      const chosen = membersToPack(path, { members: archive.members, links, isTar: format.startsWith('tar') }, made.target)
      if (chosen.size === 0) throw new JobError('source-unsupported', { path, because: 'no-entries' })
      const members = archive.members.map((member, index) => ({ ...member, link: links.get(index) ?? null }))
      await write({ path, members, chosen, contents: archive.contents }, made, spools, context)
    } finally {
      await archive.close()
    }
  },

  /** Files as members of a new archive, by their names alone. */
  pack: async (
    { files, made, spools }: { readonly files: readonly string[]; readonly made: NewArchive; readonly spools: Spools },
    context: TaskContext,
  ): Promise<void> => {
    const names = distinct(files.map((path) => basename(path)))
    const members = await Promise.all(
      files.map(async (file, n): Promise<Member> => {
        const { size, mtimeMs, mode } = await stat(file)
        return { path: names[n] ?? '', kind: 'file', bytes: size, mtimeMs, mode: mode & 0o777, crc: null, link: null }
      }),
    )
    async function* contents(): ReturnType<Archive['contents']> {
      for (const [index, file] of files.entries()) yield { index, bytes: createReadStream(file) }
    }
    const chosen = new Set(members.keys())
    await write({ path: files[0] ?? '', members, chosen, contents }, made, spools, context)
  },
}

/** Of links whose contents say it, read. */
async function linksOf({ members, contents }: Archive): Promise<ReadonlyMap<number, string>> {
  const links = new Map<number, string>()
  for (const [index, { link }] of members.entries()) if (link !== null) links.set(index, link)
  const isAsked = (index: number) => members[index]?.kind === 'link' && !links.has(index) && members[index].bytes <= maxLinkBytes
  if (![...members.keys()].some(isAsked)) return links
  for await (const { index, bytes } of contents(isAsked)) {
    const chunks: Buffer[] = []
    for await (const chunk of bytes) chunks.push(chunk)
    links.set(index, Buffer.concat(chunks).toString('utf8'))
  }
  return links
}

const maxLinkBytes = 4096

interface Writing extends Pick<Archive, 'contents'> {
  /** Of the source, for failures. */
  readonly path: string
  readonly members: readonly Member[]
  readonly chosen: ReadonlySet<number>
}

async function write(
  { path, members, chosen, contents }: Writing,
  made: NewArchive,
  spools: Spools,
  { progress }: TaskContext,
): Promise<void> {
  const total = Math.max(
    1,
    [...chosen].reduce((sum, index) => sum + (members[index]?.bytes ?? 0), 0),
  )
  const isSpooled = made.target === '7z' || made.target === 'tar.xz' || made.target === 'tar.bz2' || made.protect !== null
  const share = isSpooled ? 0.1 : 0.9
  const writer = createArchive(made, (bytes) => progress(share + (0.9 - share) * Math.min(1, bytes / total)))
  const sums = new Map<number, number>()
  let done = 0
  const add = async (upTo: number) => {
    for (; next < upTo; next += 1) {
      const member = members[next]
      if (chosen.has(next) && member !== undefined && member.kind !== 'file') await writer.add(member, nothing())
    }
  }
  let next = 0
  for await (const { index, bytes } of contents((one) => chosen.has(one) && members[one]?.kind === 'file')) {
    const member = members[index]
    if (!chosen.has(index) || member?.kind !== 'file') continue
    await add(index)
    const counted = async function* (): AsyncGenerator<Buffer> {
      let crc = 0
      let length = 0
      for await (const chunk of bytes) {
        crc = crc32(chunk, crc)
        length += chunk.length
        progress((share * (done += chunk.length)) / total)
        yield chunk
      }
      if (length !== member.bytes || (member.crc !== null && member.crc !== crc))
        throw new JobError('source-damaged', { path, because: 'not-decodable', name: member.path })
      sums.set(index, crc)
    }
    await writer.add(member, counted())
  }
  await add(members.length)
  await writer.end()
  const expected = [...chosen].flatMap((index) => {
    const member = members[index]
    return member?.kind === 'file' ? [{ ...member, crc: sums.get(index) ?? null }] : []
  })
  await check(expected, made, spools.checking)
}

/** Names, sizes and checksums of the result are those of what went into it. @throws JobError `output-bad`. */
async function check(expected: readonly Member[], { target, output, protect }: NewArchive, spool: string): Promise<void> {
  const source = { path: output, password: protect, encoding: null }
  const archive = target === 'tar.xz' || target === 'tar.bz2' ? await openArchive(source, target, spool, () => {}) : null
  const members = archive?.members ?? (await membersOf(source, target)) ?? []
  const found = new Map(members.flatMap((member) => (member.kind === 'file' ? [[member.path, member] as const] : [])))
  const isThere = ({ path, bytes, crc }: Member): boolean => {
    // A line break in a name is listed as a `_` by 7-Zip.
    const one = found.get(path) ?? found.get(path.replaceAll(/[\0-\x1f\x7f]/g, '_')) // oxlint-disable-line no-control-regex -- just those
    return one !== undefined && one.bytes === bytes && (one.crc === null || one.crc === crc)
  }
  const there = expected.filter(isThere).length
  if (there < expected.length || found.size < expected.length)
    throw new JobError('output-bad', {
      because: 'entries-missing',
      expected: expected.length,
      actual: Math.min(there, found.size),
    })
}

function factsOf(members: readonly Member[]): DocumentFacts {
  const files = members.filter(({ kind }) => kind !== 'folder')
  return {
    entries: files.length,
    unpackedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(members.some(({ isEncrypted }) => isEncrypted === true) && { isEncrypted: true as const }),
  }
}

/** The same, with a number on those that occur again; file systems that ignore case count. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const ending = extname(name)
    const stem = name.slice(0, name.length - ending.length)
    let free = name
    for (let n = 2; taken.has(free.normalize('NFC').toLowerCase()); n += 1) free = `${stem} (${n})${ending}`
    taken.add(free.normalize('NFC').toLowerCase())
    return free
  })
}

async function* nothing(): AsyncGenerator<Buffer> {}
