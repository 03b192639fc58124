/** What is packed, around a stand-in for Electron's program. Nothing here shows that the app starts. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { extractAll, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packWithStandIn } from '../../tools/package-check.ts'
import { addressesOf, handshake } from '../../src/main/api/carriers/address.ts'
import { clientOver } from '../../src/shared/wire/client.ts'
import { connectOver } from '../../src/main/api/carriers/socket.ts'
import { readBack } from '../../tools/read-back.ts'
import { officeArgs, openable } from '../../tools/packing.ts'

const checkout = resolve(import.meta.dirname, '../..')
let into = ''
let packed = ''
let files: readonly string[] = []

beforeAll(async () => {
  into = await mkdtemp(join(tmpdir(), 'beside-package-'))
  // LibreOffice is three quarters of the whole, and shown at work in packed-command.test.ts.
  packed = packWithStandIn(into, 'linux', { more: officeArgs({ BESIDE_OFFICE: 'no' }) })
  files = listPackage(join(packed, 'resources', 'app.asar'), { isPack: false }).map((path) => path.replaceAll('\\', '/').slice(1))
})
afterAll(async () => await rm(into, { recursive: true, force: true }))

const names = (pattern: RegExp) => [...new Set(files.flatMap((path) => pattern.exec(path)?.[1] ?? []))].toSorted()

describe('the package', () => {
  it('holds the built program, its window, its icons and the packages that bring binaries: nothing of development', () => {
    expect(names(/^([^/]+)/)).toEqual(['build', 'dist', 'node_modules', 'out', 'package.json', 'samples'])
    expect(names(/^((?:build|out)\/[^/]+)$/)).toEqual(['build/icons', 'out/preload.cjs', 'out/renderer'])
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/app.js',
        'dist/image-worker.js',
        'dist/program-process.js',
        'dist/reading-thread.js',
        'out/renderer/index.html',
      ]),
    )
    expect(
      // What that package calls its sources is what runs.
      files
        .filter((path) => !path.startsWith('node_modules/taglib-wasm/dist/src/'))
        .filter((path) => /(^|\/)(test|tests|src|docs)\/|\.(map|md|tsx?|mts|cts|c|h\.in|gyp|log)$|(^|\/)\.[^/]+$/.test(path)),
    ).toEqual([])
    expect(names(/^node_modules\/(@[^/]+\/[^/]+|[^@/]+)\//)).toEqual(
      expect.arrayContaining([
        '@img/sharp-libvips-linux-x64',
        '@img/sharp-linux-x64',
        'better-sqlite3',
        'libheif-js',
        'sharp',
        'taglib-wasm',
        'trash',
      ]),
    )
  })

  it('holds no package that only development wants', async () => {
    const { packages } = JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: true }>
    }
    // The packager lays flat what npm has nested, so it is names that count.
    const wanted = new Set(
      Object.entries(packages).flatMap(([path, { dev }]) => (dev === true ? [] : [path.split('node_modules/').at(-1)])),
    )
    const here = names(/^node_modules\/(@[^/]+\/[^/]+|[^@/]+)\//)
    expect(here.filter((name) => !wanted.has(name))).toEqual([])
  })

  it('has what the system loads beside the archive, for this system alone', async () => {
    const unpacked = await readdir(join(packed, 'resources', 'app.asar.unpacked'), { recursive: true })
    const binaries = unpacked
      .filter((path) => /\.(node|so[.\d]*|dll|dylib|exe)$/.test(path))
      .map((path) => path.replaceAll('\\', '/'))
    expect(binaries.filter((path) => path.endsWith('.node')).toSorted()).toEqual([
      expect.stringMatching(/@img\/sharp-linux-x64\/lib\/sharp-linux-x64.*\.node$/),
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    ])
    expect(binaries).toContainEqual(expect.stringMatching(/libvips-cpp\.so/))
  })

  it('brings the licences of what is in it', async () => {
    const licence = async (name: string) => await readFile(join(packed, 'resources', 'licences', name), 'utf8')
    expect(await licence('LICENSE')).toContain('MIT')
    expect(await licence('LGPL-3.0.txt')).toContain('GNU LESSER GENERAL PUBLIC LICENSE')
    expect(await licence('GPL-3.0.txt')).toContain('GNU GENERAL PUBLIC LICENSE')
    expect(await licence('libheif-js/LICENSE')).toContain('LESSER GENERAL PUBLIC')
    expect(await licence('sharp-libvips-linux-x64/README.md')).toContain('libvips')
    expect(await licence('taglib-wasm/LICENSE')).toContain('MIT')
    expect(await licence('window.md')).toMatch(/react[\s\S]*MIT/)
    for (const name of ['sharp/LICENSE', 'better-sqlite3/LICENSE', 'trash/license', 'README.md'])
      expect(await licence(name)).not.toBe('')
  })

  it('brings FFmpeg and FFprobe, with their licence and a note of where their source is', async () => {
    expect((await readdir(join(packed, 'resources', 'ffmpeg'))).toSorted()).toEqual([
      'LICENSE.txt',
      'build.json',
      'ffmpeg',
      'ffprobe',
    ])
  })

  it('is not made without the FFmpeg that is pinned: there is none for this processor', async () => {
    const cli = join(checkout, 'node_modules/electron-builder/cli.js')
    const out = join(into, 'release')
    const args = ['--linux', 'dir', '--armv7l', '--publish', 'never', `-c.directories.output=${out}`]
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd: checkout, encoding: 'utf8' })
    expect([status, stdout + stderr]).toEqual([1, expect.stringContaining('There is no FFmpeg for linux-armv7l to pack.')])
    await expect(stat(join(out, 'linux-armv7l-unpacked'))).rejects.toThrow('ENOENT')
  })

  it('uses its own FFmpeg rather than the one on PATH, and a Debian package, which brings none, the one of the system', async () => {
    const app = join(into, 'found', 'resources', 'app.asar')
    extractAll(join(packed, 'resources', 'app.asar'), app)
    const doctor = () =>
      spawnSync(process.execPath, [join(app, 'dist', 'beside.js'), 'doctor'], {
        env: { ...process.env, BESIDE_HOME: join(into, 'found-home') },
        encoding: 'utf8',
      }).stdout
    expect(doctor()).toMatch(/FFmpeg: ffmpeg version \S+ \(.+\), found on PATH/)
    await mkdir(join(app, '..', 'ffmpeg'))
    for (const name of ['ffmpeg', 'ffprobe'])
      await writeFile(join(app, '..', 'ffmpeg', name), `#!/bin/sh\necho "${name} version 0-stand-in"\n`, { mode: 0o755 })
    expect(doctor()).toMatch(/FFmpeg: ffmpeg version 0-stand-in, which comes with Beside/)
    const config = await readFile(join(checkout, 'electron-builder.yml'), 'utf8')
    expect([/depends: \[ffmpeg,/.test(config), config.includes('--exclude=opt/Beside/resources/ffmpeg')]).toEqual([true, true])
  })

  it('has the switches of Electron set as SECURITY.md says', async () => {
    const wire = await getCurrentFuseWire(join(packed, 'beside-desktop'))
    const isOn = (fuse: FuseV1Options) => String.fromCharCode(wire[fuse] ?? 0) === '1'
    expect({
      runAsNode: isOn(FuseV1Options.RunAsNode),
      cookies: isOn(FuseV1Options.EnableCookieEncryption),
      nodeOptions: isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: isOn(FuseV1Options.EnableNodeCliInspectArguments),
      integrity: isOn(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: isOn(FuseV1Options.OnlyLoadAppFromAsar),
      snapshot: isOn(FuseV1Options.LoadBrowserProcessSpecificV8Snapshot),
      fileProtocol: isOn(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: true,
      cookies: true,
      nodeOptions: false,
      inspect: false,
      integrity: true,
      onlyAsar: true,
      snapshot: false,
      fileProtocol: false,
    })
  })

  it('converts sound and pictures under plain Node when it is unpacked', async () => {
    const app = join(into, 'app')
    extractAll(join(packed, 'resources', 'app.asar'), app)
    const work = join(into, 'work')
    for (const name of ['song.flac', 'photo.jpg']) await cp(join(checkout, 'samples', name), join(work, name))
    const convert = (name: string, target: string) =>
      spawnSync(process.execPath, [join(app, 'dist', 'beside.js'), 'convert', name, '--to', target], {
        cwd: work,
        env: { ...process.env, BESIDE_HOME: join(into, 'home') },
        encoding: 'utf8',
      })
    expect([convert('song.flac', 'opus').status, convert('photo.jpg', 'webp').status]).toEqual([0, 0])
    expect(await readBack(join(work, 'photo.webp'))).toBe('2100 × 1400, upright, camera data, colour profile')
    expect((await stat(join(work, 'song.opus'))).size).toBeGreaterThan(1000)
  })

  it('starts its engine from its main file, with a stand-in for electron, and ends well when it is asked to', async () => {
    const app = join(into, 'started')
    extractAll(join(packed, 'resources', 'app.asar'), app)
    const home = join(into, 'app-home')
    const { main, version } = JSON.parse(await readFile(join(app, 'package.json'), 'utf8')) as { main: string; version: string }
    const hook = pathToFileURL(join(checkout, 'test/app/stand-in-program.ts')).href
    const child = spawn(process.execPath, ['--import', hook, join(app, main)], {
      env: { ...process.env, BESIDE_HOME: home },
      stdio: 'inherit',
    })
    const ended = once(child, 'exit')
    let line: Socket | null = null
    while (line === null && child.exitCode === null) {
      line = await handshake(addressesOf(await realpath(home).catch(() => home), 'beside'))
      await new Promise((resume) => setImmediate(resume))
    }
    const connection = line === null ? null : await connectOver(line, 'look')
    if (connection === null) throw new Error('the app did not listen')
    expect(await clientOver(() => connection).about()).toMatchObject({ version, pid: child.pid })
    connection.close()
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('has a preload script that a sandbox can run: one file that asks for nothing but electron', async () => {
    const asked: string[] = []
    const exposed: Record<string, object> = {}
    const electron = {
      contextBridge: { exposeInMainWorld: (name: string, value: object) => (exposed[name] = value) },
      ipcRenderer: { on: () => {}, invoke: async () => {}, send: () => {} },
      webUtils: { getPathForFile: () => '' },
    }
    const load = (name: string) => {
      asked.push(name)
      return electron
    }
    runInNewContext(await readFile(join(checkout, 'out', 'preload.cjs'), 'utf8'), { require: load, module: {}, exports: {} })
    expect(asked).toEqual(['electron'])
    expect(Object.keys(exposed)).toEqual(['besideDesktop'])
    expect(Object.keys(exposed['besideDesktop'] ?? {}).toSorted()).toEqual([
      'askForPort',
      'chooseFolder',
      'drag',
      'onFiles',
      'onState',
      'open',
      'pathOf',
      'prefer',
      'reveal',
      'state',
      'takeFiles',
    ])
  })

  it('is opened with every kind of file that Beside knows, on each system', async () => {
    const config = await readFile(join(checkout, 'electron-builder.yml'), 'utf8')
    const listed = [...config.matchAll(/ext:\s*\[([^\]]+)\]/g)].flatMap(([, list = '']) => list.match(/\w+/g) ?? [])
    const installer = await readFile(join(checkout, 'out', 'packing', 'menus.nsh'), 'utf8')
    const onWindows = [...installer.matchAll(/SupportedTypes" "\.(\w+)"/g)].map(([, extension]) => extension)
    expect(listed.toSorted()).toEqual(openable.toSorted())
    expect(onWindows.toSorted()).toEqual(openable.toSorted())
    // Everybody who writes TypeScript would be offered a converter of films, and everybody who packs files one of archives.
    expect(
      ['mp3', 'mts', 'docx', 'epub', 'cr2', 'ts', 'key', 'zip', 'srt', 'json', 'ttf'].filter((each) => openable.includes(each)),
    ).toEqual(['mp3', 'mts', 'docx', 'epub', 'cr2'])
  })
})
