/** What `npm start` does where Electron's program is missing: its own installer runs, against a mirror on this machine. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { archiveServer, cut, deadAddress } from '../support/archive-server.ts'
import { temporaryFolder } from '../support/folder.ts'
import { zipOf } from '../support/zip-writer.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(await readFile(join(checkout, 'node_modules/electron/package.json'), 'utf8')) as {
  version: string
}
const archiveName = `electron-v${version}-linux-x64.zip`
const archive = zipOf([
  { name: 'electron', content: Buffer.from('#!/bin/sh\necho opened\n'), mode: 0o100755 },
  { name: 'version', content: Buffer.from(version) },
])
const fetching = `start: Fetching the program of Electron ${version} for the window (about 120 MB, once).\n`

let folder: string
let electron: string
beforeEach(async () => {
  folder = await temporaryFolder()
  electron = join(folder, 'node_modules', 'electron')
  await mkdir(electron, { recursive: true })
  for (const name of ['install.js', 'package.json']) await cp(join(checkout, 'node_modules/electron', name), join(electron, name))
  for (const name of ['@electron', '@electron-internal'])
    await symlink(join(checkout, 'node_modules', name), join(folder, 'node_modules', name))
  await expectChecksum(archive)
})

async function expectChecksum(content: Buffer): Promise<void> {
  const checksum = createHash('sha256').update(content).digest('hex')
  await writeFile(join(electron, 'checksums.json'), JSON.stringify({ [archiveName]: checksum }))
}

const serving = async () => await archiveServer((_, response) => response.end(archive))

/** The answer of `ensureElectron`, and what it says meanwhile. */
async function ensure(
  address: string,
  display = ':0',
  user = 1000,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly answer: object; readonly said: string }> {
  const code = `
    const { ensureElectron } = await import(${JSON.stringify(new URL('../../tools/electron.mjs', import.meta.url).href)})
    console.log(JSON.stringify(ensureElectron(process.execPath, ${JSON.stringify(electron)}, ${user})))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: folder,
      DISPLAY: display,
      ELECTRON_MIRROR: address,
      electron_config_cache: join(folder, 'cache'),
      // The stand-in is for one system, wherever this runs.
      ELECTRON_INSTALL_PLATFORM: 'linux',
      ELECTRON_INSTALL_ARCH: 'x64',
      ...more,
    },
  })
  const [answer, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { answer: JSON.parse(answer) as object, said }
}

describe('npm start, where Electron’s program is missing,', () => {
  it('fetches it from the mirror that Electron’s own variable names, says so, and it can be started', async () => {
    const { address, asked } = await serving()
    const program = join(electron, 'dist', 'electron')
    expect(await ensure(address)).toEqual({ answer: { program }, said: fetching })
    expect(asked).toEqual([`/v${version}/${archiveName}`])
    const opened = spawn(program)
    expect(await text(opened.stdout)).toBe('opened\n')
  })

  it('fetches it once', async () => {
    const { address, asked } = await serving()
    const first = await ensure(address)
    expect(await ensure(address)).toEqual({ answer: first.answer, said: '' })
    expect(asked).toHaveLength(1)
  })

  it('fetches it once for two that are started together', async () => {
    const { address, asked } = await serving()
    const both = await Promise.all([ensure(address), ensure(address)])
    expect(both.map(({ said }) => said).toSorted()).toEqual(['', fetching])
    expect(asked).toHaveLength(1)
  })

  it.skipIf(process.platform !== 'linux')('fetches nothing where there is no display', async () => {
    const { address, asked } = await serving()
    expect(await ensure(address, '')).toEqual({ answer: { why: 'There is no display here.' }, said: '' })
    expect(asked).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('fetches nothing for root, for whom Electron has no sandbox, and says so', async () => {
    const { address, asked } = await serving()
    const why = 'Electron’s sandbox does not work for root, and Beside does not run without it.'
    expect(await ensure(address, ':0', 0)).toEqual({ answer: { why }, said: '' })
    expect(asked).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('is told about a Wayland display as well', async () => {
    const { address, asked } = await serving()
    await ensure(address, '', 1000, { WAYLAND_DISPLAY: 'wayland-0' })
    expect(asked).toHaveLength(1)
  })

  it.each<[string, RequestListener, string]>([
    [
      'is not what its checksum says',
      (_, response) => response.end(Buffer.from('something else')),
      `Generated checksum for "${archiveName}" did not match expected checksum`,
    ],
    ['breaks off', cut(archive), 'the transfer broke off'],
    [
      'is not on the mirror',
      (_, response) => response.writeHead(404).end(),
      `Response code 404 (Not Found) for MIRRORv${version}/${archiveName}`,
    ],
  ])('says in one line why, where the archive %s, and leaves nothing half done', async (_, answer, reason) => {
    const { address } = await archiveServer(answer)
    expect(await ensure(address)).toEqual({
      answer: { why: `Electron’s program could not be fetched: ${reason.replace('MIRROR', address)}.` },
      said: fetching,
    })
    expect((await readdir(electron)).toSorted()).toEqual(['checksums.json', 'install.js', 'package.json'])
  })

  it('says in one line that nothing answers', async () => {
    const { answer } = await ensure(await deadAddress())
    expect(answer).toEqual({ why: 'Electron’s program could not be fetched: the server cannot be reached.' })
  })

  it('says in one line that what came is no archive', async () => {
    const content = Buffer.from('<html>Please sign in to this network</html>')
    await expectChecksum(content)
    const { address } = await archiveServer((_, response) => response.end(content))
    const { answer } = await ensure(address)
    expect(answer).toEqual({ why: expect.stringMatching(/^Electron’s program could not be fetched: [^\n]+\.$/) })
  })

  it('fetches it at the next start after one that failed', async () => {
    let isCut = true
    const { address } = await archiveServer((_, response) => {
      if (isCut) response.writeHead(503).end()
      else response.end(archive)
      isCut = false
    })
    await ensure(address)
    expect((await ensure(address)).answer).toEqual({ program: join(electron, 'dist', 'electron') })
  })
})
