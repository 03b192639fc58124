/** What goes over the wire to Converter App. Apart, as in every provider. */
import { extensionOf, type FormatId, factsOf } from '../../../shared/formats.ts'
import { asciiName, type Body, fileBody, formBody, type Upload } from '../http/bodies.ts'
import type { Protocol } from '../http/client.ts'
import type { TroubleTable } from '../http/failures.ts'
import type { ProviderOrder } from '../provider.ts'
import type { NamedPair } from './pairings.ts'

export const paths = {
  /** The whole platform, for everybody. */
  publicPairs: '/public/pairs',
  /** What this key may use. */
  pairs: '/pairs',
  convert: '/convert',
  convertSync: '/convert/sync',
  progress: (id: string) => `/progress/${encodeURIComponent(id)}`,
  download: (id: string) => `/download/${encodeURIComponent(id)}`,
} as const

export const protocol: Omit<Protocol, 'provider'> = {
  auth: (key) => ({ 'x-api-key': key }),
  // 429 means that the quota is used up: it is no rate limit, and waiting would cure nothing.
  trouble: { status: { 429: 'out-of-credit' } },
}

/** A download that is asked for while the conversion still runs. */
export const downloadTrouble: TroubleTable = { status: { 409: 'provider-down' } }

/** A pair that is not in the catalogue goes by its extensions: it is the server's to refuse, in its own words. */
export function uncataloguedPair(from: FormatId, target: FormatId): NamedPair {
  return { from: extensionOf(from), to: extensionOf(target) }
}

/** One file: several in one request would be one job with one progress and one error. @param boundary a fresh key. */
export function conversionForm({ from }: Pick<ProviderOrder, 'from'>, upload: Upload, pair: NamedPair, boundary: string): Body {
  const file = {
    field: 'files',
    // The ending decides what the service takes the file for, so it follows the content; the real name stays here.
    name: asciiName(upload.path, pair.from.toLowerCase()),
    type: factsOf(from).mime,
    content: fileBody(upload),
  }
  return formBody([['target_format', pair.to]], file, `beside-${boundary}`)
}
