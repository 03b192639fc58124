/** Where online providers may call when a job has ended. */
import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { settingsSchema, type Settings } from '../../shared/settings.ts'
import { Field } from './settings-section.tsx'
import { TextField } from '../ui/text-field.tsx'

interface WebhookSettingsProps {
  readonly settings: Settings
  readonly set: (change: Partial<Settings>) => void
}

export function WebhookSettings({ settings, set }: WebhookSettingsProps) {
  const { t } = useTranslation()
  const [isBad, setBad] = useState(false)
  const { webhookPort, webhookAddress } = settings
  const takeAddress = (text: string) => {
    const checked = settingsSchema.shape.webhookAddress.safeParse(text.trim())
    setBad(!checked.success)
    if (checked.success) set({ webhookAddress: checked.data })
  }
  return (
    <>
      <Field name="webhookPort">
        <NumberInput
          // Taken over at the end only: each digit would open a port of its own.
          key={webhookPort}
          label={t('settings.webhookPort')}
          description={t('settings.webhookPortHelp')}
          placeholder={t('settings.off')}
          min={1}
          max={65_535}
          hideControls
          allowDecimal={false}
          clampBehavior="strict"
          defaultValue={webhookPort === 0 ? '' : webhookPort}
          onBlur={({ currentTarget: { value } }) => {
            if (Number(value) !== webhookPort) set({ webhookPort: Number(value) })
          }}
        />
      </Field>
      <Field name="webhookAddress">
        <TextField
          label={t('settings.webhookAddress')}
          description={t('settings.webhookAddressHelp')}
          placeholder="https://"
          error={isBad ? t('settings.webhookAddressBad') : null}
          value={webhookAddress}
          onChange={takeAddress}
        />
      </Field>
    </>
  )
}
