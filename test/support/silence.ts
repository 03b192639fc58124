/** Sound that takes long to convert and no room on the disk: a WAV header before a hole. */
import { open } from 'node:fs/promises'

const sampleRate = 48_000
const frameBytes = 4

export async function silentWav(path: string, seconds: number): Promise<void> {
  const dataBytes = seconds * sampleRate * frameBytes
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + dataBytes, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(2, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * frameBytes, 28)
  header.writeUInt16LE(frameBytes, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(dataBytes, 40)
  const file = await open(path, 'wx')
  await file.write(header)
  await file.truncate(header.length + dataBytes)
  await file.close()
}
