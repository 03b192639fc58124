import { describe, expect, it } from 'vitest'
import { opensAtMs } from '../../src/shared/hours.ts'

const everyDay = [0, 1, 2, 3, 4, 5, 6]
/** Saturday, 21 November 2026, local time. */
const at = (hour: number, minute = 0, day = 21) => new Date(2026, 10, day, hour, minute).getTime()
const nights = [{ days: everyDay, fromMinute: 22 * 60, toMinute: 6 * 60 }]
const workdays = [{ days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, toMinute: 17 * 60 }]

describe('when a conversion may begin', () => {
  it.each<[what: string, schedule: typeof nights, now: number, opens: number]>([
    ['at any time without hours', [], at(12), at(12)],
    ['at night: not yet at noon', nights, at(12), at(22)],
    ['at night: in the evening', nights, at(23), at(23)],
    ['at night: still after midnight', nights, at(5, 59), at(5, 59)],
    ['at night: no longer in the morning', nights, at(6), at(22)],
    ['on workdays: not on a Saturday', workdays, at(12), at(9, 0, 23)],
    ['on workdays: on a Monday', workdays, at(10, 0, 23), at(10, 0, 23)],
    ['on workdays: after the last hour of Friday', workdays, at(17, 0, 20), at(9, 0, 23)],
    ['by whichever of several opens first', [...workdays, { days: [0], fromMinute: 60, toMinute: 120 }], at(12), at(1, 0, 22)],
    ['on one day a week, a whole week ahead', [{ days: [6], fromMinute: 0, toMinute: 60 }], at(2), at(0, 0, 28)],
    ['all of a day', [{ days: [6], fromMinute: 0, toMinute: 1440 }], at(23, 59), at(23, 59)],
  ])('%s', (_, schedule, now, opens) => expect(new Date(opensAtMs(schedule, now)).toString()).toBe(new Date(opens).toString()))

  it('is by the clock on the wall on the days on which that is changed', () => {
    const spring = [{ days: everyDay, fromMinute: 8 * 60, toMinute: 9 * 60 }]
    const [march, october] = [new Date(2026, 2, 29, 0, 30), new Date(2026, 9, 25, 0, 30)]
    expect([march, october].map((day) => new Date(opensAtMs(spring, day.getTime())).getHours())).toEqual([8, 8])
  })
})
