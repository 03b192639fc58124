/** The builds of FFmpeg that Beside vouches for: `build/ffmpeg.json` names one for each system, without what may not be passed on. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import bundled from '../../../build/ffmpeg.json' with { type: 'json' }

const archiveSchema = z.strictObject({
  address: z.url({ protocol: /^https?$/ }),
  /** Null until it is pinned. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Null until it is pinned; for saying how large it is. */
  bytes: z.number().int().positive().nullable().default(null),
})
const buildSchema = z.strictObject({
  version: z.string(),
  licence: z.literal('GPL-3.0-or-later'),
  /** Where the sources are, and how they were built: who passes the program on has to say so. */
  source: z.url(),
  /** Of which one or the other holds the programs, in whichever folder. */
  archives: z.array(archiveSchema).min(1),
})
/** By system and processor, as Node names them. */
const pinsSchema = z.record(z.string(), buildSchema)

export type FfmpegArchive = z.infer<typeof archiveSchema>
export type FfmpegBuild = z.infer<typeof buildSchema>
export type Pins = Readonly<Record<string, FfmpegBuild>>

export const thisSystem = `${process.platform}-${process.arch}`

export function readPins(file: string): Pins {
  return pinsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Those that came with Beside, or those of the file that BESIDE_FFMPEG_BUILDS names: for who keeps builds of their own at hand. */
export function knownPins(env: Readonly<Record<string, string | undefined>>): Pins {
  const file = env['BESIDE_FFMPEG_BUILDS'] ?? ''
  return file === '' ? pinsSchema.parse(bundled) : readPins(file)
}

/** The archives of a build as they can be checked; null where one of them is not pinned. */
export function pinnedArchives({ archives }: FfmpegBuild): readonly (FfmpegArchive & { readonly sha256: string })[] | null {
  const pinned = archives.flatMap((archive) => (archive.sha256 === null ? [] : [{ ...archive, sha256: archive.sha256 }]))
  return pinned.length === archives.length ? pinned : null
}

export function programsFor(system: string): readonly string[] {
  return ['ffmpeg', 'ffprobe'].map((name) => (system.startsWith('win32') ? `${name}.exe` : name))
}

/** In the folder of a build: which one it is. Whatever holds it was put there whole. */
export const buildFile = 'build.json'

/** Whether `folder` holds this very build, whole. */
export function isFetched(build: FfmpegBuild, system: string, folder: string): boolean {
  if (![buildFile, ...programsFor(system)].every((name) => existsSync(join(folder, name)))) return false
  return readFileSync(join(folder, buildFile), 'utf8') === JSON.stringify(build)
}
