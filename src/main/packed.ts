/** Where this program lies when it comes with the app, and how it starts itself again. All that is built lies in one folder, so its address says so. */
import { existsSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Makes Electron's program a plain Node. Nothing that we start is to inherit it, but for ourselves. */
export const runAsNode = 'ELECTRON_RUN_AS_NODE'

/** The app's folder of resources, in whose archive this program is packed; null where it runs from elsewhere. */
export function packedResources(): string | null {
  const archive = fileURLToPath(new URL('..', import.meta.url))
  return basename(archive) === 'app.asar' ? dirname(archive) : null
}

/** The FFmpeg that lies beside the archive; null where there is none, as in a package for a system that brings its own. */
export function packedFfmpeg(): string | null {
  const resources = packedResources()
  if (resources === null) return null
  const program = join(resources, 'ffmpeg', process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg')
  return existsSync(program) ? program : null
}

/** The app as people have it: an AppImage, a folder that ends in `.app`, or a program; null where this program is not packed. */
export function packedApp(env: Readonly<Record<string, string | undefined>>): string | null {
  const resources = packedResources()
  if (resources === null) return null
  if (process.platform === 'darwin') return dirname(dirname(resources))
  return appImage(env) ?? join(dirname(resources), process.platform === 'win32' ? 'Beside.exe' : 'beside-desktop')
}

/** Null where this process is not one of an AppImage; in a terminal that is another one, its variables are around as well. */
function appImage({ APPDIR = '', APPIMAGE = '' }: Readonly<Record<string, string | undefined>>): string | null {
  return APPIMAGE !== '' && APPDIR !== '' && process.execPath.startsWith(APPDIR + sep) ? APPIMAGE : null
}

/**
 * The arguments by which an AppImage, which lies elsewhere at each start, runs its command line. Its first script would put `--no-sandbox`
 * before them where it does not find that among them, and Node would refuse it there.
 */
export const appImageArgs = [
  '-e',
  "import(require('node:url').pathToFileURL(process.env.APPDIR + '/resources/app.asar/dist/beside.js').href)",
  '--',
  '--no-sandbox',
] as const

/** How to start the command line anew, in a process that may outlive this one. */
export function ownCommand(
  script: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly [program: string, ...args: readonly string[]] {
  // What an AppImage was mounted at goes with the process that it was mounted for.
  const image = appImage(env)
  return image === null ? [process.execPath, ...process.execArgv, script] : [image, ...appImageArgs]
}
