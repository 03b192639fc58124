/** From the command line's arguments and standard input to sources, in chunks, while they are still being read. */
import { glob, lstat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { failure, type Failure } from '../../../shared/failure.ts'
import { UsageError } from '../exit.ts'

export type Sources =
  | { readonly kind: 'sources'; readonly sources: readonly string[] }
  | { readonly kind: 'refused'; readonly name: string; readonly why: Failure }

export interface SourceOptions {
  readonly cwd: string
  readonly input: Readable
  readonly separator: '\n' | '\0'
  readonly signal: AbortSignal
}

const maxChunkSources = 1000
const maxChunkCharacters = 2_000_000
/** As long as the contract takes one. */
const maxSourceLength = 65_536

export async function* sourcesOf(args: readonly string[], options: SourceOptions): AsyncGenerator<Sources> {
  let chunk: string[] = []
  let characters = 0
  for await (const item of each(args, options)) {
    if (item === null || chunk.length >= maxChunkSources || characters >= maxChunkCharacters) {
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

/** What becomes one result is sent as one. */
export async function* inOneRequest(chunks: AsyncIterable<Sources>): AsyncGenerator<Sources> {
  const sources: string[] = []
  for await (const chunk of chunks) {
    if (chunk.kind === 'refused') yield chunk
    else sources.push(...chunk.sources)
  }
  if (sources.length > 0) yield { kind: 'sources', sources }
}

interface Refused {
  readonly name: string
  readonly why: Failure
}

/** Null: nothing more is there now, so what is there should not wait for it. */
async function* each(args: readonly string[], options: SourceOptions): AsyncGenerator<string | Refused | null> {
  for (const arg of args) {
    options.signal.throwIfAborted()
    if (arg === '') throw new UsageError('The name of a source is empty.', 'Check the variable that it comes from.')
    if (arg === '-') yield* read(options)
    else if (isAddress(arg)) yield arg
    else yield* named(arg, options.cwd)
  }
}

async function* named(arg: string, cwd: string): AsyncGenerator<string | Refused> {
  const path = resolve(cwd, arg)
  if (path.length > maxSourceLength) {
    yield { name: `${arg.slice(0, 200)}…`, why: failure('name-too-long', { path: `${arg.slice(0, 200)}…` }) }
  } else if (!/[*?[{]/.test(arg) || (await isThere(path))) {
    yield path
  } else {
    const matches = await Array.fromAsync(glob(arg, { cwd }), (match) => resolve(cwd, match))
    if (matches.length === 0) yield { name: arg, why: failure('nothing-found', { path: arg }) }
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
      if (rest.length > maxSourceLength)
        throw new UsageError(
          'A name from standard input is too long.',
          'Use one name per line, or -0 for names that are separated by NUL.',
        )
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

function isAddress(arg: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(arg)
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}
