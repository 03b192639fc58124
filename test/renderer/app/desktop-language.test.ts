import { describe, expect, it } from 'vitest'
import { tellLanguage } from '../../../src/renderer/app/desktop-language.ts'
import type { DesktopPreferences } from '../../../src/renderer/wire/host.ts'
import { usualPreferences, type Preferences } from '../../../src/shared/preferences.ts'

describe('the language of the window', () => {
  it('is told to the desktop where it has another one, and only then', async () => {
    const told: Partial<Preferences>[] = []
    let preferences = usualPreferences
    const state = async () => ({ preferences, can: { tray: true, sleep: true, update: false }, webAddress: null })
    const desktop: DesktopPreferences = {
      state,
      prefer: async (change) => {
        told.push(change)
        preferences = { ...preferences, ...change }
        return await state()
      },
      onChange: () => {},
    }
    for (const language of ['system', 'de', 'de', 'system'] as const) await tellLanguage(desktop, language)
    expect(told).toEqual([{ language: 'de' }, { language: 'system' }])
  })
})
