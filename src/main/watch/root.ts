/**
 * Whether the folder that is there is the one that is watched. A disk that is unplugged leaves an empty folder behind, or another
 * disk's; taken at its word, it would say that all files are gone. So a watched folder carries a mark: a small hidden file, or, where
 * none can be written, what is known of its volume.
 */
import { access, constants, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Why } from '../../shared/folders.ts'
import { codeOf } from '../engine/place.ts'
import { mountOf, volumeName } from './mounts.ts'

export const markName = '.beside-folder'

export type Root =
  | {
      readonly kind: 'there'
      /** What the hidden file says; null: there is none. */
      readonly mark: string | null
      readonly volume: string
    }
  | { readonly kind: 'away'; readonly why: Why }

export async function lookAtRoot(path: string, platform: NodeJS.Platform): Promise<Root> {
  try {
    const stats = await stat(path, { bigint: true })
    if (!stats.isDirectory()) return away('folder-missing')
    await access(path, constants.R_OK | constants.X_OK)
    const mount = await mountOf(path, platform)
    const volume = mount === null ? String(stats.dev) : await volumeName(mount)
    return { kind: 'there', mark: await readMark(path), volume: `${volume} ${stats.ino}` }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return away('folder-missing')
    return away('folder-unreadable', { reason: code })
  }
}

/** The mark by which the folder will be known again. One that another rule or another Beside has put there serves as well. */
export async function markRoot(path: string, root: Extract<Root, { kind: 'there' }>, fresh: string): Promise<string> {
  if (root.mark !== null) return `file ${root.mark}`
  const text = `Beside watches this folder. This file tells it that the right disk is there: please leave it.\nid: ${fresh}\n`
  try {
    await writeFile(join(path, markName), text, { flag: 'wx' })
    return `file ${fresh}`
  } catch {
    return `volume ${root.volume}`
  }
}

/**
 * Why the folder must not be believed, or null.
 * @param expected its mark; null: it has none yet.
 * @param isEmpty whether nothing at all is in it, although the ledger knows files there.
 */
export function rootTrouble(expected: string | null, root: Root, isEmpty: boolean): Why | null {
  if (root.kind === 'away') return root.why
  if (expected === null) return null
  if (expected.startsWith('file ')) return expected === `file ${root.mark}` ? null : { code: 'folder-other', facts: {} }
  if (expected !== `volume ${root.volume}`) return { code: 'folder-other', facts: {} }
  // Without a mark inside, emptiness is all that would tell.
  return isEmpty ? { code: 'folder-empty', facts: {} } : null
}

async function readMark(path: string): Promise<string | null> {
  const text = await readFile(join(path, markName), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
  return text === null ? null : (/^id: ([0-9a-f-]{6,64})$/m.exec(text)?.[1] ?? null)
}

function away(code: 'folder-missing' | 'folder-unreadable', facts: Readonly<Record<string, string>> = {}): Root {
  return { kind: 'away', why: { code, facts } }
}
