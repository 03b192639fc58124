/** What the machine that converts is and has, for those who look at it from outside. */
import * as z from 'zod'
import { failureSchema } from './job.ts'
import { laneKinds } from './model.ts'

/** What settings mean on the machine that converts. */
export const machineSchema = z.object({
  /** How many of each kind are converted at once where the settings say nothing. */
  lanes: z.record(z.enum(laneKinds), z.number().int()),
  power: z.enum(['mains', 'battery', 'unknown']),
})
export type Machine = z.infer<typeof machineSchema>

/** One line of `beside doctor`, as data; `describeCheck` has the words. */
export const checkSchema = z.object({
  of: z.enum(['ffmpeg', 'ffprobe', 'ffmpeg-encoders', 'webhook-receiver', 'data', 'engine', 'hardware']),
  state: z.enum(['ok', 'missing', 'trouble']),
  /** What a program says of itself. */
  version: z.string().nullable(),
  /**
   * `missing`: encoders, with alternatives split by `|` and the rest by `,`. `port`, `address` and `listens` (`now`, `while-working`): of the receiver.
   * `from` (`FfmpegFrom`), with `path` where the settings name it, and `released`, a year or a day (`2026-09-30`), where it is known: of FFmpeg. `engine` and
   * `title`: of something else that converts. `title` and
   * `encoders`, by `,` and with `+10` where they take 10 bits, too: of a device.
   */
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  why: failureSchema.nullable(),
})
export type Check = z.infer<typeof checkSchema>
