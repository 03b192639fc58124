/** What may leave this machine, how fast, and who may come in. */
import { NumberInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import { useSettingsOf } from './saving.ts'
import { Field, OnOff, Section } from './settings-section.tsx'
import css from './settings-section.module.css'
import { WebSetting } from './web-setting.tsx'
import { WebhookSettings } from './webhook-settings.tsx'

const kilobyte = 1024

export function NetworkSettings() {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { settings, set, state, onReset } = useSettingsOf(['localOnly', 'bytesPerSecond', 'webhookPort', 'webhookAddress'])
  if (settings === undefined) return null
  return (
    <Section id="network" state={state} onReset={onReset}>
      <Field name="localOnly">
        <OnOff
          label={t('settings.localOnly')}
          description={t('settings.localOnlyHelp')}
          checked={settings.localOnly}
          onChange={(localOnly) => set({ localOnly })}
        />
      </Field>
      <Field name="limit">
        <NumberInput
          label={t('settings.limit')}
          description={t('settings.limitHelp')}
          placeholder={t('settings.noLimit')}
          suffix=" kB/s"
          min={1}
          max={10_000_000}
          hideControls
          allowDecimal={false}
          value={settings.bytesPerSecond === null ? '' : Math.round(settings.bytesPerSecond / kilobyte)}
          onChange={(value) => {
            if (value === '') set({ bytesPerSecond: null })
            else if (typeof value === 'number' && value >= 1) set({ bytesPerSecond: value * kilobyte })
          }}
        />
      </Field>
      <WebhookSettings settings={settings} set={set} />
      <Field name="web">
        {host.desktop === null ? (
          <>
            <p className={css.label}>{t('settings.web')}</p>
            <p className={css.help}>{t('settings.webHere')}</p>
          </>
        ) : (
          <WebSetting desktop={host.desktop} />
        )}
      </Field>
    </Section>
  )
}
