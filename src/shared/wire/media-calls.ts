/** A look at the files of a job. A caller names a job, never a path. */
import * as z from 'zod'
import { call } from './call.ts'
import { mediaLookSchema, pictureSizes, sides, smallPictureSchema, type PictureSize } from '../look.ts'

const which = z.object({ jobId: z.number().int(), of: z.enum(sides) })

export const mediaCalls = {
  /** The film's frame, the song's cover, the photo; null where there is nothing to see, or it cannot be read. */
  picture: call
    .input(which.extend({ size: z.enum(Object.keys(pictureSizes) as [PictureSize, ...PictureSize[]]) }))
    .output(smallPictureSchema.nullable()),
  look: call.input(which).output(mediaLookSchema),
}
