/** Audio files with the tags that other programs write, by bytes: encodings, versions and chunks that FFmpeg makes none of. */
const sized = (id: string, data: Buffer, isBig = false): Buffer => {
  const size = Buffer.alloc(4)
  if (isBig) size.writeUInt32BE(data.length)
  else size.writeUInt32LE(data.length)
  return Buffer.concat([Buffer.from(id, 'latin1'), size, data, Buffer.alloc(data.length % 2)])
}

/** A second of silence at 48 kHz in 16 bits with no mask, and chunks behind it. */
export function waveWith(
  chunks: Readonly<Record<string, Buffer>>,
  channels = 1,
  sample: (channel: number) => number = () => 0,
): Buffer {
  const format = Buffer.alloc(16)
  format.writeUInt16LE(1, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(48_000, 4)
  format.writeUInt32LE(96_000 * channels, 8)
  format.writeUInt16LE(2 * channels, 12)
  format.writeUInt16LE(16, 14)
  const samples = Buffer.alloc(96_000 * channels)
  for (let n = 0; n < 48_000 * channels; n += 1)
    samples.writeInt16LE(Math.round(32_000 * sample(n % channels) * Math.sin((Math.floor(n / channels) * Math.PI) / 50)), n * 2)
  const more = Object.entries(chunks).map(([id, data]) => sized(id, data))
  return sized('RIFF', Buffer.concat([Buffer.from('WAVE'), sized('fmt ', format), sized('data', samples), ...more]))
}

/** A list of texts, each as given: nothing in it says in which encoding. */
export function infoList(fields: Readonly<Record<string, Buffer>>): Buffer {
  const texts = Object.entries(fields).map(([id, text]) => sized(id, Buffer.concat([text, Buffer.alloc(1)])))
  return Buffer.concat([Buffer.from('INFO'), ...texts])
}

/** Puts chunks behind those of an AIFF. */
export function aiffWith(aiff: Buffer, chunks: readonly (readonly [string, Buffer])[]): Buffer {
  const whole = Buffer.concat([aiff, ...chunks.map(([id, data]) => sized(id, data, true))])
  whole.writeUInt32BE(whole.length - 8, 4)
  return whole
}

/** An ID3v2.2 or 2.3 tag of frames as they are given. */
export function id3With(version: 2 | 3, frames: readonly (readonly [string, Buffer])[]): Buffer {
  const body = Buffer.concat(
    frames.map(([id, data]) => {
      const size = Buffer.alloc(4)
      size.writeUInt32BE(data.length)
      return Buffer.concat([
        Buffer.from(id, 'latin1'),
        version === 2 ? size.subarray(1) : size,
        Buffer.alloc(version === 2 ? 0 : 2),
        data,
      ])
    }),
  )
  const length = [21, 14, 7, 0].map((shift) => (body.length >> shift) & 0x7f)
  return Buffer.concat([Buffer.from([0x49, 0x44, 0x33, version, 0, 0, ...length]), body])
}
