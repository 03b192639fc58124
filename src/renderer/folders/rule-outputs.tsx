/** What files become: one result or several, each a format with its options, or a preset. */
import { ActionIcon, Button, Group, Select, Stack } from '@mantine/core'
import { IconAdjustmentsHorizontal, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FolderOutput } from '../../shared/folders.ts'
import type { ProviderChoice } from '../../shared/job.ts'
import { useBeside, usePairings } from '../app/context.tsx'
import { allTargets, optionsOf } from '../add/pairings.ts'
import css from './folder-form.module.css'
import { FormatSelect } from '../ui/format-select.tsx'
import { OptionsForm } from '../ui/options-form.tsx'
import type { RuleFields } from './rule-fields.ts'

const mostOutputs = 10

export function RuleOutputs({ rule, set }: RuleFields) {
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
      {outputs.length < mostOutputs && (
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
  const { calls } = useBeside()
  const pairings = usePairings()
  const presets = useQuery({ queryKey: ['presets'], queryFn: async () => await calls.presets.list() }).data ?? []
  const preset = presets.find(({ name }) => name === output.preset)
  const target = output.target ?? preset?.target ?? 'mp3'
  const names = optionsOf(pairings, target, provider)
  const count = Object.keys(output.options).length
  const [isOpen, setOpen] = useState(count > 0)
  return (
    <div className={css.output} role="group" aria-label={t('rule.output', { number })}>
      <Group gap="xs" wrap="nowrap">
        <div className={css.format}>
          <FormatSelect
            label={t('conversion.convertTo')}
            value={target}
            formats={allTargets(pairings)}
            onChange={(chosen) => onChange({ target: chosen, preset: null, options: {} })}
          />
        </div>
        {presets.length > 0 && (
          <Select
            aria-label={t('conversion.presets')}
            placeholder={t('conversion.noPreset')}
            data={presets.map(({ name }) => name)}
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
          disabled={names.length === 0}
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
          <OptionsForm names={names} options={output.options} onChange={(options) => onChange({ ...output, options })} />
        </div>
      )}
    </div>
  )
}
