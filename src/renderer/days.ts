/** The days of the history as a chart needs them. */
export interface Day {
  readonly day: string
  readonly done: number
  readonly failed: number
  readonly outputBytes: number
}

/** Days on which nothing was done are days too. */
export function everyDay(days: readonly Day[]): readonly Day[] {
  const all: Day[] = []
  for (const day of days) {
    const last = all.at(-1)
    for (
      let next = last === undefined ? day.day : dayAfter(last.day);
      next < day.day && all.length < 4000;
      next = dayAfter(next)
    ) {
      all.push({ day: next, done: 0, failed: 0, outputBytes: 0 })
    }
    all.push(day)
  }
  return all
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}
