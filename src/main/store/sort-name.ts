/** The key by which names are sorted: without case and accents, and with 2 before 10, as in a file manager. */
import type Database from 'better-sqlite3'
import { plain } from './words.ts'

/** Keys are kept for each row, and what differs only behind this many characters is rare. */
const longest = 80

export function sortName(source: string): string {
  const name = source.split(/[/\\]/).findLast((part) => part !== '') ?? source
  return plain(name.slice(0, longest))
    .replaceAll(/\d{1,10}/g, (digits) => digits.padStart(10, '0'))
    .slice(0, longest)
}

/** For migrations, which are SQL alone. */
export function defineSortName(db: Database.Database): void {
  db.function('sort_name', { deterministic: true }, (source: unknown) => sortName(String(source)))
}
