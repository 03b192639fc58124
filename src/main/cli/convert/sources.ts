/** From the command line's words and standard input to sources, in chunks, while they are still being read. */
import { glob, lstat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { JobError, failure, type Failure } from '../../../shared/failure.ts'

export type Sources =
  | { readonly kind: 'sources'; readonly sources: readonly string[] }
  | { readonly kind: 'refused'; readonly name: string; readonly why: Failure }

export interface SourceOptions {
  readonly cwd: string
  readonly input: Readable
  readonly separator: '\n' | '\0'
  readonly signal: AbortSignal
}

const chunkSources = 1000
const chunkCharacters = 2_000_000
/** As long as the contract takes one. */
const longestSource = 65_536

export async function* sourcesOf(words: readonly string[], options: SourceOptions): AsyncGenerator<Sources> {
  let chunk: string[] = []
  let characters = 0
  for await (const item of each(words, options)) {
    if (item === null || chunk.length >= chunkSources || characters >= chunkCharacters) {
      if (chunk.length > 0) yield { kind: 'sources', sources: chunk }
      chunk = []
      characters = 0
    }
    if (item === null) continue
    if (typeof item === 'string') {
      chunk.push(item)
      characters += item.length
    } else {
      yield { kind: 'refused', ...item }
    }
  }
  if (chunk.length > 0) yield { kind: 'sources', sources: chunk }
}

interface Refused {
  readonly name: string
  readonly why: Failure
}

/** Null: nothing more is there now, so what is there should not wait for it. */
async function* each(words: readonly string[], options: SourceOptions): AsyncGenerator<string | Refused | null> {
  for (const word of words) {
    options.signal.throwIfAborted()
    if (word === '')
      throw new JobError('usage', { reason: 'A source has an empty name.', hint: 'Check the variable it comes from.' })
    if (word === '-') yield* read(options)
    else if (isAddress(word)) yield word
    else yield* named(word, options.cwd)
  }
}

async function* named(word: string, cwd: string): AsyncGenerator<string | Refused> {
  const path = resolve(cwd, word)
  if (path.length > longestSource) {
    yield { name: `${word.slice(0, 200)}…`, why: failure('name-too-long', { path: `${word.slice(0, 200)}…` }) }
  } else if (!/[*?[{]/.test(word) || (await isThere(path))) {
    yield path
  } else {
    const matches = await Array.fromAsync(glob(word, { cwd }), (match) => resolve(cwd, match))
    if (matches.length === 0) yield { name: word, why: failure('nothing-found', { path: word }) }
    else yield* matches.toSorted()
  }
}

/** Names from standard input. They are names and nothing else: no patterns. */
async function* read({ cwd, input, separator, signal }: SourceOptions): AsyncGenerator<string | Refused | null> {
  addAbortSignal(signal, input)
  input.setEncoding('utf8')
  let rest = ''
  try {
    for await (const text of input) {
      const names = (rest + String(text)).split(separator)
      rest = names.pop() ?? ''
      if (rest.length > longestSource)
        throw new JobError('usage', {
          reason: 'A name from standard input does not end.',
          hint: 'Give one name a line, or use -0 for names that end in NUL.',
        })
      for (const name of names) yield* plain(name, cwd)
      yield null
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw error
  }
  yield* plain(rest, cwd)
}

function* plain(line: string, cwd: string): Generator<string | Refused> {
  const name = process.platform === 'win32' ? line.replace(/\r$/, '') : line
  if (name === '') return
  yield isAddress(name) ? name : resolve(cwd, name)
}

function isAddress(word: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(word)
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}
