/** How results are named and placed, how the engine works, how the window looks. Every change holds at once. */
import { ActionIcon, NumberInput, SegmentedControl, Select, Stack, Switch, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import { clashPolicies, sourceAftermaths } from '../../shared/job.ts'
import type { Settings } from '../../shared/model.ts'
import { appearance, type Appearance } from '../appearance.ts'
import { useBeside, useSettings } from '../beside.tsx'
import { languages } from '../i18n/language.ts'
import { guarded } from '../parts/job-actions.ts'
import { TemplateField } from '../parts/template-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { useStored } from '../stored.ts'
import css from './settings.module.css'

export function SettingsView() {
  const { t } = useTranslation()
  const { settings, change } = useSettings()
  const set = (part: Partial<Settings>) => guarded(async () => await change(part))
  return (
    <div className={css.page}>
      <h1 className={css.title}>{t('settings.title')}</h1>
      {settings !== undefined && (
        <>
          <Output settings={settings} set={set} />
          <EngineSettings settings={settings} set={set} />
        </>
      )}
      <Presets />
      <Looks />
      <AboutBeside />
    </div>
  )
}

interface PartProps {
  readonly settings: Settings
  readonly set: (change: Partial<Settings>) => void
}

function Output({ settings, set }: PartProps) {
  const { t } = useTranslation()
  return (
    <Section name={t('settings.output')}>
      <TemplateField value={settings.nameTemplate} onChange={(nameTemplate) => set({ nameTemplate })} />
      <Select
        label={t('settings.ifExists')}
        data={clashPolicies.map((value) => ({ value, label: t(`settings.${value}`) }))}
        value={settings.ifExists}
        onChange={(value) => set({ ifExists: value ?? 'number' })}
        allowDeselect={false}
      />
      <Switch
        label={t('settings.keepDates')}
        description={t('settings.keepDatesHelp')}
        checked={settings.keepDates}
        onChange={(event) => set({ keepDates: event.currentTarget.checked })}
      />
      <Select
        label={t('settings.afterwards')}
        description={t('settings.afterwardsHelp')}
        data={sourceAftermaths.map((value) => ({ value, label: t(`settings.${value}`) }))}
        value={settings.afterwards}
        onChange={(value) => set({ afterwards: value ?? 'keep' })}
        allowDeselect={false}
      />
      {settings.afterwards === 'archive' && (
        <TextField
          label={t('settings.archiveFolder')}
          value={settings.archiveFolder}
          onChange={(archiveFolder) => set({ archiveFolder })}
        />
      )}
      <TextField
        label={t('settings.downloadFolder')}
        description={t('settings.downloadFolderHelp')}
        value={settings.downloadFolder}
        onChange={(downloadFolder) => set({ downloadFolder })}
      />
    </Section>
  )
}

const megabyte = 1024 * 1024

function EngineSettings({ settings, set }: PartProps) {
  const { t } = useTranslation()
  return (
    <Section name={t('settings.engine')}>
      <Switch
        label={t('settings.localOnly')}
        description={t('settings.localOnlyHelp')}
        checked={settings.localOnly}
        onChange={(event) => set({ localOnly: event.currentTarget.checked })}
      />
      <TextField
        label={t('settings.ffmpeg')}
        description={t('settings.ffmpegHelp')}
        value={settings.ffmpegPath}
        onChange={(ffmpegPath) => set({ ffmpegPath })}
      />
      <NumberInput
        label={t('settings.reserve')}
        suffix=" MB"
        min={0}
        max={1_000_000}
        hideControls
        allowDecimal={false}
        value={Math.round(settings.diskReserveBytes / megabyte)}
        onChange={(value) => {
          if (typeof value === 'number') set({ diskReserveBytes: value * megabyte })
        }}
      />
    </Section>
  )
}

function Presets() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const client = useQueryClient()
  const presets = useQuery({ queryKey: ['presets'], queryFn: async () => await calls.presets.list() }).data ?? []
  const remove = async (name: string) => {
    await calls.presets.remove({ name })
    await client.invalidateQueries({ queryKey: ['presets'] })
  }
  return (
    <Section name={t('settings.presets')}>
      {presets.length === 0 && <p className={css.none}>{t('settings.noPresets')}</p>}
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
              onClick={() => guarded(async () => await remove(name))}
            >
              <IconTrash size={17} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Looks() {
  const { t } = useTranslation()
  const now = useStored(appearance)
  return (
    <Section name={t('settings.appearance')}>
      <div>
        <span className={css.label} id="scheme">
          {t('settings.scheme')}
        </span>
        <SegmentedControl
          aria-labelledby="scheme"
          fullWidth
          data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
          value={now.scheme}
          onChange={(value) => appearance.set({ scheme: value })}
        />
      </div>
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
    </Section>
  )
}

function AboutBeside() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const about = useQuery({ queryKey: ['about'], queryFn: async () => await calls.about() }).data
  if (about === undefined) return null
  return (
    <Section name={t('settings.about')}>
      <TextInput label={t('settings.data')} value={about.home} readOnly />
      <p className={css.none}>Beside {t('settings.version', { version: about.version })}</p>
    </Section>
  )
}

function Section({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <section className={css.section} aria-label={name}>
      <h2>{name}</h2>
      <Stack gap="md" className={css.fields ?? ''}>
        {children}
      </Stack>
    </section>
  )
}
