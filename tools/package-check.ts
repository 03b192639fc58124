/**
 * `npm run package:check`: packs Beside with stand-ins where Electron's own program and FFmpeg would be, so that what is packed, and how, can
 * be looked at on a machine without that program. It shows nothing about whether the app starts.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writePacking } from './packing.ts'

const checkout = fileURLToPath(new URL('..', import.meta.url))

/** What the packager looks for in the real program to flip its switches: a mark, a version, how many there are, and each as `1`. */
const fuseWire = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x08${'1'.repeat(8)}`

const plist = (name: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>CFBundleExecutable</key><string>${name}</string></dict></plist>`
const chromium = [
  'chrome_100_percent.pak',
  'resources.pak',
  'icudtl.dat',
  'LICENSE',
  'LICENSES.chromium.html',
  'locales/en-US.pak',
]
const helpers = ['Electron Helper', 'Electron Helper (Renderer)', 'Electron Helper (GPU)', 'Electron Helper (Plugin)']
const contents = 'Electron.app/Contents'

/** For each system what the packager touches of Electron, where the app is then, and what it cannot do to a stand-in. */
const systems = {
  linux: { program: 'electron', files: chromium, app: 'linux-unpacked', not: [] },
  win: {
    program: 'electron.exe',
    files: chromium,
    app: 'win-unpacked',
    // Both write into the program, which is to be a real one for that.
    not: ['-c.win.signAndEditExecutable=false', '-c.disableAsarIntegrity=true'],
  },
  mac: {
    program: `${contents}/Frameworks/Electron Framework.framework/Electron Framework`,
    files: [
      'LICENSE',
      'LICENSES.chromium.html',
      `${contents}/Info.plist`,
      `${contents}/MacOS/Electron`,
      `${contents}/Resources/en.lproj/x`,
      `${contents}/Frameworks/Electron Framework.framework/Versions/A/Resources/en.lproj/x`,
      ...helpers.flatMap((name) => [
        `${contents}/Frameworks/${name}.app/Contents/Info.plist`,
        `${contents}/Frameworks/${name}.app/Contents/MacOS/${name}`,
      ]),
    ],
    app: 'mac',
    not: ['-c.mac.identity=null', '-c.mac.notarize=false'],
  },
} as const
export type PackedSystem = keyof typeof systems

/**
 * Packs into a folder of `into`, and answers which: on macOS the one that holds the app. Throws with what the packager said where it fails.
 * @param more arguments of the packager
 */
export function packWithStandIn(
  into: string,
  system: PackedSystem = 'linux',
  { target = 'dir', more = [] }: { readonly target?: string; readonly more?: readonly string[] } = {},
): string {
  const { program, files, app, not } = systems[system]
  const dist = join(into, `stand-in-${system}`)
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(dist, path)), { recursive: true })
    writeFileSync(join(dist, path), content, 'latin1')
  }
  mkdirSync(join(dist, 'resources'), { recursive: true })
  for (const path of files) write(path, path.endsWith('.plist') ? plist('Electron') : '')
  write(program, `stands in for Electron's program\0${fuseWire}\0`)
  chmodSync(join(dist, program), 0o755)
  // In the checkout: the packager takes no other place.
  const ffmpeg = join('out', `stand-in-ffmpeg-${system}`)
  mkdirSync(join(checkout, ffmpeg), { recursive: true })
  const ending = system === 'win' ? '.exe' : ''
  for (const name of [`ffmpeg${ending}`, `ffprobe${ending}`, 'LICENSE.txt', 'build.json'])
    writeFileSync(join(checkout, ffmpeg, name), '')
  const cli = createRequire(import.meta.url).resolve('electron-builder/cli.js')
  const own = [`-c.electronDist=${dist}`, `-c.directories.output=${into}`, '-c.beforePack=./tools/package-check.ts']
  const args = [cli, `--${system}`, target, '--x64', '--publish', 'never', ...own, ...not, ...more]
  const env = { ...process.env, BESIDE_FFMPEG: ffmpeg }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`electron-builder failed:\n${stdout}${stderr}`)
  return join(into, app)
}

/** Without what keeps a release from being packed without FFmpeg, which has a stand-in here as well. */
export function beforePack(): void {
  writePacking()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const into = mkdtempSync(join(tmpdir(), 'beside-package-'))
  try {
    const { listPackage } = await import('@electron/asar')
    const files = listPackage(join(packWithStandIn(into), 'resources', 'app.asar'), { isPack: false })
    const bytes = readFileSync(join(into, 'linux-unpacked', 'resources', 'app.asar')).length
    console.log(
      `Packed ${files.length} entries, ${Math.round(bytes / 1024 / 1024)} MiB, around stand-ins for Electron's program and FFmpeg; nothing was started.`,
    )
  } finally {
    rmSync(into, { recursive: true, force: true })
  }
}
