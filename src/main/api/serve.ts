/**
 * Answers the contract's calls over lines, whatever carries their frames. Calls in flight are bounded, and a frame that makes no sense
 * ends its line and changes nothing. What the other end does not read is not piled up where the carrier reports when a frame has left.
 */
import { ServerPeer, type EncodedMessage, type ServerPeerHandleRequestFn } from '@orpc/standard-server-peer'
import type { AnyRouter } from '@orpc/server'
import { StandardRPCHandler } from '@orpc/server/standard'
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import { isOffline } from '../../shared/wire/errors.ts'
import type { Log } from '../engine/ports.ts'

/** Ten thousand dropped paths come in chunks far smaller than this. */
export const maxPageFrameBytes = 4 * 1024 * 1024
/** A window has a few dozen calls under way at most. */
export const maxPageCalls = 128

/** Answers one call: a router of this process, or a pipe to the one that holds the queue. */
export type Answer = ServerPeerHandleRequestFn

/** Why a line is cut, as a WebSocket says it. */
export type CutCode = 1002 | 1003 | 1008 | 1009 | 1012

export interface Line {
  isOpen(): boolean
  /** Resolves when the frame has left, where the carrier knows. */
  send(frame: EncodedMessage): Promise<void>
  cut(code: CutCode, why: string): void
}

export interface ServedLine {
  /** A frame has come: text, or whatever else the carrier lets through. */
  handle(frame: unknown): void
  refuse(code: CutCode, why: string): void
  /** The line has gone: what it asked for ends. */
  end(): void
}

export interface Serving {
  begin(line: Line): ServedLine
  /** Resolves when every call has ended. */
  ended(): Promise<void>
}

/** As HTTP has it: an input outside the contract, and no such call. */
const refusals: ReadonlySet<number> = new Set([400, 404])

/** What the contract does not have, or not so, is refused, and that is logged. */
export function answerBy(router: AnyRouter, log: Log): Answer {
  const answer = createServerPeerHandleRequestFn(new StandardRPCHandler(router), { context: {} })
  return async (request) => {
    const response = await answer(request)
    if (refusals.has(response.status)) log.warn('a call was refused', { path: request.url.pathname.slice(0, 200) })
    return response
  }
}

/**
 * A page shows the files of jobs and no others, runs no program that it names, and converts for nobody else: what it may not ask for is refused
 * by name here, whoever holds the queue.
 */
const closedToPages: ReadonlySet<string> = new Set(['media.inspect', 'hooks.save', 'hooks.renewSecret', 'hooks.output'])

function isClosedToPages(called: readonly string[]): boolean {
  return closedToPages.has(called.join('.')) || called[0] === 'served'
}

/** Answers pages. */
export function answerPages(answer: Answer, log: Log): Answer {
  return async (request) => {
    const called = request.url.pathname.split('/').filter((part) => part !== '')
    if (!isClosedToPages(called.map(decoded))) return await answer(request)
    log.warn('a call was refused', { path: request.url.pathname.slice(0, 200) })
    return { status: 404, headers: {}, body: 'No procedure matched' }
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function createServing(answer: Answer, log: Log, { maxCalls }: { readonly maxCalls: number }): Serving {
  const calls = new Set<Promise<void>>()
  const begin = (line: Line): ServedLine => {
    const peer = new ServerPeer(async (frame) => await line.send(frame))
    let inFlight = 0
    const refuse = (code: CutCode, why: string) => {
      log.warn('a client was cut off', { why })
      line.cut(code, why)
      peer.close()
    }
    const failed = (error: unknown, signal: AbortSignal | undefined) => {
      // Whoever cancelled it, or has gone, gets no answer any more.
      if (signal?.aborted === true || !line.isOpen()) return
      // It connects again, and is answered by whoever holds the queue then.
      if (isOffline(error)) refuse(1012, 'the queue changes hands')
      else refuse(1002, `no sense: ${String(error)}`.slice(0, 100))
    }
    const handle = (frame: unknown) => {
      if (!line.isOpen()) return
      if (typeof frame !== 'string') return refuse(1003, 'binary frame')
      if (inFlight >= maxCalls) return refuse(1008, 'too many calls at once')
      inFlight += 1
      let signal: AbortSignal | undefined
      const answered: Answer = async (request) => {
        signal = request.signal
        return await answer(request)
      }
      const call: Promise<void> = peer.message(frame, answered).then(
        () => {},
        (error: unknown) => failed(error, signal),
      )
      calls.add(call)
      void call.finally(() => {
        inFlight -= 1
        calls.delete(call)
      })
    }
    return { handle, refuse, end: () => peer.close() }
  }
  return {
    begin,
    ended: async () => {
      await Promise.all(calls)
    },
  }
}
