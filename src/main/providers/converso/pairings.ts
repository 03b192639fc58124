/** What Converso converts. */
import { type FormatId, formatIds, factsOf } from '../../../shared/formats.ts'
import type { OptionName } from '../../../shared/options.ts'
import type { Capabilities } from '../provider.ts'

/** Assumed: beside videos, which are documented, it takes audio as well; its refusal is shown where it does not. */
const readable: readonly FormatId[] = formatIds.filter((id) => factsOf(id).family === 'audio' || factsOf(id).family === 'video')

/** Assumed: bitrate and quality mean nothing to these. */
export const lossless: readonly FormatId[] = ['flac', 'wav']

const always: readonly OptionName[] = ['normalize', 'preserveMetadata', 'filename', 'priority', 'webhook']

export const capabilities: Capabilities = {
  pairings: [
    { from: readable, to: ['mp3', 'aac', 'ogg', 'opus'], options: ['bitrate', 'quality', ...always] },
    { from: readable, to: lossless, options: always },
  ],
  // Uploading is announced, not there.
  sources: ['url'],
  // 5 GB, of one kind or the other; the size of what is behind an address is not known beforehand.
  maxBytes: null,
}
