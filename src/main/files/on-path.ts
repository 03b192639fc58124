/** Whether a program can be started by its name, by a look at the folders of PATH: asking it itself takes some programs seconds. Apart, as knowledge of systems. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export function isOnPath(program: string, env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const endings = process.platform === 'win32' ? (env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';') : ['']
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .some((folder) => endings.some((ending) => canRun(join(folder, program + ending))))
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
