/**
 * What xconvert is taken to convert. ASSUMED as a whole: no endpoint lists the features, only their pattern is known. Common formats
 * within a family, and the audio of videos; a pair that it does not have is refused by the server in plain text. Any other pair is tried where
 * somebody names xconvert for it. Apart, as in every provider.
 */
import type { FormatId } from '../../../shared/formats.ts'
import type { Pairing } from '../provider.ts'

const audio: readonly FormatId[] = [
  'mp3', 'aac', 'm4a', 'wav', 'flac', 'ogg', 'opus', 'aiff', 'wma', 'amr', 'ac3', 'mp2', 'au', 'caf', 'mka', 'ape', 'wv',
] // prettier-ignore
const video: readonly FormatId[] = ['mp4', 'mkv', 'mov', 'webm', 'avi', 'wmv', 'flv', 'mpeg', 'ts', '3gp', 'ogv']
const image: readonly FormatId[] = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'svg', 'heic']
const audioTargets: readonly FormatId[] = ['mp3', 'aac', 'm4a', 'wav', 'flac', 'ogg', 'opus', 'aiff', 'wma', 'ac3']
const videoTargets: readonly FormatId[] = ['mp4', 'mkv', 'mov', 'webm', 'avi', 'wmv', 'flv', 'gif']
const imageTargets: readonly FormatId[] = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif']

export const pairings: readonly Pairing[] = [
  { from: [...audio, ...video], to: audioTargets, options: ['bitrate', 'channels'] },
  { from: video, to: videoTargets, options: ['bitrate', 'channels'] },
  { from: image, to: imageTargets, options: [] },
]

/** Whether it is stated above, and no guess. */
export function isStated(from: FormatId, target: FormatId): boolean {
  return pairings.some((pairing) => pairing.from.includes(from) && pairing.to.includes(target))
}
