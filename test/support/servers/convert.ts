/** How the scripted providers convert: with the FFmpeg of this machine, so that what comes back is what was asked for. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** @param args encoder settings. @throws where FFmpeg cannot: the provider then says that the conversion failed. */
export async function convertHere(source: Buffer, from: string, to: string, args: readonly string[] = []): Promise<Buffer> {
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

/** A second of a tone, as a file of that format. */
export async function tone(format: string, seconds = 1): Promise<Buffer> {
  const { stdout } = await run(
    'ffmpeg',
    ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `sine=duration=${seconds}`, '-f', format, 'pipe:1'],
    {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  return stdout
}
