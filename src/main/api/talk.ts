/**
 * The contract with a page, whatever carries its frames: calls in flight are bounded, and a frame that makes no sense ends the talk
 * and changes nothing. What a page does not read is not piled up where the carrier tells when a frame has left.
 */
import { ServerPeer, type EncodedMessage } from '@orpc/standard-server-peer'
import type { AnyRouter } from '@orpc/server'
import type { Log } from '../engine/ports.ts'
import { answersOf } from './answer.ts'

/** Ten thousand dropped paths come in chunks far smaller than this. */
export const largestPageFrameBytes = 4 * 1024 * 1024
/** A window has a few dozen calls under way at most. */
export const mostCallsInFlight = 128

/** Why a page is cut off, as a WebSocket says it. */
export type CutCode = 1002 | 1003 | 1008 | 1009

export interface PageLine {
  isOpen(): boolean
  send(frame: EncodedMessage): Promise<void>
  cut(code: CutCode, why: string): void
}

export interface Talk {
  /** A frame has come: text, or whatever else the carrier lets through. */
  hear(frame: unknown): void
  /** Cuts the page off. */
  refuse(code: CutCode, why: string): void
  /** The line has gone: what it asked for ends. */
  end(): void
}

export interface Talks {
  begin(line: PageLine): Talk
  /** Resolves when every call has ended. */
  quiet(): Promise<void>
}

export function createTalks(router: AnyRouter, log: Log): Talks {
  const handle = answersOf(router, log)
  const calls = new Set<Promise<void>>()
  const begin = (line: PageLine): Talk => {
    const peer = new ServerPeer(async (frame) => await line.send(frame))
    let inFlight = 0
    const refuse = (code: CutCode, why: string) => {
      log.warn('a page was cut off', { why })
      line.cut(code, why)
      peer.close()
    }
    const hear = (frame: unknown) => {
      if (!line.isOpen()) return
      if (typeof frame !== 'string') return refuse(1003, 'binary frame')
      if (inFlight >= mostCallsInFlight) return refuse(1008, 'too many calls at once')
      inFlight += 1
      const call: Promise<void> = peer.message(frame, handle).then(
        () => {},
        (error: unknown) => {
          if (line.isOpen()) refuse(1002, `no sense: ${String(error)}`.slice(0, 100))
        },
      )
      calls.add(call)
      void call.finally(() => {
        inFlight -= 1
        calls.delete(call)
      })
    }
    return { hear, refuse, end: () => peer.close() }
  }
  return {
    begin,
    quiet: async () => {
      await Promise.all(calls)
    },
  }
}
