/** What comes in pieces of any size is in the file as it came, and what the disk says against it is heard. */
import { createHash } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createFileWriter } from '../../../src/main/providers/http/files/file-writer.ts'
import { temporaryFolder } from '../../support/folder.ts'

const bytes = Buffer.concat(Array.from({ length: 100_000 }, (_, n) => createHash('sha256').update(String(n)).digest()))

it.each([1_000_000, 65_536, 100_003, 7_919])('writes what comes in pieces of %d bytes in its order', async (size) => {
  const path = join(await temporaryFolder(), 'a')
  const file = await open(path, 'wx')
  await file.write('12345')
  const writer = createFileWriter(file, 5)
  // The same memory for every piece, as the network may give it.
  const piece = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(piece, 0, at)
    await writer.add(piece.subarray(0, length))
  }
  await writer.end()
  await file.close()
  const written = await readFile(path)
  expect([written.subarray(0, 5).toString(), written.subarray(5).equals(bytes)]).toEqual(['12345', true])
})

it('reports a disk that takes nothing, however much is added', async () => {
  const path = join(await temporaryFolder(), 'a')
  await (await open(path, 'wx')).close()
  const file = await open(path, 'r')
  const writer = createFileWriter(file, 0)
  const adding = (async () => {
    for (let at = 0; at < bytes.length; at += 65_536) await writer.add(bytes.subarray(at, at + 65_536))
  })()
  await expect(adding).rejects.toMatchObject({ code: 'EBADF' })
  await expect(writer.end()).rejects.toMatchObject({ code: 'EBADF' })
  await file.close()
})
