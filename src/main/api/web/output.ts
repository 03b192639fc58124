/** Results for a browser: streamed, and only files that a finished job says are its outputs. */
import { create as contentDisposition } from 'content-disposition'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { formatOfName, formats } from '../../../shared/formats.ts'
import type { Client } from '../../../shared/wire/client.ts'
import { sendFile, strictHeaders } from './page.ts'

/** `/output/JOB/N` to save, `/view/JOB/N` to display. */
const route = /^\/(output|view)\/(\d{1,15})\/(\d{1,4})$/

/** The paths that went over, once all of them have: none where only the head was asked for. */
export type Sent = readonly string[]

/** Null where that is not the address of an output, or its file has gone. */
export async function sendOutput(client: Client, path: string, response: ServerResponse): Promise<Sent | null> {
  const match = route.exec(path)
  if (match === null) return null
  const job = await client.jobs.get({ id: Number(match[2]) })
  const output = job?.state.phase === 'done' ? job.state.outputs[Number(match[3])] : undefined
  const stats = output === undefined ? null : await stat(output.path).catch(() => null)
  if (output === undefined || stats?.isFile() !== true) return null
  const name = basename(output.path)
  const format = formatOfName(name)
  const headers = {
    ...strictHeaders,
    // A result is somebody's file: whatever is in it must not act as a page of ours.
    'content-security-policy': "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    'content-type': format === null ? 'application/octet-stream' : formats[format].mime,
    'content-disposition': contentDisposition(name.toWellFormed(), { type: match[1] === 'view' ? 'inline' : 'attachment' }),
  }
  if (response.req.method === 'HEAD') return ended(response.writeHead(200, { ...headers, 'content-length': stats.size }))
  await sendFile(response, headers, { file: output.path, bytes: stats.size })
  return [output.path]
}

export function ended(response: ServerResponse): Sent {
  response.end()
  return []
}
