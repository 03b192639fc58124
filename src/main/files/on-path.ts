/** Whether and where a program can be started by its name, by a look at the folders of PATH: asking it itself takes some programs seconds. Apart, as knowledge of systems. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

type Surroundings = Readonly<Record<string, string | undefined>>

export function isOnPath(program: string, env: Surroundings = process.env): boolean {
  return placeOnPath(program, env) !== null
}

/** Absolute; null where it is nowhere. */
export function placeOnPath(program: string, env: Surroundings = process.env): string | null {
  const endings = process.platform === 'win32' ? (env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';') : ['']
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending))).find(canRun) ?? null
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
