/**
 * What each system gets, packed around stand-ins for Electron's program and FFmpeg; for Debian the whole list of the package, by a stand-in
 * for the program that makes it, which lays files where it is told.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { listPackage } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { officeArgs, publishArgs } from '../../tools/packing.ts'
import { packWithStandIn, type PackedSystem } from '../../tools/package-check.ts'
import { menuFamilies } from '../../src/main/menus/entries.ts'
import { desktopFileTrouble } from '../support/checkers.ts'

/** It is three quarters of the whole, and shown at work in packed-command.test.ts. */
const withoutOffice = officeArgs({ BESIDE_OFFICE: 'no' })
const checkout = resolve(import.meta.dirname, '../..')
let into = ''
beforeAll(async () => {
  into = await mkdtemp(join(tmpdir(), 'beside-packed-files-'))
})
afterAll(async () => await rm(into, { recursive: true, force: true }))

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [join(entry.parentPath, entry.name).slice(folder.length + 1)]))
}

const licences = ['GPL-3.0.txt', 'LGPL-3.0.txt', 'LICENSE', 'README.md', 'main.md', 'window.md'].map((name) => `licences/${name}`)
const packages = ['better-sqlite3/LICENSE', 'libheif-js/LICENSE', 'sharp/LICENSE', 'taglib-wasm/LICENSE', 'trash/license']

describe.each([
  ['linux', 'resources', 'bin/beside', ''],
  ['mac', 'Beside.app/Contents/Resources', 'bin/beside', ''],
  ['win', 'resources', 'bin/beside.cmd', '.exe'],
] as const)('what is packed for %s', (system: PackedSystem, resources, command, ending) => {
  let folder = ''
  let files: readonly string[] = []
  beforeAll(async () => {
    folder = join(packWithStandIn(join(into, system), system, { more: withoutOffice }), resources)
    files = await filesIn(folder)
  })

  it('has FFmpeg and FFprobe, the command, the archive, and no other programs', () => {
    const own = files.filter((path) => !/^(licences|app\.asar\.unpacked|[\w-]+\.lproj)\//.test(path) && !path.endsWith('.icns'))
    expect(own.toSorted()).toEqual(
      [
        'app.asar',
        command,
        'ffmpeg/LICENSE.txt',
        'ffmpeg/build.json',
        `ffmpeg/ffmpeg${ending}`,
        `ffmpeg/ffprobe${ending}`,
      ].toSorted(),
    )
  })

  it('has the licences of all that', () => {
    expect(files).toEqual(expect.arrayContaining([...licences, ...packages.map((name) => `licences/${name}`)]))
  })

  it('has the command line, the app and its window in the archive', () => {
    const packed = listPackage(join(folder, 'app.asar'), { isPack: false }).map((path) => path.replaceAll('\\', '/'))
    expect(packed).toEqual(
      expect.arrayContaining([
        '/dist/beside.js',
        '/dist/app.js',
        '/out/preload.cjs',
        '/out/renderer/index.html',
        '/package.json',
      ]),
    )
  })

  it('has a command that may be run, and looks for no updates', async () => {
    const { mode } = await stat(join(folder, command))
    expect(system === 'win' ? 'by its ending' : mode & 0o111).toBe(system === 'win' ? 'by its ending' : 0o111)
    expect(await readFile(join(folder, command))).toEqual(await readFile(join(checkout, 'build', 'command', command.slice(4))))
    expect(files).not.toContain('app-update.yml')
  })

  it('leaves Electron the switch by which the command runs', async () => {
    const program = { linux: 'beside-desktop', mac: 'Beside.app', win: 'Beside.exe' }[system]
    const wire = await getCurrentFuseWire(
      join(into, system, { linux: 'linux-unpacked', mac: 'mac', win: 'win-unpacked' }[system], program),
    )
    expect(String.fromCharCode(wire[FuseV1Options.RunAsNode] ?? 0)).toBe('1')
  })
})

describe('a package of Debian', () => {
  it('has the link to the command and the menus for everybody, so that dpkg removes them, and no FFmpeg', async () => {
    // As fpm does with its arguments: `from=to`, and what is excluded.
    const standIn = join(into, 'fpm')
    await writeFile(
      standIn,
      `#!${process.execPath}
const { readdirSync, readFileSync, lstatSync, readlinkSync, writeFileSync } = require('node:fs')
const args = process.argv.slice(2)
const excluded = args.filter((arg) => arg.startsWith('--exclude=')).map((arg) => '/' + arg.slice(10))
const found = []
const take = (from, to) => {
  if (excluded.some((path) => to === path || to.startsWith(path + '/'))) return
  const stats = lstatSync(from)
  if (stats.isDirectory()) for (const name of readdirSync(from)) take(from + '/' + name, to + '/' + name)
  else found.push(stats.isSymbolicLink() ? to + ' -> ' + readlinkSync(from) : to)
}
for (const [, from, to] of args.map((arg) => /^([^-=][^=]*)=(\\/.*)$/.exec(arg)).filter(Boolean)) take(from.replace(/\\/$/, ''), to.replace(/\\/$/, ''))
const depends = args.flatMap((arg, at) => (arg === '-d' ? [args[at + 1]] : []))
const desktop = readFileSync(args.find((arg) => arg.endsWith('.desktop')).split('=')[0], 'utf8')
writeFileSync(args[args.indexOf('--package') + 1], JSON.stringify({ found, depends, desktop }))
`,
      { mode: 0o755 },
    )
    process.env['CUSTOM_FPM_PATH'] = standIn
    const folder = join(into, 'deb')
    try {
      packWithStandIn(folder, 'linux', {
        target: 'deb',
        more: [...withoutOffice, '-c.extraMetadata.homepage=https://example.org'],
      })
    } finally {
      delete process.env['CUSTOM_FPM_PATH']
    }
    const name = (await readdir(folder)).find((each) => each.endsWith('.deb')) ?? ''
    const { found, depends, desktop } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
      readonly [key in 'found' | 'depends']: readonly string[]
    } & { readonly desktop: string }
    await writeFile(join(folder, 'beside-desktop.desktop'), desktop)
    expect([desktopFileTrouble(join(folder, 'beside-desktop.desktop')), desktop]).toEqual([
      '',
      expect.stringContaining('[Desktop Action add]\nName=Add files…\nName[de]=Dateien hinzufügen …'),
    ])
    const families = menuFamilies().map(({ family }) => family)
    expect(found.filter((path) => path.startsWith('/usr') && !path.startsWith('/usr/share/icons')).toSorted()).toEqual(
      [
        '/usr/bin/beside -> /opt/Beside/resources/bin/beside',
        '/usr/share/applications/beside-desktop.desktop',
        ...families.map((family) => `/usr/share/kio/servicemenus/beside-${family}.desktop`),
        ...menuFamilies().flatMap(({ family, entries }) =>
          [entries[0]?.id ?? '', 'last', 'choose'].map((id) => `/usr/share/nemo/actions/beside-${family}-${id}.nemo_action`),
        ),
        '/usr/share/mime/packages/beside-desktop.xml',
        '/usr/share/nautilus-python/extensions/beside.py',
      ].toSorted(),
    )
    expect(found).toEqual(expect.arrayContaining(['/opt/Beside/beside-desktop', '/opt/Beside/resources/bin/beside']))
    expect([found.filter((path) => path.startsWith('/opt/Beside/resources/ffmpeg')), depends.includes('ffmpeg')]).toEqual([
      [],
      true,
    ])
  })
})

