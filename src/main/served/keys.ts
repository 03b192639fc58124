/**
 * Keys of those whom Beside converts for. Each is as random as it is long, so that its plain hash is as good as the slow ones that passwords need, and
 * nothing but the hash is kept. Apart, as what is secret is read at one place.
 */
import { createHash } from 'node:crypto'
import type { Random } from '../engine/ports.ts'

/** So that whoever finds one knows what it opens. */
const prefix = 'beside-'

export function newKey(random: Pick<Random, 'key'>): string {
  return prefix + newId(random) + newId(random)
}

/** 32 hexadecimal digits that nobody can guess. */
export function newId(random: Pick<Random, 'key'>): string {
  return random.key().replaceAll('-', '')
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
