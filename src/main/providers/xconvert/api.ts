/**
 * What goes over the wire to xconvert. The service publishes two client guides and no reference: everything marked ASSUMED in this
 * folder is a convention that no public page states.
 */
import { extensionOf, type FormatId } from '../../../shared/formats.ts'
import type { Options } from '../../../shared/options.ts'
import { type Body, jsonBody } from '../http/bodies.ts'
import type { ProviderOrder } from '../provider.ts'

/** ASSUMED: all paths. The operations themselves are documented by name. */
export const paths = {
  uploads: '/v1/uploads',
  complete: (uploadId: string) => `/v1/uploads/${encodeURIComponent(uploadId)}/complete`,
  jobs: '/v1/jobs',
  job: (id: string) => `/v1/jobs/${encodeURIComponent(id)}`,
  me: '/v1/me',
  webhooks: '/v1/webhook-endpoints',
} as const

/** ASSUMED: the documented client class is one that sends this unless configured otherwise. */
export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` })

/** ASSUMED: the name of the header. That a submit takes such a key is documented. */
export const idempotencyHeader = 'idempotency-key'

/** ASSUMED: formats are called by their usual ending. */
export function wireName(format: FormatId): string {
  return extensionOf(format)
}

/** The three places that name a pair are built from one, so that they cannot disagree. ASSUMED: that the pattern holds for all pairs. */
export function pairOf(from: FormatId, target: FormatId): { featureId: string; fromType: string; toType: string } {
  const [fromType, toType] = [wireName(from), wireName(target)]
  return { featureId: `convert-${fromType}-to-${toType}`, fromType, toType }
}

/** Numbers, as in the guides. Absent where nothing is asked for, so that the server's own defaults hold. */
function wireOptions({ bitrate, channels }: Options): Readonly<Record<string, number>> | undefined {
  if (bitrate === undefined && channels === undefined) return undefined
  return { ...(bitrate === undefined ? {} : { bitrate }), ...(channels === undefined ? {} : { channels }) }
}

/** The body of the submit. */
export function jobRequest({ from, target, options }: Pick<ProviderOrder, 'from' | 'target' | 'options'>, fileId: string): Body {
  const wanted = wireOptions(options)
  return jsonBody({
    ...pairOf(from, target),
    fileIds: [fileId],
    processType: 'convert',
    ...(wanted === undefined ? {} : { options: wanted }),
  })
}

export function webhookRequest(url: string): Body {
  return jsonBody({ url, events: ['job.completed', 'job.failed'] })
}
