/**
 * The settings of the engine as rows of the form. A row follows from the table of settings: its shape says which control it gets, its name
 * says which texts. Only lanes, hours and the name template have controls of their own.
 */
import { Button, NumberInput, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { laneKinds, maxLaneConcurrency, type LaneKind } from '../../shared/model.ts'
import { defaultSettings, settingTable, type Setting, type Settings } from '../../shared/settings.ts'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { useSettings } from '../app/queries.ts'
import { TextField } from '../ui/fields.tsx'
import { HoursField } from '../ui/hours-field.tsx'
import { TemplateField } from '../ui/template-field.tsx'
import { settingsIn, type EngineSetting, type PageSection } from './settings-index.ts'
import { Field, isSame, OnOff, Section, useSaving } from './settings-section.tsx'
import css from './settings-section.module.css'

/** These stand first in their sections; all others follow in the order of the table. */
const leading: readonly EngineSetting[] = ['lanes', 'hours', 'holdOnBattery', 'diskReserveBytes', 'localOnly', 'bytesPerSecond']

interface TableSectionProps {
  readonly id: PageSection
  /** Rows that are no settings of the engine. */
  readonly before?: ReactNode
  readonly after?: ReactNode
}

export function TableSection({ id, before, after }: TableSectionProps) {
  const { calls } = useBeside()
  const { settings, change } = useSettings()
  const { state, save } = useSaving()
  const machine = useQuery({ queryKey: ['machine'], queryFn: async () => await calls.machine() }).data
  if (settings === undefined) return null
  const names = settingsIn(id)
  const ordered = [...leading.filter((name) => names.includes(name)), ...names.filter((name) => !leading.includes(name))]
  const hasBattery = machine !== undefined && machine.power !== 'unknown'
  const isShown = (name: EngineSetting) =>
    (settingTable[name] as Setting<unknown>).when?.({ afterwards: settings.afterwards, hasBattery }) ?? true
  const set = (part: Partial<Settings>) => save(async () => await change(part))
  const reset = () => set(Object.fromEntries(names.map((name) => [name, defaultSettings[name]])))
  const isDefault = names.every((name) => isSame(settings[name], defaultSettings[name]))
  return (
    <Section id={id} state={state} onReset={isDefault ? null : reset}>
      {before}
      {ordered.filter(isShown).map((name) => (
        <Field key={name} name={name}>
          <Control name={name} settings={settings} set={set} automaticLanes={machine?.lanes} />
        </Field>
      ))}
      {after}
    </Section>
  )
}

interface ControlProps {
  readonly name: EngineSetting
  readonly settings: Settings
  readonly set: (part: Partial<Settings>) => void
  readonly automaticLanes: Readonly<Record<LaneKind, number>> | undefined
}

/** What a setting holds is known by its shape, which the compiler cannot follow from its name. */
type Value<T> = { readonly value: T; readonly onChange: (value: T) => void }

function Control({ name, settings, set, automaticLanes }: ControlProps) {
  const { t, i18n } = useTranslation()
  const { shape } = settingTable[name] as Setting<unknown>
  const of = <T,>(): Value<T> => ({
    value: settings[name] as T,
    onChange: (value) => set({ [name]: value }),
  })
  const label = t(`settings.${name}`)
  const help = `settings.${name}Help`
  const description = i18n.exists(help) ? t(help as 'settings.keepDatesHelp') : undefined
  const row = { name, label, description }
  switch (shape.kind) {
    case 'yes-no': {
      const { value, onChange } = of<boolean>()
      return <OnOff label={label} description={description} checked={value} onChange={onChange} />
    }
    case 'choice': {
      const { value, onChange } = of<string>()
      const data = shape.values.map((each) => ({
        value: each,
        label: t(`settings.choice.${name}.${each}` as 'settings.choice.ifExists.number'),
      }))
      return (
        <Select
          label={label}
          description={description}
          data={data}
          value={value}
          onChange={(chosen) => chosen !== null && onChange(chosen)}
          allowDeselect={false}
        />
      )
    }
    case 'text':
    case 'address':
      return <CheckedText {...row} {...of<string>()} placeholder={shape.kind === 'address' ? 'https://' : ''} />
    case 'file':
    case 'folder':
      return <PathControl {...row} {...of<string>()} kind={shape.kind} />
    case 'template':
      return <TemplateField {...of<string>()} />
    case 'bytes':
      return <BytesControl {...row} {...of<number | null>()} {...shape} />
    case 'port':
      return <PortControl {...row} {...of<number>()} />
    case 'hours': {
      const { value, onChange } = of<Settings['hours']>()
      return <HoursField hours={value} onChange={(hours) => onChange([...hours])} />
    }
    case 'lanes':
      return <LanesControl {...of<Settings['lanes']>()} label={label} description={description} automatic={automaticLanes} />
    case 'providers':
      return null
  }
}

interface Row {
  readonly name: EngineSetting
  readonly label: string
  readonly description: string | undefined
}

/** Text that the table's schema has a say in: what it refuses is not taken over. */
function CheckedText({
  name,
  label,
  description,
  placeholder,
  value,
  onChange,
}: Row & Value<string> & { readonly placeholder: string }) {
  const { t, i18n } = useTranslation()
  const [isBad, setBad] = useState(false)
  const bad = `settings.${name}Bad`
  const error = i18n.exists(bad) ? t(bad as 'settings.webhookAddressBad') : true
  return (
    <TextField
      label={label}
      description={description}
      placeholder={placeholder}
      error={isBad ? error : null}
      value={value}
      onChange={(text) => {
        const checked = settingTable[name].schema.safeParse(text.trim())
        setBad(!checked.success)
        if (checked.success) onChange(text.trim())
      }}
    />
  )
}

function PathControl({ label, description, kind, value, onChange }: Row & Value<string> & { readonly kind: 'file' | 'folder' }) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { chooseFolder } = host
  const field = <TextField label={label} description={description} value={value} onChange={onChange} />
  if (kind === 'file') return field
  const choose = async (from: NonNullable<typeof chooseFolder>) => {
    const chosen = await from()
    if (chosen !== null) onChange(chosen)
  }
  return (
    <div className={css.row}>
      {field}
      {chooseFolder !== null && (
        <Button variant="default" onClick={() => guarded(async () => await choose(chooseFolder))}>
          {t('settings.choose')}
        </Button>
      )}
    </div>
  )
}

