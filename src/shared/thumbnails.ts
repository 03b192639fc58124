/** Small pictures of the files of a job, for somebody who looks at it. Apart, as both ends of the wire know them. */
import * as z from 'zod'

/** Width and height at most, in pixels. */
export const thumbnailSizes = { row: 96, panel: 640 } as const
export type ThumbnailSize = keyof typeof thumbnailSizes

export const sides = ['source', 'output', 'trial'] as const
/** Which file of a job: what it converts, one of its results, or what a trial of it has made. */
export type Side = (typeof sides)[number]

export const thumbnailSchema = z.object({
  type: z.enum(['image/webp', 'image/jpeg']),
  /** Base64. */
  data: z.string().max(700_000),
})
export type Thumbnail = z.infer<typeof thumbnailSchema>
