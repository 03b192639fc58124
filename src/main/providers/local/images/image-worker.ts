/**
 * A process of its own that decodes and encodes pictures, one call at a time. Whatever a hostile file does to the native decoders
 * happens here, where it takes one job with it and nothing else.
 * Apart as the entry of a process.
 */
import sharp from 'sharp'
import type { FromWorker, ToWorker } from '../children/child.ts'
import { type ImageCall, type ImageResult, failureOf } from './call.ts'
import { convert } from './convert.ts'
import { inspect, thumbnail } from './inspect.ts'
import { restrictLoaders } from './loaders.ts'
import { view } from './view.ts'

restrictLoaders()

// Who ends a service sends these to all of its processes; how to end is for the parent to say, and its own end is the last word.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (message: ToWorker<ImageCall>) => {
  if (message.kind === 'memory') send({ kind: 'memory', rss: process.memoryUsage.rss() })
  else void answer(message.call, message.threads)
})

async function answer(call: ImageCall, threads: number): Promise<void> {
  send({ kind: 'begun' })
  sharp.concurrency(threads)
  try {
    const result = await work(call)
    send({ kind: 'done', result, rss: process.memoryUsage.rss() })
  } catch (error) {
    send({ kind: 'failed', failure: failureOf(error), rss: process.memoryUsage.rss() })
  }
}

async function work(call: ImageCall): Promise<ImageResult> {
  if (call.kind === 'inspect') return inspect(call)
  if (call.kind === 'thumbnail') return thumbnail(call)
  if (call.kind === 'view') return view(call)
  return await convert(call)
}

/** Where Beside was killed a moment ago, nobody hears it; that its channel has ended comes next. */
function send(message: FromWorker<ImageResult>): void {
  process.send?.(message, undefined, undefined, () => {})
}
