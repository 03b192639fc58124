/** Dice whose throws can be repeated: the seed is drawn anew for each run, or given as BESIDE_TEST_SEED to see a failure again. */
export interface Dice {
  readonly seed: number
  /** At least 0, below 1. */
  next(): number
}

export function dice(seed = Number(process.env['BESIDE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))): Dice {
  let state = seed >>> 0
  return {
    seed,
    // mulberry32 by Tommy Ettinger, public domain
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = state
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
