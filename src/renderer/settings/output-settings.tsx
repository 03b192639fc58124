/** How results are named and placed, and what becomes of the originals. */
import { Button, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { clashPolicies, sourceAftermaths } from '../../shared/job.ts'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../queue/job-actions.ts'
import { useSettingsOf } from './saving.ts'
import { Field, OnOff, Section } from './settings-section.tsx'
import css from './settings-section.module.css'
import { TemplateField } from '../ui/template-field.tsx'
import { TextField } from '../ui/text-field.tsx'

export function OutputSettings() {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { settings, set, state, onReset } = useSettingsOf([
    'nameTemplate',
    'ifExists',
    'keepDates',
    'keepTags',
    'afterwards',
    'archiveFolder',
    'downloadFolder',
  ])
  if (settings === undefined) return null
  const { chooseFolder } = host
  const choose = async (from: NonNullable<typeof chooseFolder>) => {
    const chosen = await from()
    if (chosen !== null) set({ downloadFolder: chosen })
  }
  return (
    <Section id="output" state={state} onReset={onReset}>
      <Field name="template">
        <TemplateField value={settings.nameTemplate} onChange={(nameTemplate) => set({ nameTemplate })} />
      </Field>
      <Field name="ifExists">
        <Select
          label={t('settings.ifExists')}
          data={clashPolicies.map((value) => ({ value, label: t(`settings.${value}`) }))}
          value={settings.ifExists}
          onChange={(value) => set({ ifExists: value ?? 'number' })}
          allowDeselect={false}
        />
      </Field>
      <Field name="keepDates">
        <OnOff
          label={t('settings.keepDates')}
          description={t('settings.keepDatesHelp')}
          checked={settings.keepDates}
          onChange={(keepDates) => set({ keepDates })}
        />
      </Field>
      <Field name="keepTags">
        <OnOff
          label={t('settings.keepTags')}
          description={t('settings.keepTagsHelp')}
          checked={settings.keepTags}
          onChange={(keepTags) => set({ keepTags })}
        />
      </Field>
      <Field name="afterwards">
        <Select
          label={t('settings.afterwards')}
          description={t('settings.afterwardsHelp')}
          data={sourceAftermaths.map((value) => ({ value, label: t(`settings.${value}`) }))}
          value={settings.afterwards}
          onChange={(value) => set({ afterwards: value ?? 'keep' })}
          allowDeselect={false}
        />
      </Field>
      {settings.afterwards === 'archive' && (
        <TextField
          label={t('settings.archiveFolder')}
          value={settings.archiveFolder}
          onChange={(archiveFolder) => set({ archiveFolder })}
        />
      )}
      <Field name="downloadFolder">
        <div className={css.row}>
          <TextField
            label={t('settings.downloadFolder')}
            description={t('settings.downloadFolderHelp')}
            value={settings.downloadFolder}
            onChange={(downloadFolder) => set({ downloadFolder })}
          />
          {chooseFolder !== null && (
            <Button variant="default" onClick={() => guarded(async () => await choose(chooseFolder))}>
              {t('settings.choose')}
            </Button>
          )}
        </div>
      </Field>
    </Section>
  )
}
