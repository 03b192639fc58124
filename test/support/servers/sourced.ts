/** What lies at an address, for the scripted providers that fetch their sources themselves. The connection is closed at once. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** @throws where nobody answers, or with anything but the source. */
export async function sourced(url: string): Promise<Buffer> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  const data = await buffer(response)
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} at the source`)
  return data
}
