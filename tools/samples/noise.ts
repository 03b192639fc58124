/** Smooth noise from a seed, so that the samples come out the same every time they are made. */

function hash(x: number, y: number): number {
  let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263)
  h = Math.imul(h ^ (h >>> 13), 1274126177)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}

/** Value noise, 0 to 1. */
export function noise(x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const [u, v] = [smooth(x - left), smooth(y - top)]
  return mix(mix(hash(left, top), hash(left + 1, top), u), mix(hash(left, top + 1), hash(left + 1, top + 1), u), v)
}

/** Noise with detail on every scale, 0 to 1. */
export function fractal(x: number, y: number, octaves: number): number {
  let sum = 0
  for (let octave = 0, weight = 0.5; octave < octaves; octave++, weight /= 2) {
    sum += weight * noise(x * 2 ** octave + octave * 17.3, y * 2 ** octave + octave * 9.1)
  }
  return sum / (1 - 2 ** -octaves)
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share
}

export function smooth(share: number): number {
  const t = Math.min(1, Math.max(0, share))
  return t * t * (3 - 2 * t)
}
