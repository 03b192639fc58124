/** What Converso takes: its targets, and an order as the JSON of its create call. Pure. */
import { extensionOf, formatIds, formats, type FormatId } from '../../../shared/formats.ts'
import { decoded, legalName } from '../../../shared/naming.ts'
import type { OptionName } from '../../../shared/options.ts'
import type { Capabilities, ProviderOrder } from '../provider.ts'

/** Assumed: beside videos, which are documented, it takes sounds as well; its refusal is shown where it does not. */
const readable: readonly FormatId[] = formatIds.filter((id) => formats[id].family === 'audio' || formats[id].family === 'video')

/** Assumed: bitrate and quality mean nothing to these. */
const lossless: readonly FormatId[] = ['flac', 'wav']

const always: readonly OptionName[] = ['normalize', 'preserveMetadata', 'filename', 'priority', 'webhook']

export const takes: Capabilities = {
  pairings: [
    { from: readable, to: ['mp3', 'aac', 'ogg', 'opus'], options: ['bitrate', 'quality', ...always] },
    { from: readable, to: lossless, options: always },
  ],
  // Uploading is announced, not there.
  sources: ['url'],
  // 5 GB, of one kind or the other; the size of what is behind an address is not known beforehand.
  maxBytes: null,
}

export const longestUrl = 2048

/** The body of the create call. What is undefined does not travel. */
export function createRequest(url: string, { target, options }: Pick<ProviderOrder, 'target' | 'options'>): CreateRequest {
  const { quality, bitrate, normalize, webhook, priority } = options
  // A bitrate beats the quality there without a word, so only one of them is ever sent.
  const fidelity = bitrate === undefined ? { quality } : { bitrate: `${Math.round(bitrate)}k` }
  return {
    source: { type: 'url', url },
    output: {
      format: target,
      ...(lossless.includes(target) ? {} : fidelity),
      normalize,
      // Beside keeps tags unless told otherwise; what the service does when it is not told is not documented.
      preserveMetadata: options.preserveMetadata ?? true,
    },
    options: { filename: nameOf(options.filename ?? nameIn(url), extensionOf(target)), webhook, priority },
  }
}

export interface CreateRequest {
  readonly source: { readonly type: 'url'; readonly url: string }
  readonly output: Readonly<Record<string, unknown>>
  readonly options: { readonly filename: string | undefined; readonly webhook: string | undefined; readonly priority: unknown }
}

/** Several in one call, all with the same webhook, which then stands above them. */
export function batchRequest(requests: readonly CreateRequest[], webhook: string | undefined) {
  return { jobs: requests.map(({ options, ...rest }) => ({ ...rest, options: { ...options, webhook: undefined } })), webhook }
}

/** The service adds the extension itself. */
function nameOf(name: string, extension: string): string | undefined {
  const bare = name.toLowerCase().endsWith(`.${extension}`) ? name.slice(0, -extension.length - 1) : name
  return bare === '' ? undefined : legalName(bare)
}

function nameIn(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  const name = decoded(last)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(0, dot) : name
}
