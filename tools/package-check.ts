/**
 * `npm run package:check`: packs Beside for Linux with a stand-in where Electron's own program would be, so that what is packed, and how, can
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
  const cli = createRequire(import.meta.url).resolve('electron-builder/cli.js')
  const args = [cli, '--linux', 'dir', '--publish', 'never', `-c.electronDist=${dist}`, `-c.directories.output=${into}`]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, encoding: 'utf8' })
  if (status !== 0) throw new Error(`electron-builder failed:\n${stdout}${stderr}`)
  return join(into, 'linux-unpacked')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const into = mkdtempSync(join(tmpdir(), 'beside-package-'))
  try {
    const { listPackage } = await import('@electron/asar')
    const files = listPackage(join(packWithStandIn(into), 'resources', 'app.asar'), { isPack: false })
    const bytes = readFileSync(join(into, 'linux-unpacked', 'resources', 'app.asar')).length
    console.log(
      `Packed ${files.length} entries, ${Math.round(bytes / 1024 / 1024)} MiB, around a stand-in for Electron's program; nothing was started.`,
    )
  } finally {
    rmSync(into, { recursive: true, force: true })
  }
}
