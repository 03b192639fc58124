/** What goes over the wire to MusicGPT: its paths, its key, and an order as the fields of its form. Apart, as in every provider. */
import { extensionOf, factsOf } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import { bitDepths, sampleRates } from '../../../shared/options.ts'
import { fileBody, type FormFile, uploadOf } from '../http/bodies.ts'
import type { Protocol } from '../http/client.ts'
import type { TroubleTable } from '../http/failures.ts'
import type { ProviderOrder } from '../provider.ts'
import { lossless, mp3Rates } from './pairings.ts'

export const paths = { convert: '/v1/file_convert', byId: '/v1/byId' } as const

/** The reference's word; the vendor's open-source client says FILE_CONVERSION, the webhook "File Conversion". */
export const conversionType = 'FILE_CONVERT'

/** Assumed: with a key that works the answer is that there is no such job, with one that does not it is 403. */
export const noSuchTask = '00000000-0000-0000-0000-000000000000'

export const protocol: Omit<Protocol, 'provider'> = {
  // The bare key: no Bearer, no other scheme.
  auth: (key) => ({ authorization: key }),
  trouble: { status: { 403: 'key-rejected' } },
}

/** A storage host says 403 of an address that has expired. */
export const downloadTrouble: TroubleTable = { status: { 401: 'gone', 403: 'gone' } }

/**
 * The text fields of the form; the file itself, where there is one, is a part of its own. What the service does where rate and
 * depth are left out is documented differently in two places, so what the source has is sent along.
 */
export function fieldsOf({
  source,
  target,
  options,
  facts,
}: Pick<ProviderOrder, 'source' | 'target' | 'options' | 'facts'>): Record<string, string> {
  const rate = options.sampleRate ?? atLeast(facts?.audio[0]?.sampleRate, target === 'mp3' ? mp3Rates : sampleRates)
  const depth = lossless.includes(target) ? (options.bitDepth ?? atLeast(depthOf(facts), bitDepths)) : null
  return {
    ...(source.kind === 'url' ? { audio_url: source.url } : {}),
    target_format: target,
    ...(rate === null ? {} : { target_sr: String(rate) }),
    ...(depth === null ? {} : { target_bit_depth: String(depth) }),
    ...(options.webhook === undefined ? {} : { webhook_url: options.webhook }),
  }
}

function depthOf(facts: MediaFacts | null): number | null {
  return facts?.audio[0]?.bitDepth ?? null
}

/** The first of the ascending values that loses nothing of `wanted`; the highest where all do. */
function atLeast(wanted: number | null | undefined, values: readonly number[]): number | null {
  if (wanted === null || wanted === undefined) return null
  return values.find((value) => value >= wanted) ?? values.at(-1) ?? null
}

/** Under a name of its own: what the user calls the file is nobody's business, and only the ending matters there. */
export async function filePart(path: string, { from }: Pick<ProviderOrder, 'from'>): Promise<FormFile> {
  const content = fileBody(await uploadOf(path))
  return { field: 'audio_file', name: `audio.${extensionOf(from)}`, type: factsOf(from).mime, content }
}
