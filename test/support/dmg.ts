/** Disk images of macOS (UDIF): a disk in deflated pieces, their list as XML, and an end that says where both are. */
import { crc32, deflateSync } from 'node:zlib'

const sectorBytes = 512
const pieceSectors = 512
const [deflated, end] = [0x80000005, 0xffffffff]

export function dmgOf(disk: Buffer): Buffer {
  const raw = Buffer.concat([disk, Buffer.alloc((sectorBytes - (disk.length % sectorBytes)) % sectorBytes)])
  const sectors = raw.length / sectorBytes
  const pieces: Buffer[] = []
  const runs: Buffer[] = []
  let at = 0
  for (let sector = 0; sector < sectors; sector += pieceSectors) {
    const count = Math.min(pieceSectors, sectors - sector)
    const piece = deflateSync(raw.subarray(sector * sectorBytes, (sector + count) * sectorBytes))
    runs.push(runOf(deflated, sector, count, at, piece.length))
    pieces.push(piece)
    at += piece.length
  }
  runs.push(runOf(end, sectors, 0, at, 0))
  const table = Buffer.alloc(204)
  table.write('mish')
  table.writeUInt32BE(1, 4)
  table.writeBigUInt64BE(BigInt(sectors), 16)
  table.writeUInt32BE(pieceSectors + 8, 32)
  sumOf(raw).copy(table, 64)
  table.writeUInt32BE(runs.length, 200)
  const list = Buffer.concat([table, ...runs]).toString('base64')
  const name = 'whole disk (Apple_HFS : 1)'
  const xml = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array><dict>` +
      `<key>Attributes</key><string>0x0050</string><key>CFName</key><string>${name}</string><key>Data</key><data>${list}</data>` +
      `<key>ID</key><string>0</string><key>Name</key><string>${name}</string></dict></array></dict></dict></plist>`,
  )
  const data = Buffer.concat(pieces)
  const trailer = Buffer.alloc(sectorBytes)
  trailer.write('koly')
  for (const [place, value] of [[4, 4], [8, sectorBytes], [12, 1], [56, 1], [60, 1], [488, 1]] as const) trailer.writeUInt32BE(value, place) // prettier-ignore
  for (const [place, value] of [[32, data.length], [216, data.length], [224, xml.length], [492, sectors]] as const) trailer.writeBigUInt64BE(BigInt(value), place) // prettier-ignore
  sumOf(data).copy(trailer, 80)
  sumOf(raw).copy(trailer, 352)
  return Buffer.concat([data, xml, trailer])
}

function runOf(kind: number, sector: number, count: number, at: number, bytes: number): Buffer {
  const run = Buffer.alloc(40)
  run.writeUInt32BE(kind)
  for (const [n, value] of [sector, count, at, bytes].entries()) run.writeBigUInt64BE(BigInt(value), 8 + n * 8)
  return run
}

/** Kind and bits of a CRC-32, and the sum itself. */
function sumOf(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(12)
  sum.writeUInt32BE(2)
  sum.writeUInt32BE(32, 4)
  sum.writeUInt32BE(crc32(bytes), 8)
  return sum
}
