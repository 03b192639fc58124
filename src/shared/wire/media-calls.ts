/** The part of the contract that looks into files. Apart, as it is the part that has to be kept from reading any file of the machine. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { mediaFactsSchema } from '../media.ts'
import { thumbnailSchema, thumbnailSizes, type ThumbnailSize } from '../thumbnails.ts'
import { trialEventSchema, trialRequestSchema } from '../trial.ts'
import { fileRefSchema, measuredLoudnessSchema, stretchSchema, viewRequestSchema, viewSchema, waveformSchema } from '../views.ts'
import { call } from './call.ts'

const thumbnailSizeNames = Object.keys(thumbnailSizes) as [ThumbnailSize, ...ThumbnailSize[]]

export const mediaCalls = {
  /** What the file at an absolute path holds; refused to pages, which name jobs. */
  inspect: call.input(z.object({ path: z.string().max(65_536) })).output(mediaFactsSchema),
  /** The video's frame, the song's cover, the photo; null where there is nothing to see, or it cannot be read. */
  picture: call.input(fileRefSchema.extend({ size: z.enum(thumbnailSizeNames) })).output(thumbnailSchema.nullable()),
  look: call.input(fileRefSchema).output(mediaFactsSchema),
  /** A part of a picture or of a frame; pixel by pixel where there is room for that. */
  view: call.input(viewRequestSchema).output(viewSchema),
  /** Tries a conversion that has not begun, and keeps what it made for `of: 'trial'` until the caller has heard enough. */
  trial: call.input(trialRequestSchema).output(eventIterator(trialEventSchema)),
  waveform: call.input(stretchSchema).output(waveformSchema),
  /** Takes as long as it takes to decode the audio; ends with its caller. */
  loudness: call.input(stretchSchema).output(measuredLoudnessSchema),
}
