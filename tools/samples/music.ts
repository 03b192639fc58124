/** Ten seconds of a quiet tune, computed: plucked chords, a bass, a melody, and an echo. */

export const sampleRate = 44_100
const beat = 60 / 92

/** Semitones from A4 = 440 Hz. */
type Pitch = number

interface Note {
  readonly at: number
  readonly pitch: Pitch
  readonly loudness: number
  /** Seconds until it has fallen to a third. */
  readonly decay: number
  /** -1 left, 1 right. */
  readonly place: number
}

const chords: readonly (readonly Pitch[])[] = [
  [-21, -9, -5, -2, 2],
  [-24, -12, -5, 0, 3],
  [-28, -16, -9, -4, 0],
  [-26, -14, -7, -2, 3],
]
const melody: readonly (readonly [beat: number, pitch: Pitch])[] = [
  [0, 7],
  [1.5, 10],
  [2, 15],
  [3, 14],
  [4, 12],
  [5.5, 10],
  [6, 7],
  [7, 10],
  [8, 8],
  [9.5, 7],
  [10, 3],
  [11, 5],
  [12, 7],
  [12.5, 10],
  [13, 14],
]

function tune(): readonly Note[] {
  const broken = chords.flatMap((chord, bar) =>
    [0, 1, 2, 3, 4, 3, 2, 3].map((step, eighth) => ({
      at: (bar * 4 + eighth / 2) * beat,
      pitch: chord[step] ?? 0,
      loudness: step === 0 ? 0.34 : 0.16,
      decay: step === 0 ? 1.1 : 0.7,
      place: step === 0 ? 0 : (step - 2.5) * 0.3,
    })),
  )
  const sung = melody.map(([at, pitch]) => ({ at: at * beat, pitch, loudness: 0.22, decay: 0.9, place: 0.15 }))
  const last = [-21, -9, -2, 2, 7].map((pitch, n) => ({
    at: (14 + n * 0.06) * beat,
    pitch,
    loudness: 0.24,
    decay: 1.2,
    place: (n - 2) * 0.25,
  }))
  return [...broken.filter(({ at }) => at < 14 * beat), ...sung, ...last]
}

/** Interleaved stereo, 16 bits, little endian. */
export function play(seconds: number): Buffer {
  const frames = Math.round(seconds * sampleRate)
  const sides = [new Float64Array(frames), new Float64Array(frames)] as const
  for (const note of tune()) add(note, sides)
  echo(sides)

  const samples = Buffer.alloc(frames * 4)
  for (let frame = 0; frame < frames; frame++) {
    const fade = Math.min(1, (frames - frame) / (sampleRate * 1.2))
    sides.forEach((side, n) => {
      samples.writeInt16LE(Math.round(Math.tanh((side[frame] ?? 0) * 1.1) * fade * 26_000), frame * 4 + n * 2)
    })
  }
  return samples
}

/** A struck string: overtones that fade the faster the higher they are. */
function add({ at, pitch, loudness, decay, place }: Note, sides: readonly [Float64Array, Float64Array]): void {
  const frequency = 440 * 2 ** (pitch / 12)
  const start = Math.round(at * sampleRate)
  const length = Math.min(Math.round(decay * 5 * sampleRate), sides[0].length - start)
  for (let n = 0; n < length; n++) {
    const t = n / sampleRate
    let value = 0
    for (let overtone = 1; overtone <= 6 && frequency * overtone < 12_000; overtone++) {
      value +=
        (Math.sin(2 * Math.PI * frequency * overtone * t) / overtone ** 1.7) * Math.exp((-t * (0.6 + overtone * 0.4)) / decay)
    }
    const attack = Math.min(1, t / 0.006)
    sides.forEach((side, which) => {
      const pan = which === 0 ? 1 - place : 1 + place
      side[start + n] = (side[start + n] ?? 0) + value * attack * loudness * pan * 0.5
    })
  }
}

/** Each side answers the other three eighths later, softer every time. */
function echo([left, right]: readonly [Float64Array, Float64Array]): void {
  const delay = Math.round(beat * 0.75 * sampleRate)
  for (let n = delay; n < left.length; n++) {
    const [l, r] = [left[n - delay] ?? 0, right[n - delay] ?? 0]
    left[n] = (left[n] ?? 0) + r * 0.28
    right[n] = (right[n] ?? 0) + l * 0.28
  }
}
