/** Fields that Mantine lacks: text that is taken over at the end, and sizes and times as people write them, a number and its unit. */
import { Group, NumberInput, Select, TextInput, type TextInputProps } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

interface TextFieldProps extends Omit<TextInputProps, 'onChange' | 'value'> {
  readonly value: string
  readonly onChange: (value: string) => void
}

/** Taken over when the user has finished with it. */
export function TextField({ value, onChange, ...rest }: TextFieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const take = () => {
    if (text !== value) onChange(text)
  }
  return (
    <TextInput
      {...rest}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take()
      }}
      spellCheck={false}
    />
  )
}

const sizes = { kB: 1000, MB: 1_000_000, GB: 1_000_000_000 } as const
const times = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const

interface FieldProps {
  readonly label: string
  readonly value: number | null
  readonly onChange: (value: number | null) => void
  readonly description?: string
  readonly placeholder?: string
}

export function SizeField(props: FieldProps) {
  return <UnitField {...props} units={sizes} initial="MB" unitLabel={(unit) => unit} />
}

export function TimeField(props: FieldProps) {
  const { t } = useTranslation()
  return <UnitField {...props} units={times} initial="min" unitLabel={(unit) => t(`rule.unit.${unit}`)} />
}

interface UnitFieldProps<Unit extends string> extends FieldProps {
  readonly units: Readonly<Record<Unit, number>>
  readonly initial: Unit
  readonly unitLabel: (unit: Unit) => string
}

function UnitField<Unit extends string>({
  label,
  description,
  placeholder,
  value,
  onChange,
  units,
  initial,
  unitLabel,
}: UnitFieldProps<Unit>) {
  const { t } = useTranslation()
  const names = Object.keys(units) as Unit[]
  const [unit, setUnit] = useState<Unit>(() => fittingUnit(value, names, units) ?? initial)
  return (
    <Group gap={6} align="flex-end" wrap="nowrap">
      <NumberInput
        label={label}
        description={description}
        value={value === null ? '' : value / units[unit]}
        onChange={(number) => onChange(typeof number === 'number' ? Math.round(number * units[unit]) : null)}
        placeholder={placeholder ?? t('rule.any')}
        min={0}
        decimalScale={3}
        hideControls
        flex={1}
      />
      <Select
        aria-label={`${label}: ${t('rule.unit.label')}`}
        data={names.map((name) => ({ value: name, label: unitLabel(name) }))}
        value={unit}
        onChange={(chosen) => {
          const next = names.find((name) => name === chosen) ?? unit
          setUnit(next)
          // The number stays and means something else.
          if (value !== null) onChange(Math.round((value / units[unit]) * units[next]))
        }}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        w={122}
      />
    </Group>
  )
}

/** The largest in which it is a whole number. */
function fittingUnit<Unit extends string>(
  value: number | null,
  names: readonly Unit[],
  units: Readonly<Record<Unit, number>>,
): Unit | null {
  if (value === null || value === 0) return null
  return names.findLast((name) => value % units[name] === 0) ?? names[0] ?? null
}
