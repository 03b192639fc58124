/** `beside` as the installers bring it, around stand-ins for Electron's program: the launchers, and what reaches what they start. */
import { execFile, spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveSeen } from '../support/archives.ts'
import { unpackFor } from '../support/packed-command.ts'
import { packWithStandIn } from '../../tools/package-check.ts'
import { framesSeen, pdfRead } from '../support/readers.ts'
import { writeTone } from '../support/tone.ts'
import { unpacked } from '../support/unpacked.ts'
import { zipOf } from '../support/zip-writer.ts'

let into = ''
let app = ''
let command = ''
const execute = promisify(execFile)
const hostile = [
  'a b',
  "it's",
  '"quoted"',
  '%PATH%',
  'a & b | c',
  '$(touch harm)',
  'ü 日本',
  '*',
  '',
  '-dash',
  'back\\slash',
  'line\nbreak',
]

beforeAll(async () => {
  into = await mkdtemp(join(tmpdir(), "beside's packed & 100% ü-"))
  app = packWithStandIn(into)
  command = join(app, 'resources', 'bin', 'beside')
  await unpackFor(process.execPath, app)
})
afterAll(async () => await rm(into, { recursive: true, force: true }))

/** In the place of Electron's program: says by which arguments and as what it was started, and ends as it is told. */
async function telling(folder: string): Promise<string> {
  await mkdir(join(folder, 'resources', 'bin'), { recursive: true })
  await writeFile(
    join(folder, 'beside-desktop'),
    `#!${process.execPath}\nconsole.log(JSON.stringify([process.env.ELECTRON_RUN_AS_NODE, ...process.argv.slice(2)])); process.exitCode = 3\n`,
    { mode: 0o755 },
  )
  const launcher = join(folder, 'resources', 'bin', 'beside')
  await writeFile(launcher, await readFile(command), { mode: 0o755 })
  return launcher
}

