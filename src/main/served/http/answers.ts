/** What is said over HTTP: JSON, and errors as the protocol has them, a status and a `detail`. Nothing of it names a place on this machine. */
import type { ServerResponse } from 'node:http'
import { describe } from '../../../shared/describe.ts'
import type { ServedFailure, ServedJob, ServedRefusal } from '../../../shared/served.ts'
import { strictHeaders } from '../../api/web/page.ts'

/** As validation has it: which field, and what is wrong with it. */
export interface FieldTrouble {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

/** A request that is not taken. */
export class ApiRefusal extends Error {
  readonly status: number
  readonly detail: string | readonly FieldTrouble[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string | readonly FieldTrouble[], headers: Readonly<Record<string, string>> = {}) {
    super(typeof detail === 'string' ? detail : detail.map(({ msg }) => msg).join('; '))
    this.name = 'ApiRefusal'
    this.status = status
    this.detail = detail
    this.headers = headers
  }
}

/** A field that is there and of the wrong kind. */
export function wrongField(loc: FieldTrouble['loc'], msg: string, type: string): ApiRefusal {
  return new ApiRefusal(422, [{ loc, msg, type }])
}

/** A load that passes: the same request may be sent again after so many seconds. */
export function tooBusy(why: string, seconds: number): ApiRefusal {
  return new ApiRefusal(503, why, { 'retry-after': String(seconds) })
}

export function refusalOf(why: ServedRefusal): ApiRefusal {
  switch (why.kind) {
    case 'no-key':
      return unknownKey()
    case 'target-unknown':
      return new ApiRefusal(400, `“${cut(why.target)}” is not the name of a format.`)
    case 'source-unnamed':
      return new ApiRefusal(400, `The name of the file “${cut(why.file)}” does not end in the name of its format, such as .mp4.`)
    case 'pair-unsupported':
      return new ApiRefusal(400, `${cut(why.pair)} is not a supported pair. GET /pairs lists them.`)
    case 'pair-forbidden':
      return new ApiRefusal(403, `This key may not use ${cut(why.pair)}. GET /pairs lists what it may use.`)
    case 'several-pairs':
      return new ApiRefusal(400, `All files of a request have one pair; these have ${cut(why.pair)} and ${cut(why.other)}.`)
    case 'quota-used-up':
      return new ApiRefusal(429, `The quota of this key is used up: ${why.files} needed, ${why.left} left.`)
    case 'source-refused':
      return new ApiRefusal(400, sentenceOf(why.failure))
  }
}

export function missingKey(): ApiRefusal {
  return new ApiRefusal(401, 'A key is needed, in the header X-API-Key.')
}

function unknownKey(): ApiRefusal {
  return new ApiRefusal(401, 'This key is not valid.')
}

/** Why a job failed, for whoever sent it. */
export function errorOf({ failures }: Pick<ServedJob, 'failures'>): string | null {
  return failures.length === 0 ? null : failures.map(sentenceOf).join(' ')
}

function sentenceOf({ file, why }: ServedFailure): string {
  const text = withoutPlaces(describe(why).message)
  return file === '' || text.includes(file) ? text : `${file}: ${text}`
}

/** Folders lead nowhere for whoever is elsewhere, and are nobody's business there: of a path its name is left. */
function withoutPlaces(text: string): string {
  return text.replaceAll(/(?<![\p{L}\p{N}:/])(?:\/|[a-z]:\\)(?:[^/\\\n“”"']+[/\\])+/giu, '')
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(JSON.stringify(value))
  const own = { ...strictHeaders, ...headers, 'content-type': 'application/json', 'content-length': body.length }
  response.writeHead(status, own)
  response.write(body)
}
