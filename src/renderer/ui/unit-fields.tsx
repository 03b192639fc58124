/** Sizes and lengths of time as people write them: a number and its unit. */
import { Group, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

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
  return <UnitField {...props} units={sizes} usual="MB" words={(unit) => unit} />
}

export function TimeField(props: FieldProps) {
  const { t } = useTranslation()
  return <UnitField {...props} units={times} usual="min" words={(unit) => t(`rule.unit.${unit}`)} />
}

interface UnitFieldProps<Unit extends string> extends FieldProps {
  readonly units: Readonly<Record<Unit, number>>
  readonly usual: Unit
  readonly words: (unit: Unit) => string
}

function UnitField<Unit extends string>({
  label,
  description,
  placeholder,
  value,
  onChange,
  units,
  usual,
  words,
}: UnitFieldProps<Unit>) {
  const { t } = useTranslation()
  const names = Object.keys(units) as Unit[]
  const [unit, setUnit] = useState<Unit>(() => fittingUnit(value, names, units) ?? usual)
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
        data={names.map((name) => ({ value: name, label: words(name) }))}
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
