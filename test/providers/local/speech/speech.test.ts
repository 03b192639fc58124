/** Speech is written down by programs that behave as their manuals say: none of them, and no model, is on the machines that test. */
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocal } from '../../../../src/main/providers/local/local.ts'
import { systemClock } from '../../../../src/main/system.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { onPath } from '../../../support/ffmpeg-place.ts'
import { testLog } from '../../../support/log.ts'
import { ffmpeg } from '../../../support/media.ts'
import { orderIn } from '../../../support/order.ts'
import { processes } from '../../../support/processes.ts'

/** Says what it was asked, and what it was given to hear. */
const spoken = `
const value = (name) => process.argv[process.argv.indexOf(name) + 1]
const fs = require('node:fs')
const tell = (wav) => {
  const bytes = fs.readFileSync(wav)
  return bytes.readUInt16LE(22) + ' channel, ' + bytes.readUInt32LE(24) + ' Hz, ' + Math.round((bytes.length - 78) / 32000) + ' s'
}
const cues = (heard, point) => '1\\n00:00:00' + point + '000 --> 00:00:02' + point + '000\\n ' + heard + '\\n'
`
const whisperCli = `#!/usr/bin/env node
${spoken}
if (process.argv.includes('--help')) process.exit(0)
if (fs.readFileSync(value('-m'), 'utf8') !== 'a model') process.exit(3)
console.error('whisper_print_progress_callback: progress =  50%')
const heard = value('-l') + ': ' + tell(value('-f'))
console.log('[00:00:00.000 --> 00:00:02.000]  ' + heard)
if (value('-l') === 'xx') setInterval(() => {}, 1000)
else if (value('-l') === 'zz') process.exit(0)
else if (process.argv.includes('-otxt')) fs.writeFileSync(value('-of') + '.txt', ' ' + heard + '\\n')
else if (process.argv.includes('-osrt')) fs.writeFileSync(value('-of') + '.srt', cues(value('-l') === 'qq' ? '' : heard, ','))
else if (process.argv.includes('-ovtt')) fs.writeFileSync(value('-of') + '.vtt', 'WEBVTT\\n\\n' + cues(heard, '.'))
`
const whisper = `#!/usr/bin/env node
${spoken}
if (process.argv.includes('--help')) process.exit(0)
const heard = 'by ' + require('node:path').basename(value('--model')) + ': ' + tell(process.argv[2])
fs.writeFileSync(value('--output_dir') + '/sound.' + value('--output_format'), heard + '\\n')
`

let model = ''
const path = process.env['PATH']
let source = ''
let folder = ''
let count = 0
const local = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: onPath, speechModel: () => model })

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'beside-test-')))
  const programs = join(folder, 'bin')
  await mkdir(programs)
  for (const [name, script] of [
    ['whisper-cli', whisperCli],
    ['whisper', whisper],
  ] as const) {
    await writeFile(join(programs, name), script)
    await chmod(join(programs, name), 0o755)
  }
  await writeFile(join(folder, 'ggml-tiny.bin'), 'a model')
  await writeFile(join(folder, 'tiny.pt'), 'another model')
  process.env['PATH'] = `${programs}${delimiter}${path}`
  source = join(folder, 'talk.mp3')
  await ffmpeg(['-f', 'lavfi', '-i', 'sine=f=300:r=44100:d=3', '-ac', '2', source])
})
afterAll(async () => {
  await local.stop()
  await rm(folder, { recursive: true, force: true })
  process.env['PATH'] = path
})

async function convert(
  target: FormatId,
  options: Options = {},
  signal = new AbortController().signal,
  report = (_done: number | null) => {},
) {
  const own = { kind: 'file', path: source, bytes: 1, mtimeMs: 0 } as const
  const { order } = orderIn(folder, { source: own, from: 'mp3', target, options, facts: await local.inspect(source, signal) })
  const temp = join(folder, `${target}-${Object.values(options).join('-')}-${(count += 1)}.part`)
  const done = { ...order, temp: () => temp }
  const submitted = await local.submit(done, (told) => report(told.done), signal)
  return submitted.kind === 'converted' ? { text: await readFile(done.temp(), 'utf8'), by: submitted.parts[0]?.by } : null
}
const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: { failure?: unknown }) => error.failure,
  )
const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('beside-speech-'))

describe('speech', () => {
  it('is written down with its times by whisper.cpp, from one channel of 16 kHz', async () => {
    model = join(folder, 'ggml-tiny.bin')
    const shares: (number | null)[] = []
    const results = [
      await convert('text', {}, undefined, (done) => shares.push(done)),
      await convert('srt', { language: 'en' }),
      await convert('vtt', { language: 'de', trimStart: 1000 }),
    ]
    expect(results).toEqual([
      { text: 'auto: 1 channel, 16000 Hz, 3 s\n', by: 'whisper.cpp' },
      { text: '1\n00:00:00,000 --> 00:00:02,000\n en: 1 channel, 16000 Hz, 3 s\n', by: 'whisper.cpp' },
      { text: 'WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.000\n de: 1 channel, 16000 Hz, 2 s\n', by: 'whisper.cpp' },
    ])
    expect([shares.includes(0.5), await left()]).toEqual([true, []])
  })

  it('is written down by the program of OpenAI where the model is one of its own', async () => {
    model = join(folder, 'tiny.pt')
    expect(await convert('text')).toEqual({ text: 'by tiny.pt: 1 channel, 16000 Hz, 3 s\n', by: 'Whisper' })
  })

  it('fails by name without a model, without a result, and where nobody speaks', async () => {
    model = ''
    const without = await codeOf(convert('text'))
    model = join(folder, 'ggml-tiny.bin')
    const nothing = await codeOf(convert('srt', { language: 'zz' }))
    const silent = await codeOf(convert('srt', { language: 'qq' }))
    expect([without, nothing, silent]).toMatchObject([
      { code: 'tool-missing', facts: { because: 'model-missing', program: 'whisper.cpp' } },
      { code: 'tool-failed', facts: { because: 'no-result-file' } },
      { code: 'nothing-found', facts: { because: 'no-text' } },
    ])
  })

  it('that is cancelled leaves neither a program nor a file', async () => {
    model = join(folder, 'ggml-tiny.bin')
    const cancelling = new AbortController()
    const failed = await convert('text', { language: 'xx' }, cancelling.signal, () =>
      cancelling.abort(new Error('cancelled')),
    ).catch(String)
    const running = processes().filter(({ line }) => line.includes(join(folder, 'bin')))
    expect([failed, running, await left(), (await readdir(folder)).some((name) => name.startsWith('text-xx'))]).toEqual([
      'Error: cancelled',
      [],
      [],
      false,
    ])
  })
})