describe('the command that comes with the app', () => {
  it('passes every argument on as it is, and the exit status back, through links as well', async () => {
    const folder = join(into, 'telling -x “q” $HOME')
    const launcher = await telling(folder)
    await mkdir(join(into, 'bin'))
    await symlink(launcher, join(into, 'bin', 'one'))
    await symlink('one', join(into, 'bin', 'beside'))
    const { status, stdout } = spawnSync('beside', hostile, {
      cwd: '/',
      env: { ...process.env, PATH: `${join(into, 'bin')}:${process.env['PATH']}`, CDPATH: '/usr' },
      encoding: 'utf8',
    })
    expect([status, JSON.parse(stdout)]).toEqual([
      3,
      ['1', join(folder, 'resources', 'app.asar', 'dist', 'beside.js'), ...hostile],
    ])
  })

  it('works when a shell is told to run it by its name alone', async () => {
    const launcher = await telling(join(into, 'by name'))
    const { status, stdout } = spawnSync('sh', ['beside', 'x'], { cwd: join(launcher, '..'), encoding: 'utf8' })
    expect([status, (JSON.parse(stdout) as string[]).at(-1)]).toEqual([3, 'x'])
  })

  it('finds the program where macOS has it', async () => {
    const folder = join(into, 'Beside.app', 'Contents')
    await telling(folder)
    await mkdir(join(folder, 'MacOS'))
    await mkdir(join(folder, 'Resources', 'bin'), { recursive: true })
    await writeFile(join(folder, 'MacOS', 'Beside'), await readFile(join(folder, 'beside-desktop')), { mode: 0o755 })
    await rm(join(folder, 'beside-desktop'))
    await writeFile(join(folder, 'Resources', 'bin', 'beside'), await readFile(command), { mode: 0o755 })
    const { status } = spawnSync(join(folder, 'Resources', 'bin', 'beside'), [], { encoding: 'utf8' })
    expect(status).toBe(3)
  })

  it('has a launcher for Windows of plain lines that cmd.exe takes, which keeps the exit status', async () => {
    const text = await readFile(join(import.meta.dirname, '../../build/command/beside.cmd'), 'latin1')
    const lines = text.split('\r\n').filter((line) => !line.startsWith('rem '))
    expect(lines).toEqual([
      '@echo off',
      'setlocal DisableDelayedExpansion',
      'set "ELECTRON_RUN_AS_NODE=1"',
      '"%~dp0..\\..\\Beside.exe" "%~dp0..\\app.asar\\dist\\beside.js" %*',
      'exit /b %errorlevel%',
      '',
    ])
    // oxlint-disable-next-line no-control-regex -- what is no ASCII means something else on each code page
    expect(/^[\x00-\x7f]*$/.test(text)).toBe(true)
  })

  it('says that it is the one of the app', async () => {
    const env = { ...process.env, BESIDE_HOME: join(into, 'home') }
    const version = (await execute(command, ['--version'], { env })).stdout
    expect(version).toMatch(/^\d+\.\d+\.\d+ \(part of the app in .*linux-unpacked\)\n$/)
    expect((await execute(command, ['doctor'], { env })).stdout).toContain(`Beside: ${version.trim()} on Node`)
  })

  it('lets nothing that it starts inherit what makes Electron a Node', async () => {
    const folder = join(into, 'ffmpeg')
    await mkdir(folder)
    await writeTone(join(folder, 'tone.wav'), 0.1)
    for (const name of ['ffmpeg', 'ffprobe']) {
      const path = join(folder, name)
      await writeFile(path, `#!/bin/sh\nenv > '${folder.replaceAll("'", `'\\''`)}/seen'\necho "${name} version 5.1"\nexit 1\n`)
      await chmod(path, 0o755)
    }
    const env = { ...process.env, BESIDE_HOME: join(into, 'home'), PATH: `${folder}:${process.env['PATH']}`, SEEN: 'yes' }
    await execute(command, ['convert', 'tone.wav', '--to', 'mp3'], { cwd: folder, env }).catch(() => {})
    const seen = await readFile(join(folder, 'seen'), 'utf8')
    expect([seen.includes('SEEN=yes'), seen.includes('ELECTRON_RUN_AS_NODE')]).toEqual([true, false])
  })
})

describe('what comes with the app, where no program is installed', () => {
  const office = () => join(app, 'resources', 'app.asar', 'node_modules', '@matbee')
  let folder = ''
  let env: Record<string, string> = {}

  beforeAll(async () => {
    folder = join(into, 'documents')
    await mkdir(folder)
    await cp(join(import.meta.dirname, '../../samples/letter.docx'), join(folder, 'letter.docx'))
    await writeFile(join(folder, 'table.csv'), 'name;key\nAda;007\n')
    await writeFile(join(folder, 'pack.zip'), zipOf([{ name: 'one/two.txt', content: Buffer.from('two'.repeat(1000)) }]))
    const inter = '../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'
    await cp(join(import.meta.dirname, inter), join(folder, 'inter.woff2'))
    const few = join(into, 'few programs')
    await mkdir(few)
    for (const name of ['sh', 'dirname', 'readlink']) {
      const path = spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim()
      await symlink(path, join(few, name))
    }
    env = { BESIDE_HOME: join(into, 'documents-home'), PATH: few }
  })

  /** @returns what made it, as `history show` has it */
  async function converted(name: string, target: string): Promise<string> {
    const { stdout } = await execute(command, ['convert', name, '--to', target, '--json'], { cwd: folder, env })
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly id: number })
    const id = lines.findLast(({ type }) => type === 'job')?.id ?? 0
    const shown = await execute(command, ['history', 'show', String(id)], { env })
    return /^ *Results .*, by (.*)$/m.exec(shown.stdout)?.[1] ?? ''
  }
  const made = (name: string) => join(folder, name)

  it('makes a PDF of a letter by the LibreOffice that comes with it, and a picture of that', async () => {
    expect(await converted('letter.docx', 'pdf')).toBe('LibreOffice 24.8')
    const { pages, text } = pdfRead(made('letter.pdf'))
    expect([pages, text]).toEqual([1, expect.stringContaining('Dear')])
    expect(await converted('letter.pdf', 'png')).toMatch(/^PDFium/)
    expect(framesSeen(made('letter.png')).width).toBeGreaterThan(1000)
  })

  it('makes a bitmap of a picture, and reads the text in it', async () => {
    expect(await converted('letter.png', 'bmp')).toMatch(/^ImageMagick/)
    expect(framesSeen(made('letter.bmp')).width).toBe(framesSeen(made('letter.png')).width)
    expect(await converted('letter.png', 'text')).toMatch(/^Tesseract .*tesseract\.js/)
    expect(await readFile(made('letter.txt'), 'utf8')).toContain('Dear')
  })

  it('makes a workbook of a table, and packs an archive and a font anew', async () => {
    expect(await converted('table.csv', 'xlsx')).toBe('Beside')
    const cells = (await unpacked(made('table.xlsx'))).map(([, content]) => content.toString('utf8')).join('\n')
    expect(cells).toContain('>007<')
    expect(await converted('pack.zip', '7z')).toMatch(/^7-Zip/)
    expect(archiveSeen(made('pack.7z'), '7z').map(({ path }) => path)).toContain('one/two.txt')
    expect(await converted('inter.woff2', 'ttf')).toMatch(/^wawoff2/)
    expect((await readFile(made('inter.ttf'))).toString('latin1', 0, 4)).toBe('\0\x01\0\0')
    await rename(made('inter.ttf'), made('again.ttf'))
    expect(await converted('again.ttf', 'woff2')).toMatch(/^wawoff2/)
    expect((await readFile(made('again.woff2'))).toString('latin1', 0, 4)).toBe('wOF2')
  })

  it('says what does the work of LibreOffice where that was left out of the package', async () => {
    await rename(office(), `${office()} elsewhere`)
    try {
      const { stdout } = await execute(command, ['doctor'], { env })
      expect(stdout).toMatch(/missing +LibreOffice \(built in\): LibreOffice does not come with this copy of Beside\./)
      expect(stdout).toContain('An installed LibreOffice does the same')
    } finally {
      await rename(`${office()} elsewhere`, office())
    }
  })
})
