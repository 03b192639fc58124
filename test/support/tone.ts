/** A WAV of a sine, written without any program. */
import { writeFile } from 'node:fs/promises'

const samplesPerSecond = 8000

/** 16 bits, one channel. */
export async function writeTone(path: string, seconds: number): Promise<void> {
  await writeFile(path, toneOf(Math.round(seconds * samplesPerSecond)))
}

export function toneOf(samples: number): Buffer {
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0, 'latin1')
  wav.writeUInt32LE(36 + samples * 2, 4)
  wav.write('WAVEfmt ', 8, 'latin1')
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(samplesPerSecond, 24)
  wav.writeUInt32LE(samplesPerSecond * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36, 'latin1')
  wav.writeUInt32LE(samples * 2, 40)
  for (let at = 0; at < samples; at += 1)
    wav.writeInt16LE(Math.round(12_000 * Math.sin((at * 440 * 2 * Math.PI) / samplesPerSecond)), 44 + at * 2)
  return wav
}
