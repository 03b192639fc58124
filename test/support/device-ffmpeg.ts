/**
 * A stand-in for an FFmpeg on a machine with encoders in graphics chips: the real one, which lists the encoders that it is told to and, where
 * one of them is asked for, behaves as it is told. What it is told and what it was asked lie in its folder.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from './folder.ts'

/**
 * `works`: software encodes in its place. `refuses`: like one without a driver. `shallow`: works with 8 bits alone. `dies`: the trial goes well, and
 * a film breaks off. `waits`: the same, and a film takes as long as it lasts. `full`: a film finds the disk full.
 * `hangs`, `crashes`: whatever it is asked. `busy`: others have all its places.
 */
export type Behaviour = 'works' | 'refuses' | 'shallow' | 'dies' | 'waits' | 'full' | 'hangs' | 'busy' | 'crashes'

export interface DeviceFfmpeg {
  readonly path: string
  behave(behaviours: Readonly<Record<string, Behaviour>>): void
  /** What was asked of devices so far, in order: `trial h264_nvenc`, `film h264_nvenc`. */
  asked(): readonly string[]
  /** As a newer one under the same name. */
  renew(): void
}

/** Written as a program of its own: it prints the command line that takes its place. */
const script = String.raw`
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
const [folder, real, ...args] = process.argv.slice(2)
const told = JSON.parse(readFileSync(folder + '/behaviours.json', 'utf8'))
const quoted = (words) => words.map((word) => "'" + word.replaceAll("'", "'\\''") + "'").join(' ')
const say = (command) => process.stdout.write(command)
if (args.includes('-encoders')) {
  const listed = execFileSync(real, ['-hide_banner', '-encoders'], { encoding: 'utf8' }).split('\n')
  const software = listed.filter((line) => !/_(nvenc|qsv|vaapi|amf|videotoolbox|v4l2m2m) /.test(line))
  writeFileSync(folder + '/encoders', [...software, ...Object.keys(told).map((name) => ' V....D ' + name + '  a device')].join('\n') + '\n')
  say(quoted(['cat', folder + '/encoders']))
} else {
  const name = args[args.indexOf('-c:v:0') + 1]
  const behaviour = args.includes('-c:v:0') ? told[name] : undefined
  if (behaviour === undefined) say(quoted([real, ...args]))
  else {
    const isTrial = args.includes('lavfi')
    appendFileSync(folder + '/asked', (isTrial ? 'trial ' : 'film ') + name + '\n')
    const refuse = (line) => {
      process.stderr.write('[' + name + ' @ 0x55743e722540] ' + line + '\nError initializing output stream 0:0 -- Error while opening encoder\n')
      process.exit(1)
    }
    const isDeep = args.some((word) => word.includes('p010le'))
    if (behaviour === 'refuses') refuse('Cannot load libcuda.so.1')
    if (behaviour === 'busy') refuse('OpenEncodeSessionEx failed: out of memory (10): (no details)')
    if (behaviour === 'shallow' && isDeep) refuse('10 bit encode not supported')
    if (behaviour === 'full' && !isTrial) refuse('av_interleaved_write_frame(): No space left on device')
    const software = { h264: 'libx264', hevc: 'libx265', vp9: 'libvpx-vp9', av1: 'libsvtav1' }[name.split('_')[0]]
    const dropped = new Set(['-rc:v:0', '-rc_mode:v:0', '-vaapi_device', '-preset', '-qp_p:v:0'])
    const figures = { '-cq:v:0': '-crf:v:0', '-global_quality:v:0': '-crf:v:0', '-qp_i:v:0': '-crf:v:0' }
    const own = []
    for (let n = 0; n < args.length; n += 1) {
      if (dropped.has(args[n]) || (args[n] === '-b:v:0' && args[n + 1] === '0')) n += 1
      else if (args[n] === '-i' && behaviour === 'waits' && !isTrial) own.push('-re', '-i')
      else own.push(figures[args[n]] ?? (args[n] === name ? software : args[n].replace(/,hwupload$/, '')))
    }
    if (behaviour === 'hangs') say('sleep 1000')
    else if (behaviour === 'crashes') say("sh -c 'kill -SEGV $$'")
    else if (behaviour === 'dies' && !isTrial) {
      const output = own.pop()
      const last = quoted(['[' + name + ' @ 0x1] EncodePicture failed!: unknown error (20): internal error'])
      say('sh -c ' + quoted([quoted([real, ...own, '-t', '0.4', output]) + '; echo ' + last + ' >&2; exit 1']))
    } else say(quoted([real, ...own]))
  }
}
`

export async function deviceFfmpeg(behaviours: Readonly<Record<string, Behaviour>>): Promise<DeviceFfmpeg> {
  const folder = await temporaryFolder()
  const path = join(folder, 'ffmpeg')
  const [real, prober] = ['ffmpeg', 'ffprobe'].map((name) => execFileSync('which', [name], { encoding: 'utf8' }).trim())
  if (real === undefined || prober === undefined) throw new Error('no FFmpeg on PATH')
  await writeFile(join(folder, 'stand-in.mjs'), script)
  await writeFile(
    path,
    `#!/bin/sh\ncommand=$('${process.execPath}' '${folder}/stand-in.mjs' '${folder}' '${real}' "$@") || exit $?\neval "exec $command"\n`,
  )
  await chmod(path, 0o755)
  await symlink(prober, join(folder, 'ffprobe'))
  const behave = (told: Readonly<Record<string, Behaviour>>) =>
    writeFileSync(join(folder, 'behaviours.json'), JSON.stringify(told))
  behave(behaviours)
  let renewed = 0
  return {
    path,
    behave,
    asked: () => {
      const file = join(folder, 'asked')
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    },
    renew: () => utimesSync(path, new Date(), new Date(Date.UTC(2030, 0, 1 + (renewed += 1)))),
  }
}
