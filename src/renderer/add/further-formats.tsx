/** What each file becomes besides the bar's format, and the options of one result. */
import { ActionIcon, Button, Group, Popover, Stack } from '@mantine/core'
import { IconAdjustmentsHorizontal, IconPlus, IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormatId } from '../../shared/formats.ts'
import type { Options } from '../../shared/options.ts'
import { maxOutputs } from '../../shared/outputs.ts'
import { useAllPairings, usePairings } from '../app/queries.ts'
import { FormatSelect } from '../ui/format-select.tsx'
import { OptionsForm } from '../ui/options-form.tsx'
import css from './conversion-bar.module.css'
import { useConversion, type Conversion } from './conversion.ts'
import { offerOf, optionsOf } from './pairings.ts'

export function FurtherFormats() {
  const { t } = useTranslation()
  const pairings = useAllPairings()
  const { target, further, together } = useConversion()
  const offer = useMemo(() => offerOf(pairings), [pairings])
  // What becomes one file becomes one alone.
  if (together) return null
  const choose = (next: Conversion['further']) => useConversion.setState({ further: next, preset: null })
  const replace = (index: number, output: Conversion['further'][number]) =>
    choose(further.map((each, at) => (at === index ? output : each)))
  return (
    <>
      {further.map((output, index) => (
        <div key={index} className={css.pair} role="group" aria-label={t('rule.output', { number: index + 2 })}>
          <div className={css.format}>
            <FormatSelect
              label={t('rule.output', { number: index + 2 })}
              value={output.target}
              formats={offer}
              onChange={(format) => replace(index, { target: format, options: {} })}
            />
          </div>
          <OptionsButton
            target={output.target}
            options={output.options}
            onChange={(options) => replace(index, { ...output, options })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('rule.removeOutput', { number: index + 2 })}
            onClick={() => choose(further.filter((_, at) => at !== index))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {further.length + 1 < maxOutputs && (
        <Button
          variant="subtle"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => choose([...further, { target, options: {} }])}
        >
          {t('rule.addOutput')}
        </Button>
      )}
    </>
  )
}

interface OptionsButtonProps {
  readonly target: FormatId
  readonly options: Options
  readonly onChange: (options: Options) => void
}

export function OptionsButton({ target, options, onChange }: OptionsButtonProps) {
  const { t } = useTranslation()
  const pairings = usePairings()
  const provider = useConversion((now) => now.with)
  const possible = optionsOf(pairings, target, provider)
  const count = Object.keys(options).length
  return (
    <Popover position="bottom-start" shadow="md" width={460} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          className={css.choice}
          disabled={possible.names.length === 0}
        >
          {count === 0 ? t('conversion.options') : t('conversion.optionsCount', { count })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('conversion.options')} className={css.options ?? ''}>
        <Stack gap="md">
          <OptionsForm target={target} possible={possible} options={options} onChange={onChange} />
          <Group justify="flex-end">
            <Button variant="subtle" size="compact-sm" disabled={count === 0} onClick={() => onChange({})}>
              {t('conversion.resetOptions')}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
