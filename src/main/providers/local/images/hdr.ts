/**
 * Pictures of more light than a page or a screen shows (PQ and HLG, ITU-R BT.2100): turned into sRGB by a rule, as no format that is written
 * here says that light in a way that viewers read. White of 203 nits stays white, as BT.2408 has it; what is brighter is bent into the upper
 * end of the scale and no longer told apart beyond 1,000 nits. Apart, as few pictures need it.
 */
import sharp, { type Metadata, type Sharp } from 'sharp'
import { maxPixels } from './call.ts'
import type { Cicp } from './heif.ts'
import { applied, toUsualColours, transferPq } from './icc.ts'
import { encoded } from './measured.ts'

const whiteNits = 203
const brightestNits = 1000
/** Up to here of the scale nothing is bent. */
const knee = 0.8
const steps = 65536

/** Light by sample: 1 is white. */
function lightTable(transfer: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, n) => (transfer === transferPq ? pq : hlg)(n / (steps - 1)))
}

function pq(value: number): number {
  const power = value ** (1 / 78.84375)
  const share = (Math.max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
  return (share * 10_000) / whiteNits
}

/** Of a screen of 1,000 nits. */
function hlg(value: number): number {
  const scene = value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12
  return (scene ** 1.2 * brightestNits) / whiteNits
}

/** Straight up to the knee, then towards 1 at the brightest. */
function bent(light: number): number {
  if (light <= knee) return light
  const top = brightestNits / whiteNits
  const way = Math.min(1, (light - knee) / (top - knee))
  // Begins as steep as what is before it.
  const steepness = (top - knee) / (1 - knee)
  return knee + (1 - knee) * (1 - (1 - way) ** steepness)
}

/** In sRGB, with 16 bits a channel. */
export async function toneMapped(
  source: Sharp,
  meta: Metadata,
  cicp: Cicp,
): Promise<{ readonly image: Sharp; readonly meta: Metadata }> {
  const { data, info } = await source.toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true })
  const samples = new Uint16Array(new Uint8Array(data).buffer)
  const { width, height, channels } = info
  const lights = lightTable(cicp.transfer)
  const shown = Uint16Array.from({ length: steps }, (_, n) => Math.round(encoded(n / (steps - 1)) * (steps - 1)))
  const matrix = toUsualColours(cicp.primaries)
  for (let at = 0; at + 3 <= samples.length; at += channels) {
    const [r, g, b] = applied(matrix, [
      lights[samples[at] ?? 0] ?? 0,
      lights[samples[at + 1] ?? 0] ?? 0,
      lights[samples[at + 2] ?? 0] ?? 0,
    ])
    // All three by the same factor, so that a colour stays the colour that it is.
    const strongest = Math.max(r, g, b, 1e-6)
    const factor = bent(strongest) / strongest
    for (const [n, light] of [r, g, b].entries())
      samples[at + n] = shown[Math.round(Math.min(1, Math.max(0, light * factor)) * (steps - 1))] ?? 0
  }
  const image = sharp(samples, { raw: { width, height, channels }, limitInputPixels: maxPixels })
  return { image, meta: { ...meta, width, height, channels, space: 'rgb16', depth: 'ushort', hasProfile: false } }
}
