/** Hours of the week in words: `Mon–Fri 22:00–06:00`. */
import type { Hours } from '../../shared/hours.ts'
import { language } from '../app/language.ts'

const minutesOfDay = 24 * 60
/** As most calendars of the world have it. */
export const daysInOrder: readonly number[] = [1, 2, 3, 4, 5, 6, 0]

/** Every day: the times alone. */
export function hoursText({ days, fromMinute, toMinute }: Hours): string {
  const times = `${timeText(fromMinute)}–${toMinute % minutesOfDay === 0 ? '24:00' : timeText(toMinute)}`
  return days.length === daysInOrder.length ? times : `${daysText(days)} ${times}`
}

/** Two days in a row stand for themselves. */
function daysText(days: readonly number[]): string {
  const rows: number[][] = []
  let before = -1
  for (const [place, day] of daysInOrder.entries()) {
    if (!days.includes(day)) continue
    const row = rows.at(-1)
    if (row === undefined || before !== place - 1) rows.push([day])
    else row.push(day)
    before = place
  }
  return rows
    .flatMap((row) => (row.length < 3 ? row.map(dayText) : [`${dayText(row[0] ?? 0)}–${dayText(row.at(-1) ?? 0)}`]))
    .join(', ')
}

export function dayText(day: number): string {
  // The fourth of January 1970 was a Sunday.
  return new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' }).format((day + 3) * 86_400_000)
}

/** The end of a day is shown as the beginning of the next. */
export function timeText(minute: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(Math.floor((minute % minutesOfDay) / 60))}:${two(minute % 60)}`
}
