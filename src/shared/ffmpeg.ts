/** FFmpeg as every part of Beside speaks of it: where it may be found, and how a fetch of it stands. */
import * as z from 'zod'
import { failureSchema } from './job.ts'

/**
 * Where FFmpeg is looked for, the first that has one first: named in the settings, come with the app, fetched by Beside into its data folder,
 * on the system's search path.
 */
export const ffmpegPlaces = ['setting', 'app', 'fetched', 'path'] as const
export type FfmpegFrom = (typeof ffmpegPlaces)[number]

/** FFprobe is its neighbour. */
export interface FfmpegPlace {
  readonly from: FfmpegFrom
  /** Null: wherever the system's search path leads. */
  readonly path: string | null
}

const workSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({
    kind: z.literal('fetching'),
    bytes: z.number().int(),
    /** Null where the server does not say. */
    ofBytes: z.number().int().nullable(),
    bytesPerSecond: z.number().nullable(),
    leftMs: z.number().nullable(),
  }),
  /** All bytes are there: they are checked and unpacked. */
  z.object({ kind: z.literal('unpacking') }),
  z.object({ kind: z.literal('failed'), why: failureSchema }),
])
export type FfmpegWork = z.infer<typeof workSchema>

export const ffmpegStateSchema = z.object({
  /** Null where there is none. */
  from: z.enum(ffmpegPlaces).nullable(),
  /** What the settings name, where nothing is; then it is the settings that are to be mended. */
  misnamed: z.string().nullable(),
  /** The build that can be fetched for this system; null where none is pinned. */
  offer: z
    .object({
      version: z.string(),
      /** Null where it was not written down. */
      bytes: z.number().int().nullable(),
      host: z.string(),
    })
    .nullable(),
  work: workSchema,
  /** The line to type that installs it on this system; null where the package manager is not known. */
  install: z.string().nullable(),
})
export type FfmpegState = z.infer<typeof ffmpegStateSchema>
