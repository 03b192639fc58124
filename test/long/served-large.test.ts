/** A file of some 200 MB goes up and its result comes down, and neither is ever in the memory of the process that serves them. */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { apiKey, peakMiB, servedBeside } from '../support/served-beside.ts'
import { ended, formType } from '../support/served-client.ts'
import { silentWav } from '../support/silence.ts'

leavesNothingOpen()

const boundary = /boundary=(.*)$/.exec(formType)?.[1] ?? ''
const part = (name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`
/** Half of the file: what is streamed is never more than a few hundred kilobytes of it, and the rest of Beside works meanwhile. */
const allowedMiB = 100

describe('a file of 200 MB', () => {
  it.skipIf(process.platform !== 'linux')('goes up and down without being in memory', async () => {
    const [home, folder] = [await temporaryFolder(), await temporaryFolder()]
    const key = await apiKey(home, 'one')
    const served = await servedBeside(home)
    onTestFinished(async () => await served.stop())
    const source = join(folder, 'long.wav')
    await silentWav(source, 1100)
    const { size } = await stat(source)
    const before = await peakMiB(served)

    async function* form(): AsyncGenerator<Buffer | string> {
      yield `${part('target_format')}\r\n\r\naiff\r\n${part('files')}; filename="long.wav"\r\n\r\n`
      yield* createReadStream(source) as AsyncIterable<Buffer>
      yield `\r\n--${boundary}--\r\n`
    }
    const headers = { 'x-api-key': key, 'content-type': formType }
    const sending = request(`${served.address}/convert`, { method: 'POST', agent: false, headers })
    const answered = new Promise<string>((resolve, reject) => {
      sending.once('error', reject).once('response', (answer) => {
        answer.setEncoding('utf8')
        void Array.fromAsync(answer as AsyncIterable<string>).then((texts) => resolve(texts.join('')), reject)
      })
    })
    await pipeline(Readable.from(form()), sending)
    const { jobid: id } = JSON.parse(await answered) as { readonly jobid: string }
    const up = await peakMiB(served)
    const { status } = (await ended(served.address, id, key)).json()
    // Converting and checking have memory of their own.
    const converted = await peakMiB(served)

    const result = join(folder, 'long.aiff')
    const fetching = request(`${served.address}/download/${id}`, { agent: false, headers: { 'x-api-key': key } })
    await new Promise<void>((resolve, reject) => {
      fetching
        .once('error', reject)
        .once('response', (answer) => void pipeline(answer, createWriteStream(result)).then(resolve, reject))
      fetching.end()
    })
    const down = await peakMiB(served)
    const got = (await stat(result)).size
    expect({ status, isLarge: size > 2e8, isWhole: Math.abs(got - size) < 1000 }).toEqual({
      status: 'completed',
      isLarge: true,
      isWhole: true,
    })
    expect(
      [up - before, down - converted].map((grown) => (grown < allowedMiB ? 'bounded' : `${Math.round(grown)} MiB more`)),
    ).toEqual(['bounded', 'bounded'])
  })
})
