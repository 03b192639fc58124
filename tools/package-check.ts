/**
 * `npm run package:check`: packs Beside for Linux with stand-ins where Electron's own program and FFmpeg would be, so that what is packed, and how, can
 * be looked at on a machine without that program. It shows nothing about whether the app starts.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = fileURLToPath(new URL('..', import.meta.url))

/** What the packager looks for in the real program to flip its switches: a mark, a version, how many there are, and each as `1`. */
const fuseWire = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x08${'1'.repeat(8)}`

/** Packs into `into/linux-unpacked`. Throws with what the packager said where it fails. */
export function packWithStandIn(into: string): string {
  const dist = join(into, 'stand-in')
  for (const folder of ['locales', 'resources']) mkdirSync(join(dist, folder), { recursive: true })
  writeFileSync(join(dist, 'electron'), `stands in for Electron's program\0${fuseWire}\0`, 'latin1')
  chmodSync(join(dist, 'electron'), 0o755)
  for (const name of [
    'chrome_100_percent.pak',
    'resources.pak',
    'icudtl.dat',
    'LICENSE',
    'LICENSES.chromium.html',
    'locales/en-US.pak',
  ])
    writeFileSync(join(dist, name), '')
  // In the checkout: the packager takes no other place.
  const ffmpeg = join('out', 'stand-in-ffmpeg')
  mkdirSync(join(checkout, ffmpeg), { recursive: true })
  for (const name of ['ffmpeg', 'ffprobe', 'LICENSE.txt', 'build.json']) writeFileSync(join(checkout, ffmpeg, name), '')
  const cli = createRequire(import.meta.url).resolve('electron-builder/cli.js')
  const own = [`-c.electronDist=${dist}`, `-c.directories.output=${into}`, '-c.beforePack=./tools/package-check.ts']
  const args = [cli, '--linux', 'dir', '--publish', 'never', ...own]
  const env = { ...process.env, BESIDE_FFMPEG: ffmpeg }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`electron-builder failed:\n${stdout}${stderr}`)
  return join(into, 'linux-unpacked')
}

/** In the place of what keeps a release from being packed without FFmpeg, which has a stand-in here as well. */
export function beforePack(): void {}

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
