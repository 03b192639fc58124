/** Progress as the protocol has it: a figure that only grows, of so many files. Apart, as calls that queue and calls that look wait alike. */
import type { ServerContext } from '@modelcontextprotocol/server'
import { basename } from 'node:path'
import { locationOf } from '../../../shared/job-sources.ts'
import type { Tally } from '../report/tally.ts'
import { clockText, shown } from '../terminal/text.ts'

/** Clients draw it for a person. */
const betweenMs = 250

export interface Progressing {
  readonly tell: (tally: Tally) => void
  /** Nothing is told after the answer. */
  readonly stop: () => void
}

export function progressTo({ mcpReq }: ServerContext): Progressing {
  // oxlint-disable-next-line no-underscore-dangle -- as the protocol calls it
  const progressToken = mcpReq._meta?.progressToken
  let last = -1
  let toldAtMs = -Infinity
  let isOver = progressToken === undefined
  // What a client does not read is not piled up.
  let isTelling = false
  return {
    tell: (tally) => {
      if (isOver || isTelling || progressToken === undefined || performance.now() - toldAtMs < betweenMs) return
      const progress = doneOf(tally)
      if (progress <= last) return
      last = progress
      toldAtMs = performance.now()
      const params = { progressToken, progress, total: tally.known(), message: messageOf(tally) }
      isTelling = true
      const told = () => {
        isTelling = false
      }
      void mcpReq.notify({ method: 'notifications/progress', params }).then(told, told)
    },
    stop: () => {
      isOver = true
    },
  }
}

function doneOf(tally: Tally): number {
  const { done, skipped, failed } = tally.sum()
  const running = ours(tally).reduce((sum, { progress }) => sum + Math.min(0.99, progress?.progress ?? 0), 0)
  return Math.round((done + skipped + failed + running) * 1000) / 1000
}

function messageOf(tally: Tally): string {
  const { done, skipped, failed } = tally.sum()
  const [first] = ours(tally)
  const left = first?.progress?.leftMs ?? null
  const now = first === undefined ? '' : `; ${shown(basename(locationOf(first.job.order.source)))}`
  return `${done + skipped + failed} of ${tally.known()}${now}${left === null ? '' : `, about ${clockText(left)} left`}`
}

function ours(tally: Tally) {
  return [...tally.running.values()].filter((each) => each.ours)
}
