/** What the picture library says when something goes wrong, as a failure. It has no error codes, only sentences. */
import { failure, JobError, type Failure } from '../../../../shared/failure.ts'

/** Pixels of all pages or frames together: a 22,000 × 22,000 scan passes, a decompression bomb does not. */
export const mostPixels = 500_000_000

export const tool = 'The picture converter'

export function troubleOf(error: unknown): Failure {
  if (error instanceof JobError) return error.failure
  const text = error instanceof Error ? error.message : String(error)
  if (/Input file is missing/.test(text)) return failure('source-missing')
  if (/exceeds pixel limit/.test(text)) return failure('tool-memory', { reason: `more than ${mostPixels / 1e6} million pixels` })
  if (/No space left on device|Disk quota exceeded/i.test(text)) return failure('disk-full', { reason: 'ENOSPC' })
  if (/out of memory|unable to allocate|Cannot allocate memory|Array buffer allocation failed/i.test(text)) {
    return failure('tool-memory', { reason: reasonIn(text) })
  }
  if (/Processed image is too large|for write|write error|Expected .* for .* but received/.test(text)) {
    return failure('tool-failed', { tool, reason: reasonIn(text) })
  }
  return failure('source-damaged', { reason: reasonIn(text) })
}

/** The first line that says something: libvips lists everything that followed from it as well. */
function reasonIn(text: string): string {
  const lines = text.split('\n').map((line) => line.trim().replace(/^Input (file|buffer) has corrupt header:\s*/, ''))
  const telling = lines.find((line) => line !== '' && !/: bad seek to |^system error: |unable to write to target/.test(line))
  return (telling ?? 'it cannot be decoded').slice(0, 200)
}
