/** Programs that check what is generated for others to read, and had no part in making it. Which one is missing is said plainly. */
import { spawnSync } from 'node:child_process'

function check(name: string, program: string, args: readonly string[]): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${program} is missing; \`npm run setup -- ${name}\` installs it`, { cause: error })
  return status === 0 ? '' : `${stdout}${stderr}`.trim() || `exit status ${status}`
}

/** What is wrong with a desktop file; empty where nothing is. */
export function desktopFileTrouble(path: string): string {
  return check('desktop-files', 'desktop-file-validate', [path])
}

export function xmlTrouble(paths: readonly string[]): string {
  return check('xmllint', 'xmllint', ['--noout', '--nonet', ...paths])
}

export function plistTrouble(path: string): string {
  return check('plist', 'plistutil', ['-i', path, '-o', '/dev/null'])
}

/** Compiles without any warning. */
export function nsisTrouble(args: readonly string[]): string {
  return check('nsis', 'makensis', ['-V2', '-WX', '-INPUTCHARSET', 'UTF8', ...args])
}
