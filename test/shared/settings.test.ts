import { describe, expect, it } from 'vitest'
import { isFolderName } from '../../src/shared/naming.ts'
import { defaultSettings, settingNames, settingsSchema, settingTable } from '../../src/shared/settings.ts'

describe('the table of settings', () => {
  it('starts with values that its own schemas take', () => {
    expect(settingsSchema.parse(defaultSettings)).toEqual(defaultSettings)
    expect(Object.keys(defaultSettings).toSorted()).toEqual([...settingNames, 'fleet', 'lending', 'online', 'paused'].toSorted())
  })

  it('shows the archive folder where sources are archived, and the battery where there is one', () => {
    const shown = (afterwards: string, hasBattery: boolean) =>
      settingNames.filter((name) => !(settingTable[name].when?.({ afterwards, hasBattery }) ?? true))
    expect({ hidden: shown('keep', false), all: shown('archive', true) }).toEqual({
      hidden: ['archiveFolder', 'holdOnBattery'],
      all: [],
    })
  })
})

describe('the name of the archive folder', () => {
  it.each(['converted', 'Originale 2024', '済み', '.converted'])('may be “%s”', (name) => {
    expect(settingsSchema.shape.archiveFolder.safeParse(name).success).toBe(true)
  })

  it.each([
    '',
    ' ',
    '.',
    '..',
    '../elsewhere',
    'a/b',
    'a\\b',
    '/abs',
    'C:\\x',
    'nul',
    'a ',
    'a.',
    ' a',
    'a\u0000b',
    'x'.repeat(256),
  ])('may not be “%s”: originals would be renamed beside themselves, or leave their folder', (name) => {
    expect({ schema: settingsSchema.shape.archiveFolder.safeParse(name).success, name: isFolderName(name) }).toEqual({
      schema: false,
      name: false,
    })
  })
})

describe('the name template of the settings', () => {
  it.each(['', ' ', '../{name}', 'a\\b', '{nme}'])('may not be “%s”', (template) => {
    expect(settingsSchema.shape.nameTemplate.safeParse(template).success).toBe(false)
  })
})
