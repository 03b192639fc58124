/**
 * A file for the libraries that ask for a few bytes at a time, each in a call of its own: most of these are answered from what has been read ahead.
 * Apart, since both the recognition of files and the reading of audio go through it.
 */
import { AbstractTokenizer, EndOfStreamError, type IRandomAccessTokenizer, type IReadChunkOptions } from 'strtok3/core'
import { openBytes, type ClosableBytes } from '../tags/bytes.ts'

export function tokenizerOf(path: string): IRandomAccessTokenizer {
  return new BytesTokenizer(openBytes(path, 'r'), path)
}

class BytesTokenizer extends AbstractTokenizer implements IRandomAccessTokenizer {
  readonly fileInfo
  readonly #bytes: ClosableBytes

  constructor(bytes: ClosableBytes, path: string) {
    super()
    this.#bytes = bytes
    this.fileInfo = { path, size: bytes.length() }
  }

  async readBuffer(target: Uint8Array, options?: IReadChunkOptions): Promise<number> {
    const { position } = this.normalizeOptions(target, options)
    const count = await this.peekBuffer(target, options)
    this.position = position + count
    return count
  }

  async peekBuffer(target: Uint8Array, options?: IReadChunkOptions): Promise<number> {
    const { position, length, mayBeLess } = this.normalizeOptions(target, options)
    const found = this.#bytes.read(position, length)
    if (mayBeLess !== true && found.length < length) throw new EndOfStreamError()
    target.set(found)
    return found.length
  }

  supportsRandomAccess(): boolean {
    return true
  }

  setPosition(position: number): void {
    this.position = position
  }

  override async closeOnce(): Promise<void> {
    this.#bytes.close()
    await super.closeOnce()
  }
}
