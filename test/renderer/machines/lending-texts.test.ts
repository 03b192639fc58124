import i18next from 'i18next'
import { describe, expect, it } from 'vitest'
import { lendingLabel, restText, termsTexts } from '../../../src/renderer/machines/lending-texts.ts'
import { hoursText } from '../../../src/renderer/ui/hours-text.ts'
import { failure } from '../../../src/shared/failure.ts'
import type { LendingSettings, LendingState } from '../../../src/shared/lending.ts'
import en from '../../../src/shared/text/en.json' with { type: 'json' }

const t = await i18next.init({
  lng: 'en',
  resources: { en: { translation: en.labels } },
  interpolation: { escapeValue: false },
})

const label = (state: LendingState, names: readonly string[] = []) => {
  const doing = names.map((name) => ({ need: 'video', name, done: null, sinceMs: 0 }))
  const { text, tone } = lendingLabel({ state, doing }, t)
  return `${text}, ${tone}`
}

describe('a computer that is lent', () => {
  it('is called what it does, and warns where somebody has to see to it', () => {
    const line = { check: 'write', state: 'trouble', facts: {} } as const
    expect([
      label({ kind: 'connecting', why: null }),
      label({ kind: 'connecting', why: failure('offline') }),
      label({ kind: 'unfit', checks: [] }),
      label({ kind: 'unfit', checks: [line] }),
      label({ kind: 'working' }),
      label({ kind: 'working' }, ['a.mov']),
      label({ kind: 'resting', because: { by: 'battery' } }),
      label({ kind: 'draining' }),
    ]).toEqual([
      'Connecting, calm',
      'Unavailable, warn',
      'Being checked…, calm',
      'Not ready, warn',
      'Ready, good',
      'Working, good',
      'Resting, calm',
      'Draining, calm',
    ])
  })

  it('says why it rests', () => {
    const says = (state: LendingState) => restText({ state }, t)
    expect(says({ kind: 'resting', because: { by: 'hours', untilMs: new Date(2026, 10, 30, 22).getTime() } })).toMatch(
      /^Outside its hours: takes work from .* on\.$/,
    )
    expect(says({ kind: 'resting', because: { by: 'own-work' } })).toContain('Your own queue comes first')
    expect([says({ kind: 'draining' }), says({ kind: 'working' })]).toEqual([expect.stringContaining('drained'), null])
  })

  it('says when it takes work', () => {
    const settings: LendingSettings = { queue: '', storage: [], name: '', hours: [], onMains: false, whenIdle: false }
    const nights = { days: [1, 2, 3, 4, 5], fromMinute: 22 * 60, toMinute: 6 * 60 }
    expect([termsTexts(settings, t), termsTexts({ ...settings, hours: [nights], onMains: true, whenIdle: true }, t)]).toEqual([
      ['at any time'],
      ['Mon–Fri 22:00–06:00', 'while plugged in', 'when nobody works at it'],
    ])
  })
})

describe('hours of the week', () => {
  it.each([
    [[0, 1, 2, 3, 4, 5, 6], 0, 1440, '00:00–24:00'],
    [[0, 6], 60, 0, 'Sat, Sun 01:00–24:00'],
    [[1, 2, 3, 5], 540, 600, 'Mon–Wed, Fri 09:00–10:00'],
  ])('are read as people write them: %j', (days, fromMinute, toMinute, text) => {
    expect(hoursText({ days, fromMinute, toMinute })).toBe(text)
  })
})
