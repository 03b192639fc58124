/** Text of whatever encoding, read. Apart, for what looks into text and for what prepares it. */
import { detect } from 'chardet'
import iconv from 'iconv-lite'

/** @param encoding IANA name; found out where it is not said. @returns null where it is no text, or the encoding is unknown. */
export function decoded(bytes: Buffer, encoding: string | undefined): string | null {
  if (encoding !== undefined) return iconv.encodingExists(encoding) ? iconv.decode(bytes, encoding) : null
  const mark = bytes.toString('latin1', 0, 3)
  if (mark.startsWith('\xff\xfe')) return iconv.decode(bytes, 'utf-16le')
  if (mark.startsWith('\xfe\xff')) return iconv.decode(bytes, 'utf-16be')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    const sample = bytes.subarray(0, 1 << 20)
    if (sample.includes(0)) return null
    const found = detect(sample) ?? 'windows-1252'
    // Latin-1 has no letters where Windows has its quotes and dashes.
    return iconv.decode(bytes, found === 'ISO-8859-1' || !iconv.encodingExists(found) ? 'windows-1252' : found)
  }
}

export function withoutWhite(text: string): number {
  return text.replaceAll(/\s/g, '').length
}
