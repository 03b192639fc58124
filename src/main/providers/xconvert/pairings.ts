/**
 * What xconvert is taken to convert. ASSUMED as a whole: no endpoint lists the features, only their pattern is known. Common formats
 * within a family, and the audio of videos; a pair that it does not have is refused by the server in plain text.
 * Apart, as in every provider.
 */
import { formatIds, type Family, type FormatId, factsOf } from '../../../shared/formats.ts'
import type { Pairing } from '../provider.ts'

const audioTargets: readonly FormatId[] = ['mp3', 'aac', 'm4a', 'wav', 'flac', 'ogg', 'opus', 'aiff', 'wma', 'ac3']
const videoTargets: readonly FormatId[] = ['mp4', 'mkv', 'mov', 'webm', 'avi', 'wmv', 'flv', 'gif']
const imageTargets: readonly FormatId[] = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif']

/** ALAC has no ending of its own to be called by. */
function sources(family: Family): readonly FormatId[] {
  return formatIds.filter((id) => factsOf(id).family === family && id !== 'alac')
}

export const pairings: readonly Pairing[] = [
  { from: [...sources('audio'), ...sources('video')], to: audioTargets, options: ['bitrate', 'channels'] },
  { from: sources('video'), to: videoTargets, options: ['bitrate', 'channels'] },
  { from: sources('image'), to: imageTargets, options: [] },
]
