/**
 * Speech written down, by Whisper: whisper.cpp, or the program of OpenAI, with a model that the user has chosen, since none comes with
 * Beside and none is ever fetched. FFmpeg makes of any source the one channel of 16 kHz that both of them hear.
 */
import { access, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Options } from '../../../../shared/options.ts'
import { mainAudio, type MediaFacts } from '../../../../shared/media.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { LocalEngine } from '../engine.ts'
import { isMediaSource, opening } from '../media/demuxers.ts'
import type { Ffmpeg } from '../media/ffmpeg.ts'
import type { Programs } from '../process/programs.ts'
import { single } from '../result.ts'
import { speechTargets, type SpeechTarget } from './pairings.ts'

/** How one of the programs is asked. */
interface Recognizer {
  readonly program: string
  readonly title: string
  /** Endings of the models that it reads. */
  readonly models: readonly string[]
  readonly help: readonly string[]
  args(asked: Asked): readonly string[]
  /** Of the file that it writes into the folder. */
  result(target: SpeechTarget): string
}
interface Asked {
  readonly model: string
  readonly wav: string
  readonly folder: string
  readonly target: SpeechTarget
  /** Two letters. */
  readonly language: string | null
}

/** As the manual of whisper.cpp has it. */
const whisperCpp: Recognizer = {
  program: 'whisper-cli',
  title: 'whisper.cpp',
  models: ['.bin', '.gguf'],
  help: ['--help'],
  args: ({ model, wav, folder, target, language }) => [
    ...['-m', model, '-f', wav, '-l', language ?? 'auto'],
    ...['-of', join(folder, 'speech'), { text: '-otxt', srt: '-osrt', vtt: '-ovtt' }[target], '-pp'],
  ],
  result: (target) => `speech.${target === 'text' ? 'txt' : target}`,
}

/** As the manual of OpenAI's program has it. A model that is named by its path is not fetched. */
const whisper: Recognizer = {
  program: 'whisper',
  title: 'Whisper',
  models: ['.pt'],
  help: ['--help'],
  args: ({ model, wav, folder, target, language }) => [
    ...[wav, '--model', model, '--output_dir', folder, '--output_format', target === 'text' ? 'txt' : target],
    ...['--verbose', 'True', '--fp16', 'False', ...(language === null ? [] : ['--language', language])],
  ],
  result: (target) => `sound.${target === 'text' ? 'txt' : target}`,
}

export interface SpeechPorts {
  readonly programs: Programs
  readonly ffmpeg: Ffmpeg
  readonly inspect: (path: string, signal: AbortSignal) => Promise<MediaFacts>
  /** Path of the model as the settings have it; empty: none. Asked for anew with each conversion. */
  readonly model: () => string
}

export function createSpeech(ports: SpeechPorts): { readonly whisperCpp: LocalEngine; readonly whisper: LocalEngine } {
  return { whisperCpp: engineOf(whisperCpp, ports), whisper: engineOf(whisper, ports) }
}

