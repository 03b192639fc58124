/**
 * A result on its way to temporary files beside the output. What breaks is resumed where the server says that it is still the same
 * file, else begun anew; what is too short, empty, or a page of text where media was due is refused; an archive is unpacked. Either
 * all parts are there, or nothing is left.
 */
import { type FileHandle, open as openFile, rename, rm } from 'node:fs/promises'
import { failure, JobError, toFailure, type FailureCode } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { HttpAnswer } from '../answers.ts'
import { createFileWriter } from './file-writer.ts'
import { dispositionName, givenName, distinctNames } from './names.ts'
import { createPace } from '../pace.ts'
import { isZip, headBytes, kindTrouble, mayBeZip } from './kinds.ts'
import { unpack } from './zip.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'

export interface Receiving {
  /** Asks for the result; `headers` go with the request. Called again after a transfer that broke. */
  readonly open: (headers: Readonly<Record<string, string>>) => Promise<HttpAnswer>
  readonly order: Pick<ProviderOrder, 'target' | 'temp'>
  /** Number of the first temporary file to use: how many parts the job has already. Absent: 0. */
  readonly at?: number
  readonly provider: string
  readonly report: Reporter
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Broken transfers in a row that brought next to nothing, after which it is given up; the engine tries again later. */
const maxFruitless = 3
const decentBytes = 32 * 1024
const pauseMs = 1_000

/** In all, a result has two hours and what its length takes at this rate; a day, where its length is not known. */
const hourMs = 3_600_000
const minBytesPerSecond = 16 * 1024
const maxDurationMs = (total: number | null): number =>
  total === null ? 24 * hourMs : 2 * hourMs + (total / minBytesPerSecond) * 1_000

/**
 * Receives one result. It has several parts where it was an archive. Parts are named as the server named them, without ending.
 * @throws JobError `answer-bad` for what is no result, `network` where it cannot be had in one piece, and whatever `open` throws.
 */
export async function receive(receiving: Receiving): Promise<readonly Part[]> {
  const { order, at = 0, provider, signal } = receiving
  const temp = order.temp(at)
  const mine: string[] = []
  try {
    const file = await openFile(temp, 'wx')
    mine.push(temp)
    const arrived = await download(receiving, file)
    const given = arrived.name === null ? null : givenName(arrived.name, order.target)
    const itself: Part = { temp, bytes: arrived.bytes, name: given?.name ?? null, format: order.target }
    if (!isZip(arrived.head) || order.target === 'zip') return [itself]
    const nextTemp = (n: number): string => {
      mine.push(order.temp(at + 1 + n))
      return order.temp(at + 1 + n)
    }
    const unpacking = { zip: temp, target: order.target, temp: nextTemp, provider, signal }
    const parts = await unpack({ ...unpacking, onlyResults: mayBeZip(order.target) })
    return parts === null ? [itself] : await withoutGap(parts, temp)
  } catch (error) {
    for (const path of mine) await rm(path, { force: true })
    throw error
  }
}

/** Receives several results of one job, one after the other. Names that occur more than once get a number. */
export async function receiveAll(
  opens: readonly Receiving['open'][],
  into: Omit<Receiving, 'open' | 'at'>,
): Promise<readonly Part[]> {
  const parts: Part[] = []
  try {
    for (const [index, open] of opens.entries()) {
      // What is left of the others is not known.
      const report: Reporter = ({ done, leftMs: _, ...rest }) =>
        into.report({ ...rest, done: done === null ? null : (index + done) / opens.length })
      parts.push(...(await receive({ ...into, open, report, at: parts.length })))
    }
  } catch (error) {
    for (const { temp } of parts) await rm(temp, { force: true })
    throw error
  }
  return distinctNames(parts)
}

/** Of an answer that can be had only once: it held no result, or what became of it is the user's to say already. */
const saysEnough: ReadonlySet<FailureCode> = new Set(['answer-bad', 'answer-lost', 'deadline'])

/**
 * An answer that can be had only once, such as that of a synchronous conversion. The work is done and may be paid for by then, so that a
 * full disk here is no reason to have it done once more.
 */
export async function receiveOnce(answer: HttpAnswer, receiving: Omit<Receiving, 'open'>): Promise<readonly Part[]> {
  let isTaken = false
  const open = async (): Promise<HttpAnswer> => {
    if (isTaken) throw new JobError('answer-lost', { provider: receiving.provider, because: 'partial-result' })
    isTaken = true
    return answer
  }
  try {
    return await receive({ ...receiving, open })
  } catch (error) {
    const why = toFailure(error)
    if (receiving.signal.aborted || saysEnough.has(why.code)) throw error
    throw JobError.from({ ...failure('answer-lost', { provider: receiving.provider }), cause: why }, error)
  } finally {
    answer.close()
  }
}

/** Temporary files are numbered without gaps, so the last part takes the archive's place. */
async function withoutGap(parts: readonly Part[], zip: string): Promise<readonly Part[]> {
  const last = parts.at(-1)
  if (last === undefined) return parts
  await rename(last.temp, zip)
  return [...parts.slice(0, -1), { ...last, temp: zip }]
}

interface Arrived {
  readonly bytes: number
  readonly head: Uint8Array
  /** As the server wrote it. */
  readonly name: string | null
}

/** How far a broken transfer came. */
interface Progress {
  at: number
  head: Buffer
  /** The validator by which the file at the server is known to be still the same; null: begin anew. */
  seal: string | null
  total: number | null
  name: string | null
  type: string
  /** How long the other side has let wait, over all connections. */
  spentMs: number
}

async function download(receiving: Receiving, file: FileHandle): Promise<Arrived> {
  const { clock, signal } = receiving
  const state: Progress = { at: 0, head: Buffer.alloc(0), seal: null, total: null, name: null, type: '', spentMs: 0 }
  try {
    for (let fruitless = 0; ;) {
      const before = state.at
      try {
        await transfer(receiving, file, state)
        assertKind(receiving, state)
        return { bytes: state.at, head: state.head, name: state.name }
      } catch (error) {
        const isBroken = error instanceof JobError && error.failure.code === 'network'
        fruitless = state.at - before >= decentBytes && state.seal !== null ? 0 : fruitless + 1
        if (signal.aborted || !isBroken || fruitless >= maxFruitless) throw error
        state.spentMs += pauseMs * 2 ** fruitless
        await clock.sleep(pauseMs * 2 ** fruitless, signal)
      }
    }
  } finally {
    await file.close()
  }
}

/** One connection's worth. */
async function transfer(receiving: Receiving, file: FileHandle, state: Progress): Promise<void> {
  const answer = await reopen(receiving, state)
  if (!continues(answer, state)) await begin(answer, file, state)
  const writer = createFileWriter(file, state.at)
  const pace = createPace(receiving.clock)
  try {
    for await (const chunk of answer.chunks) {
      refuseLate(receiving, state, answer.waitedMs())
      if (state.head.length < headBytes) {
        state.head = Buffer.concat([state.head, chunk.subarray(0, headBytes - state.head.length)])
        if (state.head.length === headBytes) assertKind(receiving, state)
      }
      state.at += chunk.length
      await writer.add(chunk)
      const done = state.total === null ? null : Math.min(1, state.at / state.total)
      receiving.report({ stage: 'downloading', done, ...pace(state.at, state.total) })
    }
  } finally {
    answer.close()
    state.spentMs += answer.waitedMs()
    await writer.end()
  }
  if (state.total !== null && state.at !== state.total) {
    throw new JobError('network', {
      provider: receiving.provider,
      because: 'bytes-received',
      bytes: state.at,
      ofBytes: state.total,
    })
  }
}

/** Pieces that are decent enough to be no standstill may still come for ever. What became of the job there is then the user's to say. */
function refuseLate({ provider }: Receiving, { spentMs, total }: Progress, waitedMs: number): void {
  if (spentMs + waitedMs <= maxDurationMs(total)) return
  throw new JobError('deadline', { provider, hours: Math.round(maxDurationMs(total) / hourMs) })
}

async function reopen(receiving: Receiving, state: Progress): Promise<HttpAnswer> {
  if (state.at > 0 && state.seal !== null) {
    try {
      const answer = await receiving.open({ range: `bytes=${state.at}-`, 'if-range': state.seal })
      if (answer.status !== 206 || continues(answer, state)) return answer
      answer.close()
    } catch (error) {
      // A server that stumbles over the range gets the plain question; whether it is in order at all shows there.
      if (receiving.signal.aborted) throw error
    }
    state.seal = null
  }
  return await receiving.open({})
}

function continues(answer: HttpAnswer, state: Progress): boolean {
  if (answer.status !== 206 || state.seal === null) return false
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(answer.headers['content-range'] ?? '')
  const isSameLength = range?.[2] === '*' || state.total === null || Number(range?.[2]) === state.total
  return range !== null && Number(range[1]) === state.at && isSameLength
}

async function begin(answer: HttpAnswer, file: FileHandle, state: Progress): Promise<void> {
  await file.truncate(0)
  const { headers } = answer
  const isAsStored = headers['content-encoding'] === undefined || headers['content-encoding'] === 'identity'
  const length = isAsStored ? headers['content-length'] : undefined
  const tag = headers.etag?.startsWith('W/') === true ? undefined : headers.etag
  Object.assign(state, {
    at: 0,
    head: Buffer.alloc(0),
    seal: isAsStored && headers['accept-ranges'] !== 'none' ? (tag ?? headers['last-modified'] ?? null) : null,
    total: length === undefined ? null : Number(length),
    name: dispositionName(headers['content-disposition']),
    type: headers['content-type'] ?? '',
  } satisfies Omit<Progress, 'spentMs'>)
}

function assertKind({ order, provider }: Receiving, { head, type }: Progress): void {
  const trouble = kindTrouble(head, type, order.target)
  if (trouble !== null) throw new JobError('answer-bad', { provider, ...trouble })
}
