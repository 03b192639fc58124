/** Where the window was, kept in a file of the data folder, and put back onto a display that is still there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Display, Rectangle } from 'electron'

const placeSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  isMaximized: z.boolean(),
})
export type WindowPlace = z.infer<typeof placeSchema>

export const smallest = { width: 760, height: 520 } as const
const first = { width: 1120, height: 760 } as const
/** So much of the title must be within reach of a pointer. */
const gripPixels = 80

export function readPlace(home: string): WindowPlace | null {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(join(home, 'window.json'), 'utf8')))
  } catch {
    return null
  }
}

/** A place that cannot be kept is no reason to trouble anybody. */
export function keepPlace(home: string, place: WindowPlace): void {
  try {
    writeFileSync(join(home, 'window.json'), JSON.stringify(place), { mode: 0o600 })
  } catch {
    // See above.
  }
}

/** As it was where that can still be reached, else in the middle of the first display; never larger than what is there. */
export function fitted(place: WindowPlace | null, displays: readonly Pick<Display, 'workArea'>[]): Rectangle {
  const areas = displays.map(({ workArea }) => workArea)
  const home = (place === null ? undefined : areas.find((area) => isReachable(place, area))) ?? areas[0]
  const wanted = place ?? first
  if (home === undefined) return { x: 0, y: 0, ...first }
  const width = Math.min(home.width, Math.max(smallest.width, wanted.width))
  const height = Math.min(home.height, Math.max(smallest.height, wanted.height))
  if (place !== null && isReachable(place, home)) {
    return {
      x: within(place.x, home.x, home.x + home.width - width),
      y: within(place.y, home.y, home.y + home.height - height),
      width,
      height,
    }
  }
  return { x: home.x + Math.floor((home.width - width) / 2), y: home.y + Math.floor((home.height - height) / 2), width, height }
}

function isReachable(place: Rectangle, area: Rectangle): boolean {
  const across = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x)
  return across >= gripPixels && place.y >= area.y - gripPixels / 2 && place.y <= area.y + area.height - gripPixels
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