interface BytesControlProps extends Row, Value<number | null> {
  readonly step: number
  readonly perSecond: boolean
  readonly orNone: boolean
}

const kibibyte = 1024

function BytesControl({ label, description, step, perSecond, orNone, value, onChange }: BytesControlProps) {
  const { t } = useTranslation()
  const min = orNone ? 1 : 0
  return (
    <NumberInput
      label={label}
      description={description}
      placeholder={orNone ? t('settings.noLimit') : ''}
      suffix={` ${step === kibibyte ? 'kB' : 'MB'}${perSecond ? '/s' : ''}`}
      min={min}
      max={perSecond ? 10_000_000 : 1_000_000}
      hideControls
      allowDecimal={false}
      value={value === null ? '' : Math.round(value / step)}
      onChange={(amount) => {
        if (amount === '' && orNone) onChange(null)
        else if (typeof amount === 'number' && amount >= min) onChange(amount * step)
      }}
    />
  )
}

function PortControl({ label, description, value, onChange }: Row & Value<number>) {
  const { t } = useTranslation()
  return (
    <NumberInput
      // Taken over at the end only: each digit would open a port of its own.
      key={value}
      label={label}
      description={description}
      placeholder={t('settings.off')}
      min={1}
      max={65_535}
      hideControls
      allowDecimal={false}
      clampBehavior="strict"
      defaultValue={value === 0 ? '' : value}
      onBlur={({ currentTarget }) => {
        if (Number(currentTarget.value) !== value) onChange(Number(currentTarget.value))
      }}
    />
  )
}

interface LanesControlProps extends Value<Settings['lanes']> {
  readonly label: string
  readonly description: string | undefined
  readonly automatic: Readonly<Record<LaneKind, number>> | undefined
}

function LanesControl({ label, description, value: lanes, automatic, onChange }: LanesControlProps) {
  const { t } = useTranslation()
  const change = (kind: LaneKind, concurrency: number | string) => {
    const { [kind]: _, ...rest } = lanes
    if (concurrency === '') onChange(rest)
    else if (typeof concurrency === 'number' && concurrency >= 1 && concurrency <= maxLaneConcurrency)
      onChange({ ...rest, [kind]: concurrency })
  }
  return (
    <div role="group" aria-labelledby="lanes-label">
      <p className={css.label} id="lanes-label">
        {label}
      </p>
      <p className={css.help}>{description}</p>
      <div className={css.four}>
        {laneKinds.map((kind) => (
          <NumberInput
            key={kind}
            label={kind === 'hardware' ? t('settings.hardwareLane') : t(`family.${kind}`)}
            placeholder={automatic === undefined ? '' : t('settings.automatic', { number: automatic[kind] })}
            min={1}
            max={maxLaneConcurrency}
            allowDecimal={false}
            clampBehavior="strict"
            value={lanes[kind] ?? ''}
            onChange={(concurrency) => change(kind, concurrency)}
          />
        ))}
      </div>
    </div>
  )
}
