/** Whether bytes that came for a result can be one: an error page is never saved as a song. */
import { formats, type FormatId } from '../../../shared/formats.ts'

/** So much of a result's beginning is looked at. */
export const headBytes = 1024

/** What is wrong with a result that begins like this, or null. @param type its Content-Type, empty where none was given. */
export function kindTrouble(head: Uint8Array, type: string, target: FormatId): string | null {
  if (head.length === 0) return 'an empty result'
  const text = textOf(head)
  if (text === null) return null
  const saysPage = /^(text\/html|application\/(problem\+)?json|application\/xhtml)/i.test(type.trim())
  if (saysPage) return 'an error message instead of the result'
  if (target === 'text') return null
  if (/^\s*(<!doctype html|<html|[{[])/i.test(text)) return 'an error message instead of the result'
  if (target === 'svg') return /<svg|<\?xml|<!--|<!doctype svg/i.test(text) ? null : 'text instead of the result'
  if (target === 'pdf' && text.startsWith('%PDF')) return null
  return `text instead of ${formats[target].title}`
}

/** The text that these bytes are, or null where they hold what no text holds. */
function textOf(head: Uint8Array): string | null {
  try {
    // The last character may be cut in two: streamed decoding leaves it out.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    // oxlint-disable-next-line no-control-regex -- control characters tell media from text
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** An archive with entries, or an empty one. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, a, b] = head
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6))
}