function engineOf(recognizer: Recognizer, { programs, ffmpeg, inspect, model }: SpeechPorts): LocalEngine {
  const { program, title, models, help } = recognizer
  const others = new Set([whisperCpp, whisper].flatMap((one) => (one === recognizer ? [] : one.models)))
  /** @throws JobError where none is chosen that it reads. */
  const modelPath = async (): Promise<string> => {
    const path = model()
    const isThere =
      path !== '' &&
      (await access(path).then(
        () => true,
        () => false,
      ))
    if (!isThere || !models.includes(extname(path).toLowerCase()))
      throw new JobError('tool-missing', { because: 'model-missing', program: title, ...(path !== '' && { path }) })
    return path
  }

  async function convert(order: ProviderOrder, report: Reporter, signal: AbortSignal) {
    const { source, options } = order
    if (source.kind !== 'file') throw new JobError('source-not-local')
    const target = speechTargets.find((one) => one === order.target)
    if (target === undefined) throw new JobError('pair-unsupported', { from: order.from, target: order.target })
    const { path } = source
    const chosen = await modelPath()
    const facts = order.facts ?? (await inspect(path, signal))
    const folder = await mkdtemp(join(tmpdir(), 'beside-speech-'))
    try {
      const wav = join(folder, 'sound.wav')
      const lastsMs = await heardBy(ffmpeg, path, facts, options, wav, signal)
      const language = options.language?.slice(0, 2).toLowerCase() ?? null
      const heard = (line: string) => {
        const done = progressIn(line, lastsMs)
        if (done !== null) report({ stage: 'processing', done })
      }
      const args = recognizer.args({ model: chosen, wav, folder, target, language })
      const {
        code,
        signal: ending,
        errors,
      } = await programs.run({ program, args, stdin: null, heard, startsOthers: true }, signal)
      if (code === null) throw new JobError('tool-crashed', { tool: title, ...(ending !== null && { reason: ending }) })
      const reason = errors.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
      if (code !== 0) throw new JobError('tool-failed', { tool: title, reason })
      const written = join(folder, recognizer.result(target))
      const text = await readFile(written, 'utf8').catch(() => null)
      if (text === null) throw new JobError('tool-failed', { tool: title, because: 'no-result-file' })
      if (!/[\p{L}\p{N}]/u.test(text.replace(/^WEBVTT/, '').replaceAll(/[\d:.,]+ --> [\d:.,]+|^\d+$/gm, '')))
        throw new JobError('nothing-found', { path, because: 'no-text' })
      return await single(order.temp(0), target, async (output) => {
        // Lines of text begin with a blank there.
        if (target === 'text') await writeFile(output, text.replaceAll(/^ +/gm, ''), { flag: 'wx' })
        else await copyFile(written, output)
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  return {
    version: async (signal) => {
      const ended = await programs.run({ program, args: help, stdin: null }, signal).catch((error: unknown) => {
        if (error instanceof JobError && error.failure.code === 'tool-missing') return null
        throw error
      })
      if (ended === null) return null
      await modelPath()
      return title
    },
    // What is there is known for a while; the model may be another one by now.
    takes: () => !others.has(extname(model()).toLowerCase()),
    convert,
    stop: async () => {},
  }
}

/** @returns how long that is, ms; null where nobody knows. */
async function heardBy(
  ffmpeg: Ffmpeg,
  path: string,
  facts: MediaFacts,
  { trimStart, trimEnd }: Options,
  output: string,
  signal: AbortSignal,
): Promise<number | null> {
  const main = mainAudio(facts)
  if (main === null || !isMediaSource(facts.format)) throw new JobError('source-unsupported', { path, because: 'no-audio' })
  const cut = [
    ...(trimStart === undefined ? [] : ['-ss', String(trimStart / 1000)]),
    ...(trimEnd === undefined ? [] : ['-to', String(trimEnd / 1000)]),
  ]
  const args = [
    ...cut,
    ...opening(facts.format, path),
    '-map',
    `0:a:${main}`,
    '-ac',
    '1',
    '-ar',
    '16000',
    '-c:a',
    'pcm_s16le',
    '-f',
    'wav',
    output,
  ]
  await ffmpeg.convert({ args, stdin: null, paths: [path, output], progress: () => {} }, signal)
  const endMs = trimEnd ?? facts.durationMs ?? facts.roughMs ?? null
  return endMs === null ? null : Math.max(1, endMs - (trimStart ?? 0))
}

/** `progress =  40%`, or the end of the piece that was just heard, `[00:01:02.500 --> 00:01:07.000]`. */
function progressIn(line: string, lastsMs: number | null): number | null {
  const [, percent] = /progress\s*=\s*(\d+)%/.exec(line) ?? []
  if (percent !== undefined) return Math.min(1, Number(percent) / 100)
  const [, hours = '0', minutes = '0', seconds] = /-->\s*(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)\]/.exec(line) ?? []
  if (seconds === undefined || lastsMs === null) return null
  return Math.min(1, ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds.replace(',', '.'))) / (lastsMs / 1000))
}
