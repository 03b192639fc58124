/** How the window looks, in which language. */
import { SegmentedControl, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { appearance, usualAppearance, type Appearance } from '../app/appearance.ts'
import { languages } from '../app/language.ts'
import { useStored } from '../app/stored.ts'
import { isSame } from './saving.ts'
import { Field, Section } from './settings-section.tsx'
import css from './settings-section.module.css'

export function LooksSettings() {
  const { t } = useTranslation()
  const now = useStored(appearance)
  return (
    <Section id="appearance" onReset={isSame(now, usualAppearance) ? null : () => appearance.set(usualAppearance)}>
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
          onChange={(value) => appearance.set({ scheme: value })}
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
          onChange={(value) => appearance.set({ language: (value ?? 'system') as Appearance['language'] })}
          allowDeselect={false}
        />
      </Field>
    </Section>
  )
}
