/**
 * What is shown of two files beside each other: parts of pictures, frames of films, waveforms, loudness. All of it is data of a few
 * megabytes at most, whatever the files hold. Apart, as both ends of the wire know it.
 */
import * as z from 'zod'
import { sides } from './thumbnails.ts'

/** A file that the window may look into. Pages name jobs, never paths. */
export const fileRefSchema = z.object({
  jobId: z.number().int(),
  of: z.enum(sides),
  /** Which of several results, from 0; absent: the first. */
  index: z.number().int().min(0).max(100_000).optional(),
})
export type FileRef = Readonly<z.infer<typeof fileRefSchema>>

const share = z.number().min(0).max(1)

/** A part of a picture, in shares of its width and height as it is shown: upright. */
export const regionSchema = z.object({ left: share, top: share, width: share, height: share })
export type Region = Readonly<z.infer<typeof regionSchema>>
export const wholeRegion: Region = { left: 0, top: 0, width: 1, height: 1 }

/** Of one answer, whatever was asked for: a picture of noise still goes through the wire. */
export const maxViewPixels = 1_600_000

export const viewRequestSchema = z.object({
  file: fileRefSchema,
  region: regionSchema,
  /** Width and height that it has room for on the screen; the answer is no larger, and never enlarged, but for drawings. */
  room: z.object({ width: z.number().int().min(1).max(8192), height: z.number().int().min(1).max(8192) }),
  /** Which frame of what moves: the one that is shown then, ms from the beginning of the file. */
  atMs: z.number().min(0),
  /** Which page of a document, from 0. */
  page: z.number().int().min(0).max(100_000),
})
export type ViewRequest = Readonly<z.infer<typeof viewRequestSchema>>

export const viewSchema = z.object({
  type: z.enum(['image/png', 'image/jpeg', 'image/webp']),
  /** Base64. */
  data: z.string().max(6_000_000),
  /** What it shows: the region asked for, widened to whole pixels of the picture. */
  region: regionSchema,
  /** Size of the whole picture, upright and in square pixels. */
  whole: z.object({ width: z.number(), height: z.number() }),
})
export type View = Readonly<z.infer<typeof viewSchema>>

/** A stretch of the main audio track. */
export const stretchSchema = z.object({
  file: fileRefSchema,
  fromMs: z.number().min(0),
  /** Null: to the end. */
  lastsMs: z.number().min(1).nullable(),
})
export type Stretch = Readonly<z.infer<typeof stretchSchema>>

export const waveformSchema = z.object({
  /** Of what was heard, ms. */
  lastsMs: z.number(),
  /** Lowest and highest sample of all channels in each of equal times one after the other: min, max, min, max. 1 is full scale. */
  peaks: z.array(z.number()).max(4000),
})
export type Waveform = Readonly<z.infer<typeof waveformSchema>>

/** By EBU R128. */
export const measuredLoudnessSchema = z.object({
  /** Integrated, LUFS; null where it is too quiet to be counted. */
  integrated: z.number().nullable(),
  /** True peak, dBTP; null for silence. */
  peak: z.number().nullable(),
  /** Loudness range, LU; null where it is too short or too quiet to have one. */
  range: z.number().nullable(),
})
export type MeasuredLoudness = Readonly<z.infer<typeof measuredLoudnessSchema>>
