import { describe, expect, it } from 'vitest'
import { restingNow, type Circumstances, type Terms } from '../../src/main/worker/resting.ts'

const minuteMs = 60_000
const at = (hour: number) => new Date(2026, 10, 30, hour).getTime()
const always: Terms = { hours: [], onMains: false, whenIdle: false }
const nights = [{ days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 6 * 60 }]
const calm: Circumstances = { nowMs: at(12), power: () => 'mains', idleMs: () => 60 * minuteMs, hasOwnWork: () => false }
const never = () => {
  throw new Error('nobody has to know')
}

describe('a machine that could work', () => {
  it.each<readonly [string, Partial<Terms>, Partial<Circumstances>, ReturnType<typeof restingNow>]>([
    ['works where nothing was said', {}, { power: () => 'battery', idleMs: () => 0 }, null],
    ['rests outside its hours', { hours: nights }, {}, { by: 'hours', untilMs: at(22) }],
    ['works within them', { hours: nights }, { nowMs: at(23) }, null],
    ['rests on battery', { onMains: true }, { power: () => 'battery' }, { by: 'battery' }],
    ['works where nobody can tell what it runs on', { onMains: true }, { power: () => 'unknown' }, null],
    ['rests while somebody is at it', { whenIdle: true }, { idleMs: () => 5 * minuteMs - 1 }, { by: 'user' }],
    ['works when nobody has touched it for five minutes', { whenIdle: true }, { idleMs: () => 5 * minuteMs }, null],
    ['rests where nobody can tell whether somebody is', { whenIdle: true }, { idleMs: null }, { by: 'user-unknown' }],
    ['rests while its own queue works', {}, { hasOwnWork: () => true }, { by: 'own-work' }],
  ])('%s', (_, terms, circumstances, expected) => {
    expect(restingNow({ ...always, ...terms }, { ...calm, ...circumstances })).toEqual(expected)
  })

  it('asks the system for nothing that does not count', () => {
    expect(restingNow(always, { ...calm, power: never, idleMs: never })).toBe(null)
    const outside = { ...calm, power: never, idleMs: never, hasOwnWork: never }
    expect(restingNow({ hours: nights, onMains: true, whenIdle: true }, outside)?.by).toBe('hours')
  })
})