describe('a release', () => {
  it('says where updates come from, and leaves LibreOffice out, where it is told to', async () => {
    const env = { BESIDE_UPDATES: 'https://updates.example.org/beside', BESIDE_UPDATES_CHANNEL: 'beta', BESIDE_OFFICE: 'no' }
    const more = [...publishArgs(env), ...officeArgs(env)]
    const folder = packWithStandIn(join(into, 'release'), 'linux', { more })
    const packed = listPackage(join(folder, 'resources', 'app.asar'), { isPack: false })
    const has = (name: string) => packed.some((path) => path.includes(name))
    expect([has('@matbee'), has('7zz.wasm'), (await filesIn(folder)).some((path) => path.includes('@matbee'))]).toEqual([
      false,
      true,
      false,
    ])
    expect(await readFile(join(folder, 'resources', 'app-update.yml'), 'utf8')).toBe(
      'provider: generic\nurl: https://updates.example.org/beside\nchannel: beta\nupdaterCacheDirName: beside-updater\n',
    )
  })

  it('brings LibreOffice unless it is told no', () => {
    expect([officeArgs({}), officeArgs({ BESIDE_OFFICE: 'yes' })]).toEqual([[], []])
    expect(() => officeArgs({ BESIDE_OFFICE: 'off' })).toThrow('has to be yes or no')
  })

  it('takes updates from an https address and a channel of one word, or from nowhere', () => {
    expect(publishArgs({})).toEqual([])
    expect(publishArgs({ BESIDE_UPDATES: 'https://x.org' })).toContain('-c.publish.channel=latest')
    expect(() => publishArgs({ BESIDE_UPDATES: 'http://x.org' })).toThrow('has to be an https address')
    expect(() => publishArgs({ BESIDE_UPDATES: 'https://x.org', BESIDE_UPDATES_CHANNEL: '../x' })).toThrow('has to be a word')
  })
})
