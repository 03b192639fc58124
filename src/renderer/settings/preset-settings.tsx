/** Presets that were saved in the queue. Apart, as a section of the settings. */
import { ActionIcon } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import { usePresets } from '../app/queries.ts'
import css from './preset-settings.module.css'
import { Section, useSaving } from './settings-section.tsx'

export function PresetSettings() {
  const { t } = useTranslation()
  const { state, save } = useSaving()
  const { presets, remove } = usePresets()
  return (
    <Section id="presets" state={state}>
      {presets.length === 0 ? (
        <p className={css.none}>{t('settings.noPresets')}</p>
      ) : (
        <ul className={css.presets}>
          {presets.map(({ name, target, options }) => (
            <li key={name}>
              <strong>{name}</strong>
              <span>
                {[formats[target].title, ...Object.entries(options).map(([option, value]) => `${option} ${String(value)}`)].join(
                  ' · ',
                )}
              </span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('settings.removePreset', { name })}
                onClick={() => save(async () => await remove(name))}
              >
                <IconTrash size={17} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
