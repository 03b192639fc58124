/** What somebody who looks at a job sees of its files: a small picture, and what is in them. */
import * as z from 'zod'
import { formatSchema } from './job.ts'

/** Width and height at most, in pixels. */
export const thumbnailSizes = { row: 96, panel: 640 } as const
export type ThumbnailSize = keyof typeof thumbnailSizes

export const sides = ['source', 'output'] as const
/** Which file of a job: what it converts, or the first of its results. */
export type Side = (typeof sides)[number]

/** What a file says of itself, the same whatever kind of tags it has. */
export const tagNames = [
  'title',
  'artist',
  'album',
  'track',
  'date',
  'genre',
  'composer',
  'comment',
  'copyright',
  'camera',
  'lens',
  'exposure',
  'software',
] as const
export type TagName = (typeof tagNames)[number]
export const maxTagLength = 300

const figure = z.number().nullable()

export const thumbnailSchema = z.object({
  type: z.enum(['image/webp', 'image/jpeg']),
  /** Base64. */
  data: z.string().max(700_000),
})
export type Thumbnail = z.infer<typeof thumbnailSchema>

export const mediaInfoSchema = z.object({
  format: formatSchema,
  bytes: z.number(),
  durationMs: figure,
  audio: z.array(
    z.object({
      codec: z.string(),
      sampleRate: figure,
      channels: figure,
      bitDepth: figure,
      bitrate: figure,
    }),
  ),
  video: z.array(z.object({ codec: z.string(), width: figure, height: figure, fps: figure, hdr: z.boolean() })),
  image: z.object({ width: z.number(), height: z.number(), pages: z.number() }).nullable(),
  hasCover: z.boolean(),
  chapters: z.number(),
  subtitles: z.array(z.string()),
  tags: z.array(z.object({ name: z.enum(tagNames), text: z.string().max(maxTagLength) })),
})
export type MediaInfo = z.infer<typeof mediaInfoSchema>
