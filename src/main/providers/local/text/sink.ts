/** Text on its way into a new file, in the encoding that is asked for. What that one has no character for ends it: nothing is written as `?`. Apart, as all who write text do it so. */
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import iconv from 'iconv-lite'
import { JobError } from '../../../../shared/failure.ts'
import { knownEncoding } from './decoding.ts'

export interface TextSink {
  /** Resolves when there is room for more. */
  write(text: string): Promise<void> | undefined
  /** Resolves when all is in the file. */
  end(): Promise<void>
}

const gatheredCharacters = 1 << 16

/** @param encoding UTF-8 unless said. UTF-16 gets its byte order mark, as nothing else tells it. */
export function createSink(path: string, encoding = 'utf-8'): TextSink {
  const coding = knownEncoding('encoding', encoding)
  const isWhole = /^utf-?(8|16|32)/.test(coding)
  const file = createWriteStream(path, { flags: 'wx' })
  let gathered = /^utf-?(16|32)/.test(coding) ? '\uFEFF' : ''
  let failed: Error | null = null
  file.on('error', (error) => {
    failed ??= error
  })

  function coded(text: string): Buffer {
    if (coding === 'utf-8' || coding === 'utf8') return Buffer.from(text, 'utf8')
    const bytes = iconv.encode(text, coding, { addBOM: false })
    if (!isWhole && iconv.decode(bytes, coding) !== text) throw withoutPlace(text, coding)
    return bytes
  }

  async function flush(): Promise<void> {
    const bytes = coded(gathered)
    gathered = ''
    if (failed !== null) throw failed
    if (!file.write(bytes)) await once(file, 'drain')
  }

  return {
    write: (text) => {
      gathered += text
      // Half of a character of two is kept for its other half.
      const last = gathered.charCodeAt(gathered.length - 1)
      return gathered.length < gatheredCharacters || (last >= 0xd800 && last < 0xdc00) ? undefined : flush()
    },
    end: async () => {
      try {
        if (gathered !== '') await flush()
      } finally {
        file.end()
        await finished(file)
      }
    },
  }
}

/** @throws JobError `source-unsupported` (`not-as-target`) for a character that the encoding has not. */
export async function writeText(path: string, text: string, encoding?: string): Promise<void> {
  const sink = createSink(path, encoding)
  const step = 1 << 20
  try {
    for (let at = 0; at < text.length; at += step) await sink.write(text.slice(at, at + step))
  } finally {
    await sink.end()
  }
}

function withoutPlace(text: string, encoding: string): JobError {
  const found =
    Array.from(text).find((character) => iconv.decode(iconv.encode(character, encoding), encoding) !== character) ?? ''
  const point = found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''
  return new JobError('source-unsupported', { because: 'not-as-target', target: encoding, reason: `${found} (U+${point})` })
}
