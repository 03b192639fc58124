/** The key of a provider: it goes in and never comes out. */
import { Button, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import css from './provider-card.module.css'
import type { OnlineStatus } from './provider-status.ts'

interface ProviderKeyProps {
  readonly status: OnlineStatus
  readonly act: (work: () => Promise<unknown>) => Promise<void>
}

export function ProviderKey({ status: { id, hasKey }, act }: ProviderKeyProps) {
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
