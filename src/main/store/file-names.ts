/** Names in the data folder, all next to the database itself. */

/** `beside.sqlite` and `damaged` to `beside.damaged-2026-11-21T06-38-00.123Z.sqlite`, or without the time where none is given. */
export function beside(path: string, word: string, atMs?: number): string {
  const time = atMs === undefined ? '' : `-${new Date(atMs).toISOString().replaceAll(':', '-')}`
  return path.replace(/\.sqlite$/, `.${word}${time}.sqlite`)
}

/** What SQLite keeps beside a database while it is open, and after a crash. */
export const companions = ['-wal', '-shm'] as const
