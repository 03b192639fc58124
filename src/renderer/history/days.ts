/** The days of the history as a chart needs them. */

/** Days that a chart shows at most: the last ones. */
export const mostDays = 60

/** Days on which nothing was done are days too. */
export function everyDay<T extends { readonly day: string }>(days: readonly T[], blank: (day: string) => T): readonly T[] {
  const all: T[] = []
  for (const day of days) {
    const last = all.at(-1)
    for (
      let next = last === undefined ? day.day : dayAfter(last.day);
      next < day.day && all.length < 4000;
      next = dayAfter(next)
    ) {
      all.push(blank(next))
    }
    all.push(day)
  }
  return all
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}
