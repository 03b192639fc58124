/**
 * The FFmpeg that the installers bring. `build/ffmpeg.json` names a build for each system, without fdk-aac, which may not be passed on;
 * `npm run ffmpeg:pin` writes down the checksums of those that have none yet, and `npm run ffmpeg:fetch -- SYSTEM…` (this one unless said)
 * unpacks what is pinned to `build/ffmpeg/SYSTEM`.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import yauzl from 'yauzl'
import { z } from 'zod'

const checkout = fileURLToPath(new URL('..', import.meta.url))
export const pinsFile = join(checkout, 'build', 'ffmpeg.json')
const builds = join(checkout, 'build', 'ffmpeg')
const licenceText = join(checkout, 'build', 'licences', 'GPL-3.0.txt')

/** FFmpeg's programs hold the line that they were configured by. */
const notToBePassedOn = ['--enable-nonfree', '--enable-libfdk-aac']

const archiveSchema = z.strictObject({
  address: z.url(),
  /** Null until it is pinned. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
})
const buildSchema = z.strictObject({
  version: z.string(),
  licence: z.literal('GPL-3.0-or-later'),
  /** Where the sources are, and how they were built: who passes the program on has to say so. */
  source: z.url(),
  /** Of which one or the other holds the programs, in whichever folder. */
  archives: z.array(archiveSchema),
})
/** By system and processor, as Node names them. */
const pinsSchema = z.record(z.string(), buildSchema)

export type FfmpegBuild = z.infer<typeof buildSchema>
export type Pins = Readonly<Record<string, FfmpegBuild>>
type Archive = z.infer<typeof archiveSchema>

export function readPins(file: string): Pins {
  return pinsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Downloads every archive that has no checksum, and writes them all or, where one does not come, none. */
export async function pin(file: string): Promise<void> {
  const pins = readPins(file)
  for (const archive of Object.values(pins).flatMap(({ archives }) => archives)) {
    if (archive.sha256 !== null) continue
    const hash = createHash('sha256')
    for await (const bytes of download(archive.address)) hash.update(bytes)
    archive.sha256 = hash.digest('hex')
  }
  await writeFile(file, `${JSON.stringify(pins, null, 2)}\n`)
}

/**
 * Puts the programs, a licence text and the entry of `pins` as `build.json` into the folder `into`, or changes nothing there.
 * @throws Error in one line where the build is not pinned, does not come whole, is another one, or lacks a program.
 */
export async function fetchBuild(pins: Pins, system: string, into: string): Promise<void> {
  const build = pins[system]
  if (build === undefined) throw new Error(`There is no FFmpeg for ${system}, only for ${Object.keys(pins).join(', ')}.`)
  if (isFetched(build, system, into)) return
  await mkdir(dirname(into), { recursive: true })
  const work = await mkdtemp(`${into}-`)
  try {
    const ready = join(work, 'ready')
    await mkdir(ready)
    const programs = programsFor(system)
    for (const archive of build.archives) {
      const unpacked = await unpack(await bring(archive, system, work), work)
      for (const name of [...programs, 'LICENSE.txt']) await take(name, unpacked, ready)
    }
    const missing = programs.find((name) => !existsSync(join(ready, name)))
    if (missing !== undefined) throw new Error(`There is no ${missing} in what is pinned for ${system}.`)
    for (const name of programs) {
      const whole = await readFile(join(ready, name))
      const part = notToBePassedOn.find((switched) => whole.includes(switched))
      if (part !== undefined) throw new Error(`The ${name} for ${system} was built with ${part} and may not be passed on.`)
      await chmod(join(ready, name), 0o755)
    }
    if (!existsSync(join(ready, 'LICENSE.txt'))) await copyFile(licenceText, join(ready, 'LICENSE.txt'))
    await writeFile(join(ready, 'build.json'), JSON.stringify(build))
    await rm(into, { recursive: true, force: true })
    await rename(ready, into)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Whether `folder` holds this very build, whole. */
export function isFetched(build: FfmpegBuild, system: string, folder: string): boolean {
  if (!['build.json', 'LICENSE.txt', ...programsFor(system)].every((name) => existsSync(join(folder, name)))) return false
  return readFileSync(join(folder, 'build.json'), 'utf8') === JSON.stringify(build)
}

function programsFor(system: string): readonly string[] {
  return ['ffmpeg', 'ffprobe'].map((name) => (system.startsWith('win32') ? `${name}.exe` : name))
}

/** Those of the packager, by its numbers. */
const processors = ['ia32', 'x64', 'armv7l', 'arm64', 'universal']

/**
 * electron-builder calls this before it packs for a system and a processor, and finds by the variable what to pack: a path from the checkout,
 * which is all that it takes there.
 */
export function beforePack({
  electronPlatformName,
  arch,
}: {
  readonly electronPlatformName: string
  readonly arch: number
}): void {
  const folder = packable(readPins(pinsFile), `${electronPlatformName}-${processors[arch] ?? arch}`, builds)
  process.env['BESIDE_FFMPEG'] = relative(checkout, folder)
}

/** The folder of a build in `from`. @throws Error where what is pinned is not there: nothing is released without it. */
export function packable(pins: Pins, system: string, from: string): string {
  const folder = join(from, system)
  const build = pins[system]
  if (build !== undefined && isFetched(build, system, folder)) return folder
  throw new Error(`There is no FFmpeg for ${system} to pack. Type \`npm run ffmpeg:fetch -- ${system}\`, then run this again.`)
}

/** The archive, once it is known to be the one that was pinned. */
async function bring({ address, sha256 }: Archive, system: string, work: string): Promise<string> {
  if (sha256 === null) {
    throw new Error(`FFmpeg for ${system} is not pinned yet. Type \`npm run ffmpeg:pin\` where the network is open.`)
  }
  const file = join(work, basename(new URL(address).pathname))
  await pipeline(download(address), createWriteStream(file))
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const found = hash.digest('hex')
  if (found !== sha256) throw new Error(`${address} is not what was pinned: its SHA-256 is ${found}, not ${sha256}.`)
  return file
}

async function* download(address: string): AsyncGenerator<Uint8Array> {
  try {
    const response = await fetch(address)
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`)
    yield* response.body
  } catch (error) {
    const { message, cause } = error as Error
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : message
    throw new Error(`${address} could not be fetched: ${reason}.`, { cause: error })
  }
}

/** The folder that the archive was unpacked to. */
async function unpack(file: string, work: string): Promise<string> {
  const into = await mkdtemp(join(work, 'unpacked-'))
  // The tar of Linux reads no ZIP.
  if (file.endsWith('.zip')) await unzip(file, into)
  else await promisify(execFile)('tar', ['-xf', file, '-C', into])
  return into
}

/** Without the folders. */
async function unzip(file: string, into: string): Promise<void> {
  const archive = await yauzl.openPromise(file, { autoClose: false })
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      const content = await archive.openReadStreamPromise(entry)
      await pipeline(content, createWriteStream(join(into, basename(entry.fileName))))
    }
  } finally {
    archive.close()
  }
}

/** Moves the file of that name, where there is one. */
async function take(name: string, from: string, into: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true })
  const found = entries.find((entry) => entry.isFile() && entry.name === name)
  if (found !== undefined) await rename(join(found.parentPath, name), join(into, name))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, ...named] = process.argv.slice(2)
  const systems = named.length > 0 ? named : [`${process.platform}-${process.arch}`]
  try {
    if (command === 'pin') await pin(pinsFile)
    else for (const system of systems) await fetchBuild(readPins(pinsFile), system, join(builds, system))
  } catch (error) {
    console.error(`ffmpeg: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
