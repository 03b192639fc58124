/**
 * How xconvert calls back. That it does, and that it gives a secret with a registered address, is documented; the rest is ASSUMED after
 * the custom of such services, and is all here: headers, what is signed, where the payload names the job.
 */
import * as z from 'zod'
import { signatureTrouble } from '../kit/callback.ts'
import type { IncomingCall, CallsBack } from '../provider.ts'

const signatureHeader = 'x-xconvert-signature'
const timestampHeader = 'x-xconvert-timestamp'
const signedContent = (timestamp: string, body: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(`${timestamp}.`), body])

const id = z.union([z.string().min(1).max(200), z.number().transform(String)])
const inside = z.object({ id })
const payload = z.union([
  z.object({ data: z.object({ job: inside }) }).transform(({ data }) => data.job.id),
  z.object({ data: inside }).transform(({ data }) => data.id),
  z.object({ job: inside }).transform(({ job }) => job.id),
  z.object({ jobId: id }).transform(({ jobId }) => jobId),
  z.object({ job_id: id }).transform(({ job_id: job }) => job),
])

export const callsBack: Required<CallsBack> = {
  signed: ({ headers, body }, secret, nowMs) => {
    const timestamp = one(headers, timestampHeader)
    const signature = one(headers, signatureHeader)
    const content = signedContent(timestamp, body)
    const trouble = signatureTrouble({ timestamp, signature, content }, secret, nowMs)
    return trouble === null ? { once: signature.toLowerCase() } : { trouble }
  },
  idsIn: (body) => {
    const read = payload.safeParse(body)
    return read.success ? { job: read.data } : {}
  },
}

function one(headers: IncomingCall['headers'], name: string): string {
  const found = headers[name]
  return typeof found === 'string' ? found.trim() : ''
}
