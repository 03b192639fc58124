/**
 * The FFmpeg that the installers bring. `build/ffmpeg.json` names a build for each system, without fdk-aac, which may not be passed on;
 * `npm run ffmpeg:pin` writes down the checksums of those that have none yet, and `npm run ffmpeg:fetch -- SYSTEM…` (this one unless said)
 * unpacks what is pinned to `build/ffmpeg/SYSTEM`.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFetched, readPins, type Pins } from '../src/main/ffmpeg/builds.ts'
import { bytesAt } from '../src/main/ffmpeg/download.ts'
import { installBuild } from '../src/main/ffmpeg/install.ts'
import { describe } from '../src/shared/describe.ts'
import { factsOf, JobError } from '../src/shared/failure.ts'

const checkout = fileURLToPath(new URL('..', import.meta.url))
export const pinsFile = join(checkout, 'build', 'ffmpeg.json')
const builds = join(checkout, 'build', 'ffmpeg')
const licenceText = join(checkout, 'build', 'licences', 'GPL-3.0.txt')
const { env } = process
const { signal } = new AbortController()

/** Downloads every archive that has no checksum, and writes them all or, where one does not come, none. */
export async function pin(file: string): Promise<void> {
  const pins = readPins(file)
  for (const archive of Object.values(pins).flatMap(({ archives }) => archives)) {
    if (archive.sha256 !== null) continue
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of bytesAt(archive.address, { env, signal })) {
      hash.update(chunk)
      bytes += chunk.length
    }
    Object.assign(archive, { sha256: hash.digest('hex'), bytes })
  }
  await writeFile(file, `${JSON.stringify(pins, null, 2)}\n`)
}

/**
 * Puts the programs, a licence text and the entry of `pins` as `build.json` into the folder `into`, or changes nothing there.
 * @throws Error in one line where the build is not pinned, does not come whole, is another one, or lacks a program.
 */
export async function fetchBuild(pins: Pins, system: string, into: string): Promise<void> {
  if (pins[system] === undefined) throw new Error(`There is no FFmpeg for ${system}, only for ${Object.keys(pins).join(', ')}.`)
  await mkdir(dirname(into), { recursive: true })
  try {
    await installBuild(pins, system, into, { env, signal })
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    const isOpen = factsOf(error.failure)['because'] === 'ffmpeg-not-pinned'
    const why = `FFmpeg for ${system} is not pinned yet. Type \`npm run ffmpeg:pin\` where the network is open.`
    throw new Error(isOpen ? why : describe(error.failure).message, { cause: error })
  }
  // Who passes it on passes its licence on, also of a build that brings none.
  if (!existsSync(join(into, 'LICENSE.txt'))) copyFileSync(licenceText, join(into, 'LICENSE.txt'))
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
  if (build !== undefined && isFetched(build, system, folder) && existsSync(join(folder, 'LICENSE.txt'))) return folder
  throw new Error(`There is no FFmpeg for ${system} to pack. Type \`npm run ffmpeg:fetch -- ${system}\`, then run this again.`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, ...named] = process.argv.slice(2)
  const systems = named.length > 0 ? named : [`${process.platform}-${process.arch}`]
  try {
    if (command === 'pin') await pin(pinsFile)
    else for (const system of systems) await fetchBuild(readPins(pinsFile), system, join(builds, system))
  } catch (error) {
    const why = error instanceof JobError ? describe(error.failure).message : (error as Error).message
    console.error(`ffmpeg: ${why}`)
    process.exitCode = 1
  }
}
