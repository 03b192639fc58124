/** The options that this conversion takes, made from the vocabulary: whatever a provider lacks is not shown. */
import { NumberInput, Select, SimpleGrid, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import {
  allowedValues,
  optionNames,
  optionTable,
  parseOption,
  type OptionName,
  type Options,
  type OptionValue,
} from '../../shared/options.ts'
import { megabyteUnit } from './quantities.ts'

interface OptionsFormProps {
  readonly names: readonly OptionName[]
  readonly options: Options
  readonly onChange: (options: Options) => void
}

export function OptionsForm({ names, options, onChange }: OptionsFormProps) {
  const set = (name: OptionName, value: OptionValue | null) => {
    const { [name]: _, ...rest } = options
    onChange(value === null ? rest : { ...rest, [name]: value })
  }
  return (
    <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
      {names.map((name) => (
        <OptionField key={name} name={name} value={options[name] ?? null} onChange={(value) => set(name, value)} />
      ))}
    </SimpleGrid>
  )
}

interface OptionFieldProps {
  readonly name: OptionName
  readonly value: OptionValue | null
  readonly onChange: (value: OptionValue | null) => void
}

function OptionField({ name, value, onChange }: OptionFieldProps) {
  const { t } = useTranslation()
  const labels = useOptionLabels()
  const shape = optionTable[name]
  const unit = shape.unit === undefined || shape.kind === 'time' ? '' : ` (${shape.unit})`
  const label = labels[name] + unit
  if (shape.kind === 'yes-no' || shape.kind === 'choice' || shape.kind === 'number-choice') {
    const data =
      shape.kind === 'yes-no'
        ? [
            { value: 'yes', label: t('common.yes') },
            { value: 'no', label: t('common.no') },
          ]
        : (shape.values ?? []).map((each) => ({ value: String(each), label: String(each) }))
    const shown = value === null ? null : value === true ? 'yes' : value === false ? 'no' : String(value)
    return (
      <Select
        label={label}
        placeholder={t('conversion.default')}
        data={data}
        value={shown}
        onChange={(text) => onChange(text === null ? null : parsed(name, text))}
        clearable
        clearButtonProps={{ 'aria-label': t('conversion.resetOptions') }}
        comboboxProps={{ withinPortal: false }}
      />
    )
  }
  if (shape.kind === 'number') {
    return (
      <NumberInput
        label={label}
        placeholder={t('conversion.default')}
        value={typeof value === 'number' ? value : ''}
        onChange={(number) => onChange(number === '' ? null : parsed(name, number))}
        hideControls
        {...(shape.min === undefined ? {} : { min: shape.min })}
        {...(shape.max === undefined ? {} : { max: shape.max })}
        allowDecimal={shape.whole !== true}
      />
    )
  }
  if (shape.kind === 'size') {
    return (
      <NumberInput
        label={`${labels[name]} (${megabyteUnit()})`}
        placeholder={t('conversion.default')}
        value={typeof value === 'number' ? value / megabyte : ''}
        onChange={(number) => onChange(typeof number === 'number' ? parsed(name, number * megabyte) : null)}
        hideControls
        min={0}
      />
    )
  }
  return (
    <TextInput
      key={String(value)}
      label={label}
      placeholder={shape.kind === 'time' ? '1:30' : t('conversion.default')}
      title={allowedValues(name)}
      defaultValue={shape.kind === 'time' && typeof value === 'number' ? clock(value) : String(value ?? '')}
      onBlur={(event) => onChange(event.currentTarget.value.trim() === '' ? null : parsed(name, event.currentTarget.value))}
    />
  )
}

const megabyte = 1e6

function parsed(name: OptionName, value: unknown): OptionValue | null {
  const answer = parseOption(name, value)
  return answer.ok ? answer.value.value : null
}

function clock(ms: number): string {
  const seconds = ms / 1000
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(seconds % 1 === 0 ? 0 : 1).padStart(2, '0')}`
}

/** What the options are called in the user's language. */
export function useOptionLabels(): Readonly<Record<OptionName, string>> {
  const { t } = useTranslation()
  return Object.fromEntries(optionNames.map((name) => [name, t(`option.${name}`)])) as Record<OptionName, string>
}
