/**
 * Standard output for the protocol alone. Whatever else in this process writes there, a library or a thread, would break the line of a client in
 * two: it goes to the log. Apart, as the one place that changes a stream of the process.
 */
import { Writable } from 'node:stream'
import type { Log } from '../../engine/ports.ts'

const maxLogged = 500

type Written = (error?: Error | null) => void

/** @returns what the protocol writes to; it is as slow as whoever reads it. */
export function takeOutput(stream: NodeJS.WriteStream, log: Log): Writable {
  const write = stream.write.bind(stream)
  stream.write = (chunk: Uint8Array | string, encoding?: BufferEncoding | Written, written?: Written): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    if (text !== '') log.warn('kept off standard output', { text: text.slice(0, maxLogged) })
    const done = typeof encoding === 'function' ? encoding : written
    if (done !== undefined) process.nextTick(done)
    return true
  }
  return new Writable({
    write: (chunk: Buffer, _, done) => void write(chunk, (error) => done(error ?? null)),
  })
}
