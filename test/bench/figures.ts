/** Figures of the benchmarks: medians over several runs, two ways measured in turns, and the table they are printed in. */
import { availableParallelism, cpus, release, totalmem } from 'node:os'

export interface Figure {
  readonly what: string
  readonly unit: string
  /** Median. */
  readonly value: number
  readonly lowest: number
  readonly highest: number
  readonly runs: number
  /** The same work by the bare tool, measured in turns with it. */
  readonly bare: number | null
  /** Ours to the bare tool's: median of the ratios run by run. */
  readonly ratio: number | null
  /** Of value and ratio alike; null where neither is. */
  readonly better: 'less' | 'more' | null
  /** What is hoped for, in words. */
  readonly aim: string
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function figure(what: string, unit: string, values: readonly number[], aim = ''): Figure {
  const lowest = Math.min(...values)
  return {
    what,
    unit,
    value: median(values),
    lowest,
    highest: Math.max(...values),
    runs: values.length,
    bare: null,
    ratio: null,
    better: betterOf(unit),
    aim,
  }
}

/** Of times and sizes there should be little, of what is done in a second much; a mere number says nothing of it. */
function betterOf(unit: string): Figure['better'] {
  if (unit === '') return null
  return unit.endsWith('/s') ? 'more' : 'less'
}

/** Ours and the bare tool's, one after the other, `runs` times; what warms a cache for one warms it for both. */
export async function inTurns(
  what: string,
  unit: string,
  runs: number,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
  aim: string,
): Promise<Figure> {
  const pairs: { readonly ours: number; readonly bare: number }[] = []
  await bare()
  await ours()
  for (let run = 0; run < runs; run += 1) {
    // The order changes from run to run, so that neither always follows the other.
    const first = run % 2 === 0 ? await ours() : null
    const second = await bare()
    pairs.push({ ours: first ?? (await ours()), bare: second })
  }
  const values = pairs.map((pair) => pair.ours)
  const ratio = median(pairs.map((pair) => pair.ours / pair.bare))
  return { ...figure(what, unit, values, aim), bare: median(pairs.map((pair) => pair.bare)), ratio }
}

export function machine(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
  }
}

export function printed(figures: readonly Figure[]): string {
  const rows = figures.map((row) => [
    row.what,
    `${short(row.value)} ${row.unit}`,
    row.runs === 1 ? '' : `${short(row.lowest)}–${short(row.highest)}`,
    row.bare === null ? '' : `${short(row.bare)} ${row.unit}`,
    row.ratio === null ? '' : `${row.ratio.toFixed(2)}, ${String(row.better)} is better`,
    row.aim,
  ])
  const table = [['figure', 'median', 'range', 'bare tool', 'ratio', 'aim'], ...rows]
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
