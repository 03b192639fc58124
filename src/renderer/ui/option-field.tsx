/** One option as a field that says what it is while it is not set. What cannot be is kept as it was typed, and said to be wrong. */
import { Button, CloseButton, Group, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { defaultOf } from '../../shared/option-defaults.ts'
import { optionTable, parseOption, type OptionName, type Options, type OptionValue } from '../../shared/options.ts'
import type { TargetOptions } from '../add/pairings.ts'
import css from './options-form.module.css'
import { allowedText, choiceText, clockText, defaultText, fieldLabel } from './option-texts.ts'
import { bytesText } from './quantities.ts'

export interface OptionFieldProps {
  readonly name: OptionName
  readonly options: Options
  readonly possible: TargetOptions
  readonly onChange: (value: OptionValue | null) => void
}

export function OptionField(props: OptionFieldProps) {
  const { name, possible, options } = props
  const shape = optionTable[name]
  const byDefault = defaultOf(possible.defaults, name, options)
  const isMixed = possible.mixed?.has(name) === true
  if (shape.kind === 'yes-no' && byDefault?.kind === 'value' && !isMixed)
    return <SwitchField {...props} isOn={byDefault.value === true} />
  const values = possible.values[name] ?? (shape.kind === 'yes-no' ? [true, false] : shape.values)
  return values === undefined ? <TypedField {...props} /> : <ChoiceField {...props} values={values} />
}

/** Where it is known what it is otherwise, there is no third state to choose. */
function SwitchField({ name, options, possible, onChange, isOn }: OptionFieldProps & { readonly isOn: boolean }) {
  const { t } = useTranslation()
  const id = useId()
  const value = options[name]
  const possibleValues = possible.values[name]
  return (
    <div className={css.row}>
      <label htmlFor={id} className={css.label} data-set={value !== undefined || undefined}>
        {fieldLabel(name, t)}
      </label>
      <Switch
        id={id}
        checked={value === undefined ? isOn : value === true}
        disabled={possibleValues !== undefined && possibleValues.length < 2 && value === undefined}
        onChange={({ currentTarget: { checked } }) => onChange(checked === isOn ? null : checked)}
      />
    </div>
  )
}

function ChoiceField({
  name,
  options,
  possible,
  onChange,
  values,
}: OptionFieldProps & { readonly values: readonly OptionValue[] }) {
  const { t } = useTranslation()
  const id = useId()
  const value = options[name]
  // A figure that came from a preset or the command line.
  const offered = value === undefined || values.includes(value) ? values : [...values, value]
  return (
    <div className={css.row}>
      <label htmlFor={id} className={css.label} data-set={value !== undefined || undefined}>
        {fieldLabel(name, t)}
      </label>
      <Select
        id={id}
        placeholder={defaultText(name, possible, options, t)}
        data={offered.map((each) => ({ value: String(each), label: choiceText(name, each, possible.defaults, options, t) }))}
        value={value === undefined ? null : String(value)}
        onChange={(text) => onChange(offered.find((each) => String(each) === text) ?? null)}
        clearable
        clearButtonProps={{ 'aria-label': t('optionForm.clear', { option: t(`option.${name}`) }) }}
        comboboxProps={{ withinPortal: false }}
      />
    </div>
  )
}

const megabyte = 1e6
const quickSizes = [10 * megabyte, 25 * megabyte]

function TypedField({ name, options, possible, onChange }: OptionFieldProps) {
  const { t } = useTranslation()
  const id = useId()
  const [typed, setTyped] = useState<string | null>(null)
  const [isWriting, setWriting] = useState(false)
  const { kind, min } = optionTable[name]
  const value = options[name]
  const meant = typed === null ? null : meaningOf(name, typed, options)
  // Something else may have set it meanwhile.
  const isOwn = typed !== null && (meant?.value ?? undefined) === value
  const text = isOwn ? typed : textOf(name, value)
  const isWrong = isOwn && meant === null && typed.trim() !== ''
  // The first digits of a number may be too little.
  const mayGrow = isWriting && (kind !== 'number' || Number(typed?.replace(',', '.')) < (min ?? 0))
  const allowed =
    name === 'trimEnd' && isWrong && parsed(name, text) !== null ? t('optionForm.allowed.after') : allowedText(name, t)
  const error = isWrong ? t('optionForm.invalid', { allowed }) : null
  const Field = kind === 'secret' ? PasswordInput : TextInput
  const take = (next: string) => {
    setTyped(next)
    onChange(meaningOf(name, next, options)?.value ?? null)
  }
  return (
    <div className={css.row}>
      <label htmlFor={id} className={css.label} data-set={value !== undefined || undefined}>
        {fieldLabel(name, t)}
      </label>
      <div>
        <Field
          id={id}
          placeholder={kind === 'url' ? 'https://' : defaultText(name, possible, options, t)}
          value={text}
          error={mayGrow ? null : error}
          // A form is not sent with it.
          ref={(input) => input?.setCustomValidity(error ?? '')}
          onChange={(event) => take(event.currentTarget.value)}
          onFocus={() => setWriting(true)}
          onBlur={() => {
            setWriting(false)
            if (!isWrong) setTyped(null)
          }}
          inputMode={kind === 'number' ? 'decimal' : undefined}
          spellCheck={false}
          // Neither offered to the browser nor filled in by it.
          autoComplete={kind === 'secret' ? 'new-password' : 'off'}
          leftSection={kind === 'colour' ? <Swatch name={name} value={text} onChange={take} /> : undefined}
          // A secret has the eye there.
          rightSection={
            kind === 'secret'
              ? undefined
              : text !== '' && (
                  <CloseButton
                    size="sm"
                    aria-label={t('optionForm.clear', { option: t(`option.${name}`) })}
                    onClick={() => take('')}
                  />
                )
          }
        />
        {kind === 'size' && (
          <Group gap={6} mt={6}>
            {quickSizes.map((bytes) => (
              <Button
                key={bytes}
                size="compact-xs"
                variant={value === bytes ? 'light' : 'default'}
                aria-pressed={value === bytes}
                onClick={() => {
                  setTyped(null)
                  onChange(value === bytes ? null : bytes)
                }}
              >
                {bytesText(bytes)}
              </Button>
            ))}
          </Group>
        )}
      </div>
    </div>
  )
}

/** The system's own choice of a colour; what is typed beside it wins. */
function Swatch({
  name,
  value,
  onChange,
}: {
  readonly name: OptionName
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const { t } = useTranslation()
  return (
    <input
      type="color"
      className={css.swatch}
      aria-label={t(`option.${name}`)}
      value={/^#[\da-f]{6}$/i.test(value) ? value : '#ffffff'}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** What was typed, as a value; null where it is none, or cannot be beside the others. */
function meaningOf(name: OptionName, text: string, { trimStart }: Options): { readonly value: OptionValue } | null {
  const value = parsed(name, text)
  if (value === null || (name === 'trimEnd' && Number(value) <= (trimStart ?? -1))) return null
  return { value }
}

function parsed(name: OptionName, text: string): OptionValue | null {
  const { kind } = optionTable[name]
  // People write a comma where their language does; sizes without a unit are counted in megabytes.
  const isVerbatim = kind === 'text' || kind === 'url' || kind === 'secret' || kind === 'ranges'
  const plain = isVerbatim ? text : text.trim().replace(',', '.')
  const isBareSize = kind === 'size' && /^\d+(\.\d+)?$/.test(plain)
  const answer = parseOption(name, isBareSize ? Number(plain) * megabyte : plain)
  return answer.ok ? answer.value.value : null
}

function textOf(name: OptionName, value: OptionValue | undefined): string {
  if (value === undefined) return ''
  const { kind } = optionTable[name]
  if (kind === 'time' && typeof value === 'number') return clockText(value)
  return kind === 'size' && typeof value === 'number' ? String(value / megabyte) : String(value)
}
