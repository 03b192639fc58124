/** The sections of a rule's form: what files become, which files, where results go, who converts and what that may cost, and when. */
import {
  ActionIcon,
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core'
import { IconAdjustmentsHorizontal, IconPlus, IconTrash } from '@tabler/icons-react'
import type { TFunction } from 'i18next'
import { useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { FolderOutput, Rule } from '../../shared/folders.ts'
import { families, formatIds, factsOf } from '../../shared/formats.ts'
import { conflictPolicies, sourceAftermaths, type ProviderChoice } from '../../shared/job.ts'
import { offerOf, optionsOf } from '../add/pairings.ts'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { useAllPairings, usePairings, usePresets, useSettings } from '../app/queries.ts'
import { ProviderSelect } from '../providers/provider-select.tsx'
import { SizeField, TimeField } from '../ui/fields.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { HoursField } from '../ui/hours-field.tsx'
import { OptionsForm } from '../ui/options-form.tsx'
import { presetsFound } from '../ui/preset-texts.ts'
import { TemplateField } from '../ui/template-field.tsx'
import css from './folder-form.module.css'
import type { RuleSection } from './folder-texts.ts'

export interface RuleFields {
  readonly rule: Rule
  readonly set: (change: Partial<Rule>) => void
}

export const ruleForms: Readonly<Record<RuleSection, (fields: RuleFields) => ReactNode>> = {
  outputs: RuleOutputs,
  files: RuleFiles,
  results: RuleResults,
  provider: RuleProvider,
  times: RuleTimes,
}

const maxOutputs = 10

function RuleOutputs({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { outputs } = rule
  const replace = (index: number, output: FolderOutput) =>
    set({ outputs: outputs.map((each, at) => (at === index ? output : each)) })
  return (
    <Stack gap="sm">
      {outputs.map((output, index) => (
        <OutputLine
          key={index}
          output={output}
          number={index + 1}
          provider={rule.with}
          onChange={(next) => replace(index, next)}
          onRemove={outputs.length === 1 ? null : () => set({ outputs: outputs.filter((_, at) => at !== index) })}
        />
      ))}
      {outputs.length < maxOutputs && (
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => set({ outputs: [...outputs, { target: 'flac', preset: null, options: {} }] })}
          style={{ alignSelf: 'start' }}
        >
          {t('rule.addOutput')}
        </Button>
      )}
    </Stack>
  )
}

interface OutputLineProps {
  readonly output: FolderOutput
  readonly number: number
  readonly provider: ProviderChoice
  readonly onChange: (output: FolderOutput) => void
  readonly onRemove: (() => void) | null
}

function OutputLine({ output, number, provider, onChange, onRemove }: OutputLineProps) {
  const { t } = useTranslation()
  const pairings = usePairings()
  const all = useAllPairings()
  const offer = useMemo(() => offerOf(all), [all])
  const { presets } = usePresets()
  const preset = presets.find(({ name }) => name === output.preset)
  const target = output.target ?? preset?.target ?? 'mp3'
  const possible = optionsOf(pairings, target, provider)
  const count = Object.keys(output.options).length
  const [isOpen, setOpen] = useState(count > 0)
  return (
    <div className={css.output} role="group" aria-label={t('rule.output', { number })}>
      <Group gap="xs" wrap="nowrap">
        <div className={css.format}>
          <FormatSelect
            label={t('conversion.convertTo')}
            value={target}
            formats={offer}
            onChange={(chosen) => onChange({ target: chosen, preset: null, options: {} })}
          />
        </div>
        {presets.length > 0 && (
          <Select
            aria-label={t('conversion.presets')}
            placeholder={t('conversion.noPreset')}
            data={presetsFound(presets, '', t).map(({ group, presets: found }) => ({
              group: t(`preset.group.${group}`),
              items: found.map(({ preset: { name }, title }) => ({ value: name, label: title })),
            }))}
            searchable
            nothingFoundMessage={t('conversion.noPresetFound')}
            value={output.preset}
            onChange={(name) => onChange({ target: name === null ? target : null, preset: name, options: {} })}
            clearable
            clearButtonProps={{ 'aria-label': t('conversion.noPreset') }}
            comboboxProps={{ withinPortal: false }}
            flex={1}
          />
        )}
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          disabled={possible.names.length === 0}
        >
          {count === 0 ? t('conversion.options') : t('conversion.optionsCount', { count })}
        </Button>
        {onRemove !== null && (
          <ActionIcon variant="subtle" color="gray" aria-label={t('rule.removeOutput', { number })} onClick={onRemove} ml="auto">
            <IconTrash size={17} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      {isOpen && (
        <div className={css.options}>
          <OptionsForm
            target={target}
            possible={possible}
            options={output.options}
            onChange={(options) => onChange({ ...output, options })}
          />
        </div>
      )}
    </div>
  )
}

function RuleFiles({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { size, age } = rule
  const globs = { splitChars: [',', ' '], comboboxProps: { withinPortal: false }, spellCheck: false, clearable: false }
  return (
    <Stack gap="sm">
      <MultiSelect
        label={t('rule.kinds')}
        description={rule.kinds.length === 0 ? t('rule.kindsHelp') : undefined}
        data={[
          { group: t('rule.kindsGroup'), items: families.map((value) => ({ value, label: t(`family.${value}`) })) },
          { group: t('rule.formatsGroup'), items: formatIds.map((value) => ({ value, label: factsOf(value).title })) },
        ]}
        value={rule.kinds}
        onChange={(kinds) => set({ kinds })}
        searchable
        placeholder={rule.kinds.length === 0 ? t('rule.any') : ''}
        maxDropdownHeight={260}
        comboboxProps={{ withinPortal: false }}
        hidePickedOptions
      />
      <TagsInput
        {...globs}
        label={t('rule.include')}
        description={t('rule.includeHelp')}
        placeholder="*.wav"
        value={rule.include}
        onChange={(include) => set({ include })}
      />
      <TagsInput
        {...globs}
        label={t('rule.exclude')}
        description={t('rule.excludeHelp')}
        placeholder="draft*"
        value={rule.exclude}
        onChange={(exclude) => set({ exclude })}
      />
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
        <SizeField
          label={t('rule.minBytes')}
          value={size.minBytes}
          onChange={(minBytes) => set({ size: { ...size, minBytes } })}
        />
        <SizeField
          label={t('rule.maxBytes')}
          value={size.maxBytes}
          onChange={(maxBytes) => set({ size: { ...size, maxBytes } })}
        />
        <TimeField label={t('rule.minAge')} value={age.minMs} onChange={(minMs) => set({ age: { ...age, minMs } })} />
        <TimeField label={t('rule.maxAge')} value={age.maxMs} onChange={(maxMs) => set({ age: { ...age, maxMs } })} />
      </SimpleGrid>
    </Stack>
  )
}

const fromSettings = 'as-settings'
const inPlace = { allowDeselect: false, comboboxProps: { withinPortal: false } }

function RuleResults({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { settings } = useSettings()
  const { chooseFolder } = host
  return (
    <Stack gap="sm">
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          label={t('folders.out')}
          description={t('rule.outHelp')}
          placeholder={t('conversion.beside')}
          value={rule.out ?? ''}
          onChange={(event) => set({ out: event.currentTarget.value === '' ? null : event.currentTarget.value })}
          spellCheck={false}
          flex={1}
        />
        {chooseFolder !== null && (
          <Button
            variant="default"
            onClick={() =>
              guarded(async () => {
                const out = await chooseFolder()
                if (out !== null) set({ out })
              })
            }
          >
            {t('folders.choose')}
          </Button>
        )}
      </Group>
      <Switch
        label={t('rule.ownName')}
        checked={rule.nameTemplate !== null}
        onChange={(event) => set({ nameTemplate: event.currentTarget.checked ? (settings?.nameTemplate ?? '{name}') : null })}
      />
      {rule.nameTemplate !== null && (
        <TemplateField value={rule.nameTemplate} onChange={(nameTemplate) => set({ nameTemplate })} />
      )}
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
        <Select
          {...inPlace}
          label={t('settings.ifExists')}
          data={withSettings(conflictPolicies, (policy) => t(`settings.choice.ifExists.${policy}`), t)}
          value={rule.ifExists ?? fromSettings}
          onChange={(value) => set({ ifExists: conflictPolicies.find((policy) => policy === value) ?? null })}
        />
        <Select
          {...inPlace}
          label={t('settings.keepDates')}
          data={withSettings(['yes', 'no'] as const, (value) => t(`common.${value}`), t)}
          value={rule.keepDates === null ? fromSettings : rule.keepDates ? 'yes' : 'no'}
          onChange={(value) => set({ keepDates: value === 'yes' ? true : value === 'no' ? false : null })}
        />
        <Select
          {...inPlace}
          label={t('settings.afterwards')}
          data={withSettings(sourceAftermaths, (what) => t(`settings.choice.afterwards.${what}`), t)}
          value={rule.afterwards ?? fromSettings}
          onChange={(value) => set({ afterwards: sourceAftermaths.find((what) => what === value) ?? null })}
        />
        <Select
          {...inPlace}
          label={t('rule.whenChanged')}
          data={(['again', 'keep'] as const).map((value) => ({ value, label: t(`rule.changed.${value}`) }))}
          value={rule.whenChanged}
          onChange={(value) => set({ whenChanged: value ?? 'again' })}
        />
      </SimpleGrid>
    </Stack>
  )
}

function withSettings<T extends string>(values: readonly T[], label: (value: T) => string, t: TFunction) {
  return [{ value: fromSettings, label: t('rule.asSettings') }, ...values.map((value) => ({ value, label: label(value) }))]
}

const periods = ['day', 'month'] as const
const defaultCap = 10

/** Without a standing permission nothing leaves this machine. */
function RuleProvider({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { spend } = rule
  const stays: Partial<Rule> = { localOnly: true, spend: null, with: rule.with === 'local' ? 'local' : 'auto' }
  return (
    <Stack gap="sm">
      <Radio.Group
        aria-label={t('rule.who')}
        value={spend === null ? 'here' : 'online'}
        onChange={(value) => set(value === 'here' ? stays : { localOnly: false, spend: { cap: defaultCap, per: 'month' } })}
      >
        <Stack gap="xs">
          <Radio value="here" label={t('rule.here')} description={t('rule.hereHelp')} />
          <Radio value="online" label={t('rule.online')} description={t('rule.onlineHelp')} />
        </Stack>
      </Radio.Group>
      {spend !== null && (
        <>
          <ProviderSelect label={t('details.provider')} value={rule.with} onChange={(value) => set({ with: value })} />
          <Group gap={6} align="flex-end" wrap="nowrap">
            <NumberInput
              label={t('rule.cap')}
              description={t('rule.capHelp')}
              value={spend.cap}
              onChange={(cap) => {
                if (typeof cap === 'number' && cap > 0) set({ spend: { ...spend, cap } })
              }}
              min={0.01}
              decimalScale={2}
              hideControls
              flex={1}
            />
            <Select
              aria-label={t('rule.capPer')}
              data={periods.map((value) => ({ value, label: t(`folders.per.${value}`) }))}
              value={spend.per}
              onChange={(per) => set({ spend: { ...spend, per: per ?? 'month' } })}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              w={130}
            />
          </Group>
        </>
      )}
    </Stack>
  )
}

function RuleTimes({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <TimeField
        label={t('rule.delay')}
        description={t('rule.delayHelp')}
        placeholder="0"
        value={rule.holdMs === 0 ? null : rule.holdMs}
        onChange={(holdMs) => set({ holdMs: holdMs ?? 0 })}
      />
      <HoursField hours={rule.schedule} onChange={(schedule) => set({ schedule: [...schedule] })} />
      <Switch
        label={t('rule.polling')}
        description={t('rule.pollingHelp')}
        checked={rule.seeing === 'polling'}
        onChange={(event) => set({ seeing: event.currentTarget.checked ? 'polling' : 'auto' })}
      />
    </Stack>
  )
}
