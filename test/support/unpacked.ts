/** What is in a ZIP, read by another library than the one that wrote it. */
import { buffer } from 'node:stream/consumers'
import yauzl from 'yauzl'

export async function unpacked(zip: string | Buffer): Promise<readonly (readonly [name: string, content: Buffer])[]> {
  const archive = typeof zip === 'string' ? await yauzl.openPromise(zip) : await yauzl.fromBufferPromise(zip)
  const files: (readonly [string, Buffer])[] = []
  for await (const entry of archive.eachEntry())
    files.push([entry.fileName, await buffer(await archive.openReadStreamPromise(entry))])
  return files
}
