/** How the scripted providers convert: with the FFmpeg of this machine, so that what comes back is what was asked for. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The same source to the same target is converted once. */
const converted = new Map<string, Promise<Buffer>>()

/** @param args encoder settings. @throws where FFmpeg cannot: the provider then says that the conversion failed. */
export async function convertHere(source: Buffer, from: string, to: string, args: readonly string[] = []): Promise<Buffer> {
  const id = JSON.stringify([createHash('sha1').update(source).digest('hex'), from, to, args])
  const found = converted.get(id) ?? convertNow(source, from, to, args)
  converted.set(id, found)
  return await found
}

async function convertNow(source: Buffer, from: string, to: string, args: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'beside-server-'))
  try {
    const input = join(folder, `in.${from}`)
    const output = join(folder, `out.${to}`)
    await writeFile(input, source)
    await run('ffmpeg', ['-nostdin', '-v', 'error', '-i', input, ...args, output])
    return await readFile(output)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const tones = new Map<string, Promise<Buffer>>()

/** A second of a tone, as a file of that format. */
export async function tone(format: string): Promise<Buffer> {
  const found = tones.get(format) ?? toneNow(format)
  tones.set(format, found)
  return await found
}

async function toneNow(format: string): Promise<Buffer> {
  const args = ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', '-f', format, 'pipe:1']
  return (await run('ffmpeg', args, { encoding: 'buffer' })).stdout
}
