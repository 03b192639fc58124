/** How the window looks, in which language. Apart, as a section of the settings. */
import { SegmentedControl, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { defaultAppearance, useAppearance, type Appearance } from '../app/appearance.ts'
import { languages } from '../app/language.ts'
import { Field, isSame, Section } from './settings-section.tsx'
import css from './settings-section.module.css'

export function AppearanceSettings() {
  const { t } = useTranslation()
  const now = useAppearance()
  return (
    <Section id="appearance" onReset={isSame(now, defaultAppearance) ? null : () => useAppearance.setState(defaultAppearance)}>
      <Field name="scheme">
        <span className={css.label} id="scheme">
          {t('settings.scheme')}
        </span>
        <SegmentedControl
          mt={6}
          aria-labelledby="scheme"
          fullWidth
          data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
          value={now.scheme}
          onChange={(value) => useAppearance.setState({ scheme: value })}
        />
      </Field>
      <Field name="language">
        <Select
          label={t('settings.language')}
          data={[
            { value: 'system', label: t('settings.system') },
            ...Object.entries(languages).map(([value, label]) => ({ value, label })),
          ]}
          value={now.language}
          onChange={(value) => useAppearance.setState({ language: (value ?? 'system') as Appearance['language'] })}
          allowDeselect={false}
        />
      </Field>
    </Section>
  )
}
