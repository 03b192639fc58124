import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitPlace, minSize } from '../../src/main/app/window.ts'
import { display } from './stand-in.ts'

const whole = fc.integer({ min: -5000, max: 5000 })
const places = fc.record({
  x: whole,
  y: whole,
  width: fc.integer({ min: 1, max: 9000 }),
  height: fc.integer({ min: 1, max: 9000 }),
  isMaximized: fc.boolean(),
})
const displays = fc.array(
  fc
    .tuple(whole, whole, fc.integer({ min: 800, max: 4000 }), fc.integer({ min: 600, max: 3000 }))
    .map((numbers) => display(...numbers)),
  { minLength: 1, maxLength: 3 },
)

describe('the place of the window', () => {
  it('lies wholly on one display, whatever is remembered and whatever displays there are', () => {
    fc.assert(
      fc.property(fc.option(places), displays, (place, there) => {
        const { x, y, width, height } = fitPlace(place, there)
        const isInside = there.some(
          ({ workArea: area }) =>
            x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height,
        )
        expect(isInside).toBe(true)
        expect(width >= minSize.width && height >= minSize.height).toBe(true)
      }),
    )
  })

  it('is where it was when that is on a display, and stays there', () => {
    const two = [display(0, 0, 1920, 1080), display(1920, 0, 1920, 1080)]
    const place = { x: 2000, y: 50, width: 900, height: 700, isMaximized: false }
    expect(fitPlace(place, two)).toEqual({ x: 2000, y: 50, width: 900, height: 700 })
    expect(fitPlace(place, two.slice(0, 1))).toEqual({ x: 510, y: 190, width: 900, height: 700 })
    expect(fitPlace(null, two)).toEqual({ x: 400, y: 160, width: 1120, height: 760 })
  })
})
