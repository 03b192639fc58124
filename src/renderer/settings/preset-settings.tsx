/** Presets: the user's own, and those that come with Beside, to be copied. Apart, as a section of the settings. */
import { ActionIcon, TextInput } from '@mantine/core'
import { IconCopy, IconSearch, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Preset } from '../../shared/model.ts'
import { usePresets } from '../app/queries.ts'
import { TextDialog } from '../ui/dialog.tsx'
import { presetsFound } from '../ui/preset-texts.ts'
import css from './preset-settings.module.css'
import { Section, useSaving } from './settings-section.tsx'

export function PresetSettings() {
  const { t } = useTranslation()
  const { state, save: saving } = useSaving()
  const { presets, save, remove } = usePresets()
  const [search, setSearch] = useState('')
  const [copied, setCopied] = useState<Preset | null>(null)
  const groups = presetsFound(presets, search, t)
  return (
    <Section id="presets" state={state}>
      {!presets.some(({ group }) => group === 'own') && <p className={css.none}>{t('settings.noPresets')}</p>}
      <TextInput
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        leftSection={<IconSearch size={16} aria-hidden />}
        placeholder={t('conversion.findPreset')}
        aria-label={t('conversion.findPreset')}
      />
      {groups.length === 0 && search.trim() !== '' && <p className={css.none}>{t('conversion.noPresetFound')}</p>}
      {groups.map(({ group, presets: found }) => (
        <div key={group}>
          <h3 className={css.group} id={`presets-${group}`}>
            {t(`preset.group.${group}`)}
          </h3>
          <ul className={css.presets} aria-labelledby={`presets-${group}`}>
            {found.map(({ preset, title, line }) => (
              <li key={preset.name}>
                <strong>{title}</strong>
                <span>{line}</span>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('settings.copyPreset', { name: title })}
                  onClick={() => setCopied(preset)}
                >
                  <IconCopy size={17} aria-hidden />
                </ActionIcon>
                {group === 'own' && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('settings.removePreset', { name: title })}
                    onClick={() => saving(async () => await remove(preset.name))}
                  >
                    <IconTrash size={17} aria-hidden />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
      <TextDialog
        key={copied?.name}
        title={t('settings.copyPresetTitle')}
        label={t('conversion.presetName')}
        opened={copied !== null}
        maxLength={80}
        onSubmit={(name) => {
          if (copied !== null) saving(async () => await save({ ...copied, name }))
          setCopied(null)
        }}
        onClose={() => setCopied(null)}
      />
    </Section>
  )
}
