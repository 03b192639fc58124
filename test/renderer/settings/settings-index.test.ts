import { describe, expect, it } from 'vitest'
import { pageSections, sectionOf, settingsIn } from '../../../src/renderer/settings/settings-index.ts'
import { settingNames, settingTable } from '../../../src/shared/settings.ts'
import en from '../../../src/shared/text/en.json' with { type: 'json' }

const texts: Readonly<Record<string, unknown>> = en.labels.settings

describe('the settings of the window', () => {
  it('show every setting of the table but the order of providers, which stands where they are', () => {
    expect(pageSections.flatMap(settingsIn).toSorted()).toEqual(
      settingNames.filter((name) => name !== 'providerOrder').toSorted(),
    )
  })

  it('have a label for every setting, and for everything that can be chosen', () => {
    const shown = pageSections.flatMap(settingsIn)
    const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = en.labels.settings.choice
    const values = shown.flatMap((name) => {
      const { shape } = settingTable[name]
      return shape.kind === 'choice' ? shape.values.map((value) => ({ name, value, label: choices[name]?.[value] })) : []
    })
    expect(shown.filter((name) => typeof texts[name] !== 'string')).toEqual([])
    expect(values.filter(({ label }) => label === undefined)).toEqual([])
  })

  it('know the section of a setting that this machine does not have, and none of what is no setting', () => {
    expect({ archiveFolder: sectionOf('archiveFolder'), tray: sectionOf('tray'), other: sectionOf('other') }).toEqual({
      archiveFolder: 'output',
      tray: 'desktop',
      other: null,
    })
  })
})
