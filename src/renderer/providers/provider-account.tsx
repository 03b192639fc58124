/** What an account at a provider needs here: its key, which can be set and never read back, and what may be spent. */
import { Button, NumberInput, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Caps } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import css from './provider-card.module.css'
import { units, type OnlineStatus } from './provider-texts.ts'

interface ProviderFormProps {
  readonly status: OnlineStatus
  /** Runs a change; what goes wrong is shown on the card. */
  readonly act: (work: () => Promise<unknown>) => Promise<void>
}

export function ProviderKey({ status: { id, hasKey }, act }: ProviderFormProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [key, setKey] = useState('')
  const save = async () => {
    await calls.providers.setKey({ id, key: key.trim() })
    setKey('')
  }
  const forget = async () => {
    const left = await calls.providers.forgetKey({ id })
    if (left.hasKey) notifications.show({ message: t('provider.keyStays') })
  }
  return (
    <form
      className={css.key}
      onSubmit={(event) => {
        event.preventDefault()
        if (key.trim() !== '') void act(save)
      }}
    >
      <PasswordInput
        label={t('provider.key')}
        description={t(hasKey ? 'provider.keyNew' : 'provider.keyHelp')}
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        placeholder={hasKey ? '••••••••' : ''}
        autoComplete="off"
        spellCheck={false}
        maxLength={4096}
        visibilityToggleButtonProps={{ 'aria-label': t('provider.keyShow') }}
      />
      <Button type="submit" variant="default" disabled={key.trim() === ''}>
        {t('provider.keySave')}
      </Button>
      {hasKey && (
        <Button variant="subtle" color="red" onClick={() => void act(forget)}>
          {t('provider.keyForget')}
        </Button>
      )}
    </form>
  )
}

const capLabels = {
  job: 'provider.capJob',
  batch: 'provider.capBatch',
  day: 'provider.capDay',
  month: 'provider.capMonth',
} as const

/** A cap of which nobody says that it cannot be kept would be believed. */
const capHelps = {
  before: ['provider.capsHelp'],
  'at-submit': ['provider.capsHelp', 'provider.capsLate'],
  never: ['provider.capsUntold'],
} as const

export function ProviderCaps({ status: { id, caps, tellsPrice }, act }: ProviderFormProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const unit = units[id]
  return (
    <fieldset className={css.caps} aria-describedby={`${id}-caps`}>
      <legend>{unit === null ? t('provider.capsPlain') : t('provider.caps', { unit: t(`provider.unit.${unit}`) })}</legend>
      <p id={`${id}-caps`}>{capHelps[tellsPrice].map((help) => t(help)).join(' ')}</p>
      <div>
        {(Object.keys(capLabels) as (keyof Caps)[]).map((span) => (
          <Cap
            key={span}
            name={t(capLabels[span])}
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
