/** Pure: when a conversion may begin, by the hours that a rule or the whole queue keeps, in local time. */
import * as z from 'zod'

const minuteOfDay = z.number().int().min(0).max(1440)
/** `to` at or before `from` ends on the next day; days count from 0, Sunday, and name the day on which it begins. */
export const hoursSchema = z.object({
  days: z.array(z.number().int().min(0).max(6)).min(1),
  fromMinute: minuteOfDay,
  toMinute: minuteOfDay,
})
export type Hours = z.infer<typeof hoursSchema>

const dayMs = 86_400_000

/** `nowMs` where it may begin now; else when it may. */
export function opensAtMs(schedule: readonly Hours[], nowMs: number): number {
  if (schedule.length === 0) return nowMs
  const openings: number[] = []
  // From yesterday, whose hours may reach over midnight, to the same day of next week.
  for (let offset = -1; offset <= 7; offset += 1) {
    const day = startOfDay(nowMs, offset)
    for (const { days, fromMinute, toMinute } of schedule) {
      if (!days.includes(day.getDay())) continue
      const from = minuteOf(day, fromMinute)
      const to = minuteOf(day, toMinute > fromMinute ? toMinute : toMinute + 1440)
      if (to > nowMs) openings.push(Math.max(from, nowMs))
    }
  }
  return Math.min(...openings, nowMs + 8 * dayMs)
}

export function startOfDay(nowMs: number, offset = 0): Date {
  const now = new Date(nowMs)
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset)
}

/** By the clock on the wall, which skips or repeats an hour now and then. */
function minuteOf(day: Date, minute: number): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 0, minute).getTime()
}
