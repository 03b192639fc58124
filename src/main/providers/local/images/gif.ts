/** GIF as a list of blocks: the comments in it. Apart, since no other format here is laid out like it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { wordsIn } from './png.ts'

/** Behind the signature, the size of the screen and its colours. */
function blocksStart(gif: Buffer): number {
  const packed = gif[10] ?? 0
  return 13 + ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1))
}

/** Portions with their length before them; an empty one ends them. */
function portionsFrom(gif: Buffer, from: number): { readonly data: Buffer; readonly end: number } {
  const portions: Buffer[] = []
  let at = from
  for (let length = gif[at] ?? 0; length > 0; length = gif[at] ?? 0) {
    portions.push(gif.subarray(at + 1, at + 1 + length))
    at += length + 1
  }
  return { data: Buffer.concat(portions), end: at + 1 }
}

export function commentsOfGif(gif: Buffer): readonly string[] {
  const comments: string[] = []
  for (let at = blocksStart(gif); at + 2 < gif.length;) {
    if (gif[at] === 0x21) {
      const { data, end } = portionsFrom(gif, at + 2)
      if (gif[at + 1] === 0xfe && data.length > 0) comments.push(wordsIn(data))
      at = end
    } else if (gif[at] === 0x2c) {
      const packed = gif[at + 9] ?? 0
      const pixelsAt = at + 10 + ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1))
      at = portionsFrom(gif, pixelsAt + 1).end
    } else {
      break
    }
  }
  return comments
}

/** Puts comments into a GIF that libvips has written without any. */
export function describeGif(path: string, comments: readonly string[]): void {
  if (comments.length === 0) return
  const gif = readFileSync(path)
  const at = blocksStart(gif)
  const blocks = comments.map((text) => {
    const bytes = Buffer.from(text)
    const portions = Array.from({ length: Math.ceil(bytes.length / 255) }, (_, n) => bytes.subarray(n * 255, (n + 1) * 255))
    return Buffer.concat([
      Buffer.from([0x21, 0xfe]),
      ...portions.flatMap((data) => [Buffer.from([data.length]), data]),
      Buffer.alloc(1),
    ])
  })
  // Programs that know an animation by what comes first look behind comments, too; but some want 89a.
  const head = Buffer.from(gif.subarray(0, at))
  head.write('GIF89a', 'latin1')
  writeFileSync(path, Buffer.concat([head, ...blocks, gif.subarray(at)]))
}
