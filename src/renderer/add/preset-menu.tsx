/** Which preset is followed, found by what it is for, and saving the choice as one. Apart, as the one part of the bar that is searched. */
import { Button, Combobox, Text, useCombobox } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBookmark, IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { guarded } from '../app/outcomes.ts'
import { usePresets } from '../app/queries.ts'
import { TextDialog } from '../ui/dialog.tsx'
import { presetsFound, presetText } from '../ui/preset-texts.ts'
import css from './conversion-bar.module.css'
import { followPreset, useConversion } from './conversion.ts'

const { setState: choose } = useConversion
/** What an option of the list stands for; a preset may be called anything. */
const [none, saving, ofPreset] = ['none', 'save', 'preset ']

export function PresetMenu() {
  const { t } = useTranslation()
  const now = useConversion()
  const { presets, save } = usePresets()
  const [search, setSearch] = useState('')
  const [isSaving, { open, close }] = useDisclosure(false)
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch('')
      combobox.focusTarget()
    },
    onDropdownOpen: () => requestAnimationFrame(() => combobox.focusSearchInput()),
  })
  const followed = presets.find(({ name }) => name === now.preset)
  const groups = presetsFound(presets, search, t)
  const take = (value: string) => {
    combobox.closeDropdown()
    if (value === none) return choose({ preset: null, options: {}, further: [] })
    if (value === saving) return open()
    const preset = presets.find(({ name }) => value === `${ofPreset}${name}`)
    if (preset !== undefined) followPreset(preset)
  }
  const saveAs = async (name: string) => {
    await save({
      name,
      target: now.target,
      options: now.options,
      ...(now.further.length > 0 && { further: now.further }),
      with: now.with,
    })
    choose({ preset: name })
    close()
  }
  return (
    <>
      <Combobox store={combobox} width={340} position="bottom-start" shadow="md" onOptionSubmit={take}>
        <Combobox.Target targetType="button">
          <Button
            variant="default"
            leftSection={<IconBookmark size={16} aria-hidden />}
            rightSection={<IconChevronDown size={15} aria-hidden />}
            className={css.choice}
            onClick={() => combobox.toggleDropdown()}
          >
            {followed === undefined ? (now.preset ?? t('conversion.noPreset')) : presetText(followed, t).title}
          </Button>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Search
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            placeholder={t('conversion.findPreset')}
            aria-label={t('conversion.findPreset')}
          />
          <Combobox.Options aria-label={t('conversion.presets')} mah={320} className={css.presets ?? ''} tabIndex={0}>
            {search.trim() === '' && <Combobox.Option value={none}>{t('conversion.noPreset')}</Combobox.Option>}
            {groups.length === 0 && search.trim() !== '' && <Combobox.Empty>{t('conversion.noPresetFound')}</Combobox.Empty>}
            {groups.map(({ group, presets: found }) => (
              <Combobox.Group key={group} label={t(`preset.group.${group}`)}>
                {found.map(({ preset: { name }, title, line }) => (
                  <Combobox.Option key={name} value={`${ofPreset}${name}`} active={name === now.preset}>
                    {title}
                    <Text size="sm" c="dimmed">
                      {line}
                    </Text>
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
            {search.trim() === '' && <Combobox.Option value={saving}>{t('conversion.savePreset')}…</Combobox.Option>}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <TextDialog
        title={t('conversion.savePreset')}
        label={t('conversion.presetName')}
        opened={isSaving}
        maxLength={80}
        onSubmit={(name) => guarded(async () => await saveAs(name))}
        onClose={close}
      />
    </>
  )
}
