/** Pictures of GIMP, byte by byte: layers of one colour each. */

export interface Layer {
  readonly left: number
  readonly top: number
  /** At most a tile of the format: 64 pixels. */
  readonly width: number
  readonly height: number
  readonly colour: readonly [red: number, green: number, blue: number]
}

/** @param layers the uppermost first. */
export function xcfOf(width: number, height: number, layers: readonly Layer[]): Buffer {
  const property = (kind: number, ...values: readonly number[]) =>
    Buffer.concat([words(kind, values.length * 4), words(...values)])
  const head = Buffer.concat([
    Buffer.from('gimp xcf file\0', 'latin1'),
    words(width, height, 0),
    // Packed in runs of equal bytes, each colour by itself.
    words(17, 1),
    Buffer.from([1]),
    property(0),
  ])
  const parts: Buffer[] = []
  let end = head.length + (layers.length + 2) * 4
  const append = (bytes: Buffer): number => {
    const at = end
    parts.push(bytes)
    end += bytes.length
    return at
  }
  const places = layers.map((layer) => {
    const tile = append(Buffer.concat(layer.colour.map((value) => run(layer.width * layer.height, value))))
    const level = append(words(layer.width, layer.height, tile, 0))
    const hierarchy = append(words(layer.width, layer.height, 3, level, 0))
    const name = Buffer.concat([words(2), Buffer.from('a\0', 'latin1')])
    const properties = [property(6, 255), property(8, 1), property(7, 0), property(15, layer.left, layer.top), property(0)]
    return append(Buffer.concat([words(layer.width, layer.height, 0), name, ...properties, words(hierarchy, 0)]))
  })
  return Buffer.concat([head, words(...places, 0, 0), ...parts])
}

function run(count: number, value: number): Buffer {
  return Buffer.from([127, count >> 8, count & 255, value])
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, n * 4)
  return bytes
}
