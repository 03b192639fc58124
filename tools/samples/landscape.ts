/** A lake between hills, as pixels computed from noise: the motif of the sample photo, the sample video and the cover. */
import { fractal, mix, noise, smooth } from './noise.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** The light of a time of day, colours from 0 to 255. */
export interface Light {
  readonly zenith: Colour
  readonly middle: Colour
  readonly horizon: Colour
  readonly sun: Colour
  readonly near: Colour
  /** Share of the picture's height at which the sun stands, from the top. */
  readonly sunHeight: number
}

export const evening: Light = {
  zenith: [44, 62, 112],
  middle: [196, 124, 136],
  horizon: [255, 196, 128],
  sun: [255, 236, 190],
  near: [16, 22, 34],
  sunHeight: 0.345,
}

export const night: Light = {
  zenith: [8, 14, 38],
  middle: [28, 52, 96],
  horizon: [92, 132, 164],
  sun: [236, 240, 232],
  near: [4, 8, 18],
  sunHeight: 0.24,
}

export interface Scene {
  readonly width: number
  readonly height: number
  readonly light: Light
  /** Seconds: clouds drift, water moves, the boat sails. */
  readonly seconds: number
}

const shore = 0.7
const hills = 6

/** Raw RGB, eight bits a channel, row by row. */
export function render({ width, height, light, seconds }: Scene): Buffer {
  const pixels = Buffer.alloc(width * height * 3)
  const ridges = Array.from({ length: width }, (_, x) => Array.from({ length: hills }, (__, layer) => ridge(layer, x / height)))
  const mast = { x: (width / height) * 0.3 + seconds * 0.03, y: shore + 0.1 }

  const above = (column: number, x: number, y: number): Colour => {
    const crests = ridges[Math.min(width - 1, Math.max(0, column))] ?? []
    for (let layer = hills - 1; layer >= 0; layer--) {
      const crest = crests[layer] ?? 1
      if (y > crest) return hill(light, layer, (y - crest) / (shore - crest + 0.001))
    }
    return sky(light, x, y, width / height, seconds)
  }

  for (let row = 0; row < height; row++) {
    const y = row / height
    for (let column = 0; column < width; column++) {
      const x = column / height
      const colour = boat(light, x - mast.x, y - mast.y) ?? (y < shore ? above(column, x, y) : water(column, x, y))
      const grain = (noise(column * 1.7 + seconds * 91, row * 1.7) - 0.5) * 3
      for (let channel = 0; channel < 3; channel++) {
        pixels[(row * width + column) * 3 + channel] = Math.min(255, Math.max(0, Math.round((colour[channel] ?? 0) + grain)))
      }
    }
  }
  return pixels

  function water(column: number, x: number, y: number): Colour {
    const depth = y - shore
    const far = 1 / (depth + 0.035)
    const swell = noise(x * far * 0.4, far * 5 + seconds * 1.1) - 0.5
    const ripple = noise(x * far * 1.3 + seconds * 0.4, far * 23 - seconds * 1.9) - 0.5
    const wave = swell * 0.6 + ripple * 0.4
    const shift = wave * (0.006 + depth * 0.05)
    const mirrored = shore - depth * 1.3 + wave * depth * 0.28
    const reflected = boat(light, x + shift - mast.x, mast.y - y + wave * 0.012)
    const seen =
      reflected ?? above(column + Math.round(shift * height), x + shift, Math.max(0, Math.min(shore - 0.002, mirrored)))
    const path = Math.exp(-(((x - sunX(width / height)) / (0.04 + depth * 0.35)) ** 2))
    const glitter = smooth((wave - 0.08) * 7) * path * 0.75
    return blend(blend(seen, light.near, 0.1 + depth * 0.8), light.sun, glitter)
  }
}

function sunX(aspect: number): number {
  return aspect * 0.62
}

function sky(light: Light, x: number, y: number, aspect: number, seconds: number): Colour {
  const up = y / shore
  const base =
    up < 0.6 ? blend(light.zenith, light.middle, smooth(up / 0.6)) : blend(light.middle, light.horizon, smooth((up - 0.6) / 0.4))
  const distance = Math.hypot(x - sunX(aspect), y - light.sunHeight)
  const glow = blend(base, light.horizon, Math.exp(-distance * 5) * 0.8)
  const lit = blend(glow, light.sun, smooth((0.05 - distance) / 0.006) + Math.exp(-distance * 14) * 0.6)
  const cloud = smooth((fractal(x * 1.6 + seconds * 0.02, y * 7 + x * 0.4, 5) - 0.5) * 3.2) * smooth(1.15 - up)
  return blend(lit, blend(light.horizon, light.sun, Math.exp(-distance * 3)), cloud * 0.55)
}

function hill(light: Light, layer: number, depth: number): Colour {
  const nearness = (layer + 1) / hills
  const body = blend(blend(light.middle, light.horizon, 0.35), light.near, smooth(nearness) * 0.92 + 0.05)
  const mist = smooth(depth) * (1 - nearness) * 0.75
  return blend(body, light.horizon, mist)
}

/** Height of a crest, as a share of the picture from the top; the two nearest carry firs. */
function ridge(layer: number, x: number): number {
  const nearness = layer / (hills - 1)
  const rough = fractal(x * (1.1 + nearness * 1.3) + layer * 31.7, layer * 7.9, 7)
  const crest = mix(0.36, 0.66, nearness) + (0.5 - rough) * mix(0.42, 0.2, nearness)
  return Math.min(layer < hills - 2 ? crest : crest - firs(x, layer), shore - 0.004)
}

function firs(x: number, layer: number): number {
  const spacing = layer === hills - 1 ? 0.014 : 0.008
  const tree = Math.floor(x / spacing)
  let tallest = 0
  for (const near of [tree - 1, tree, tree + 1]) {
    const trunk = (near + 0.2 + noise(near * 3.1, layer) * 0.6) * spacing
    const size = (0.4 + noise(near * 1.9, layer + 5) * 1.1) * spacing * 2.6
    tallest = Math.max(tallest, size - Math.abs(x - trunk) * 4.2)
  }
  return tallest
}

/** A small sailing boat, from its waterline; null beside it. */
function boat(light: Light, x: number, y: number): Colour | null {
  const taper = (bottom: number, height: number): number => 1 + (y - bottom) / height
  if (y <= 0.001 && y > -0.012 && x > -0.034 - y * -0.3 && x < 0.04 + y * -0.9) return light.near
  if (y <= -0.012 && y > -0.112 && Math.abs(x) < 0.0012) return light.near
  if (y <= -0.017 && y > -0.108 && x > 0.0025 && x < 0.038 * taper(-0.017, 0.091)) return blend(light.sun, light.middle, 0.25)
  if (y <= -0.015 && y > -0.088 && x < -0.0025 && x > -0.029 * taper(-0.015, 0.073)) return blend(light.sun, light.middle, 0.45)
  return null
}

function blend(a: Colour, b: Colour, share: number): Colour {
  const t = Math.min(1, Math.max(0, share))
  return [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}
