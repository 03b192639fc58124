/** `node tools/make-icons.ts`: the icons that systems want, out of two drawings. Run it when a drawing has changed, and commit what it makes. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const at = (name: string) => fileURLToPath(new URL(`../build/${name}`, import.meta.url))
const drawing = await readFile(at('icon.svg'))
const tray = await readFile(at('tray.svg'), 'utf8')

const png = async (svg: Buffer | string, size: number) =>
  await sharp(Buffer.from(svg), { density: 288 })
    .resize(size, size)
    .png({ compressionLevel: 9, palette: size > 256 })
    .toBuffer()

/** Linux, by size; the window's own. */
await mkdir(at('icons'), { recursive: true })
for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) await writeFile(at(`icons/${size}x${size}.png`), await png(drawing, size))

/** Dark for menu bars that colour it themselves, in our colour for trays. */
await writeFile(at('icons/trayTemplate.png'), await png(tray, 16))
await writeFile(at('icons/trayTemplate@2x.png'), await png(tray, 32))
await writeFile(at('icons/tray.png'), await png(tray.replace('<svg', '<svg fill="#ff9f38"'), 32))

await writeFile(
  at('icon.ico'),
  ico(await Promise.all([16, 24, 32, 48, 64, 128, 256].map(async (size) => ({ size, image: await png(drawing, size) })))),
)

/** Apple's names for sizes, plain and for dense displays. */
const apple = {
  icp4: 16,
  icp5: 32,
  ic07: 128,
  ic08: 256,
  ic09: 512,
  ic10: 1024,
  ic11: 32,
  ic12: 64,
  ic13: 256,
  ic14: 512,
} as const
await writeFile(
  at('icon.icns'),
  icns(await Promise.all(Object.entries(apple).map(async ([name, size]) => ({ name, image: await png(drawing, size) })))),
)

/** Windows: a directory, then PNG files as they are. */
function ico(pictures: readonly { readonly size: number; readonly image: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  for (const [index, { size, image }] of pictures.entries()) {
    const entry = 6 + 16 * index
    // One byte a side: 256 is written as 0.
    head.writeUInt8(size % 256, entry)
    head.writeUInt8(size % 256, entry + 1)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(image.length, entry + 8)
    head.writeUInt32LE(offset, entry + 12)
    offset += image.length
  }
  return Buffer.concat([head, ...pictures.map(({ image }) => image)])
}

/** Apple: chunks of a name, a length and a PNG file. */
function icns(pictures: readonly { readonly name: string; readonly image: Buffer }[]): Buffer {
  const chunk = (name: string, content: Buffer) => {
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32BE(content.length + 8, 4)
    return Buffer.concat([head, content])
  }
  return chunk('icns', Buffer.concat(pictures.map(({ name, image }) => chunk(name, image))))
}
