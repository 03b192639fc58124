/** What a provider may spend, and what it has spent. */
import { NumberInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Caps } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import css from './provider-card.module.css'
import type { OnlineStatus } from './provider-status.ts'
import { units } from './provider-texts.ts'

const spans = { job: 'provider.capJob', batch: 'provider.capBatch', day: 'provider.capDay', month: 'provider.capMonth' } as const

/** A cap of which nobody says that it cannot be kept would be believed. */
const helps = {
  before: ['provider.capsHelp'],
  'at-submit': ['provider.capsHelp', 'provider.capsLate'],
  never: ['provider.capsUntold'],
} as const

interface ProviderCapsProps {
  readonly status: OnlineStatus
  readonly act: (work: () => Promise<unknown>) => Promise<void>
}

export function ProviderCaps({ status: { id, caps, tellsPrice }, act }: ProviderCapsProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const unit = units[id]
  return (
    <fieldset className={css.caps} aria-describedby={`${id}-caps`}>
      <legend>{unit === null ? t('provider.capsPlain') : t('provider.caps', { unit: t(`provider.unit.${unit}`) })}</legend>
      <p id={`${id}-caps`}>{helps[tellsPrice].map((help) => t(help)).join(' ')}</p>
      <div>
        {(Object.keys(spans) as (keyof Caps)[]).map((span) => (
          <Cap
            key={span}
            name={t(spans[span])}
            value={caps[span]}
            onChange={(cap) => void act(async () => await calls.providers.set({ id, caps: { [span]: cap } }))}
          />
        ))}
      </div>
    </fieldset>
  )
}

interface CapProps {
  readonly name: string
  readonly value: number | null
  readonly onChange: (cap: number | null) => void
}

/** Taken over when the user has finished with it. */
function Cap({ name, value, onChange }: CapProps) {
  const [now, setNow] = useState<number | string>(value ?? '')
  useEffect(() => setNow(value ?? ''), [value])
  const take = () => {
    const cap = typeof now === 'number' ? now : null
    if (cap !== value) onChange(cap)
  }
  return (
    <NumberInput
      label={name}
      value={now}
      onChange={setNow}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take()
      }}
      min={0}
      max={1_000_000}
      decimalScale={3}
      allowNegative={false}
      hideControls
    />
  )
}
