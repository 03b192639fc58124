import { describe, expect, it } from 'vitest'
import { everyDay } from '../../../src/renderer/history/history-chart.tsx'

describe('the days of the chart', () => {
  it('those between, on which nothing was done, are there as well', () => {
    const day = (name: string, done: number) => ({ day: name, done, failed: 0, outputBytes: 0 })
    const days = [day('2026-02-27', 1), day('2026-03-02', 2)]
    expect(everyDay(days, (name) => day(name, 0)).map(({ day: name, done }) => [name, done])).toEqual([
      ['2026-02-27', 1],
      ['2026-02-28', 0],
      ['2026-03-01', 0],
      ['2026-03-02', 2],
    ])
  })
})
