/**
 * One long film by Beside's command line, and by FFmpeg with the very arguments that Beside gave it, taken down on the way. Most of such a run is
 * encoding: what is over is what Beside does around it.
 */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, timed, withFolder } from './scene.ts'

export async function film(runs: number, seconds: number): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const source = join(folder, 'film.mkv')
    const picture = `testsrc2=size=1280x720:rate=25:duration=${seconds},noise=alls=6:allf=t`
    const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', `sine=duration=${seconds}`]
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'flac']
    await timed('ffmpeg', ['-v', 'error', ...inputs, ...codecs, source])
    const args = await recorded(folder, source)
    return [
      await inTurns(
        `a film of ${seconds} s, software`,
        's',
        runs,
        async () => await beside(source),
        async () => await timed('ffmpeg', [...args, `file:${join(folder, 'bare.mp4')}`]),
        '≤ 1.00, limit 1.01',
      ),
    ]
  })
}

async function beside(source: string, path = process.env['PATH'] ?? ''): Promise<number> {
  return await withFolder(async (home) => {
    const args = ['convert', source, '--to', 'mp4', '--set', 'quality=high', '--out', join(home, 'results')]
    return await timed(process.execPath, [besideProgram, ...args], { env: { BESIDE_HOME: home, PATH: path } })
  })
}

/** What Beside calls FFmpeg with for the conversion itself, but for where the result goes. */
async function recorded(folder: string, source: string): Promise<readonly string[]> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  const real = execFileSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).trim()
  const calls = join(folder, 'calls')
  await writeFile(
    join(bin, 'ffmpeg'),
    `#!/bin/sh\nprintf '%s\\037' "$@" >> '${calls}'\necho >> '${calls}'\nexec '${real}' "$@"\n`,
  )
  await chmod(join(bin, 'ffmpeg'), 0o755)
  await beside(source, `${bin}${delimiter}${process.env['PATH'] ?? ''}`)
  const lines = (await readFile(calls, 'utf8')).split('\n').map((line) => line.split('\u{1f}').slice(0, -1))
  await rm(bin, { recursive: true })
  const converting = lines.find((args) => args.includes('libx264'))
  if (converting === undefined) throw new Error('Beside did not encode the film')
  // Over what the run before has left, and with nobody who listens.
  const others: Readonly<Record<string, string>> = { '-n': '-y', 'pipe:3': 'pipe:1' }
  return converting.slice(0, -1).map((arg) => others[arg] ?? arg)
}
