/** What FFmpeg lost of a source although it ended well. Apart, for its rules alone. */
import { lengthSlackMs } from '../../../../shared/media.ts'
import type { MediaJob } from './media.ts'
import { wantedMs } from './plan.ts'

/** What the last packet of a film may lie before its end. */
export function videoSlackMs(ms: number): number {
  return 500 + ms * 0.02
}

type Loss =
  | { readonly because: 'nothing-readable' }
  | { readonly because: 'read-in-part'; readonly expectedSeconds: number; readonly actualSeconds: number }
  | { readonly reason: string }

interface Reached {
  readonly ms: number
  readonly frames: number
}

const cutOff = /partial file|ended prematurely/i
/** Said of times that are out of order, which loses nothing. */
const harmless = /monotonically|Queue input is backward|Timestamps are unset|DTS .* out of order/i

/**
 * What FFmpeg lost without failing, or null. It is content with a source of which it could decode nothing. That less came out than a header
 * says is damage where the decoder complained, or where the file states more bytes than it has; else it is the header that is wrong.
 */
export function lossIn(
  { facts, order }: Pick<MediaJob, 'facts' | 'order'>,
  reached: Reached,
  complaints: readonly string[],
): Loss | null {
  const { ms: reachedMs, frames } = reached
  // The one frame of a film may be at its very beginning.
  if (reachedMs === 0 && frames === 0) return { because: 'nothing-readable' }
  const wanted = wantedMs(order.options, facts.durationMs)
  const slackMs = wanted === null ? 0 : facts.video.length > 0 ? videoSlackMs(wanted) : lengthSlackMs(wanted)
  if (wanted === null || reachedMs >= wanted - slackMs) return null
  const tenths = (ms: number) => Math.round(ms / 100) / 10
  if (facts.isCutOff === true)
    return { because: 'read-in-part', expectedSeconds: tenths(wanted), actualSeconds: tenths(reachedMs) }
  // The audio of a video may end before its picture: only a file that has been cut off tells of itself.
  const told = facts.video.length > 0 ? [] : complaints.filter((line) => !harmless.test(line))
  const reason = complaints.find((line) => cutOff.test(line)) ?? told[0]
  return reason === undefined ? null : { reason }
}
