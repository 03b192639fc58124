/** The window in a browser of this machine, opened and shut by the desktop. */
import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import type { DesktopPreferences } from '../wire/host.ts'
import { useDesktop } from './desktop-state.ts'
import { guarded } from '../queue/job-actions.ts'
import { OnOff } from './settings-section.tsx'
import css from './settings-section.module.css'

export function WebSetting({ desktop }: { readonly desktop: DesktopPreferences }) {
  const { t } = useTranslation()
  const { now, prefer } = useDesktop(desktop)
  if (now === undefined) return null
  const { preferences, webAddress } = now
  const copy = async (address: string) => {
    await navigator.clipboard.writeText(address)
    notifications.show({ message: t('settings.copied') })
  }
  return (
    <>
      <OnOff
        label={t('settings.web')}
        description={t('settings.webHelp')}
        checked={preferences.web}
        onChange={(web) =>
          guarded(async () => {
            const { webAddress: address } = await prefer({ web })
            if (web && address === null) notifications.show({ message: t('settings.webClosed'), color: 'red' })
          })
        }
      />
      {webAddress !== null && (
        <div className={css.row}>
          <TextInput aria-label={t('settings.webAddress')} value={webAddress} readOnly mt={8} />
          <Button variant="default" onClick={() => guarded(async () => await copy(webAddress))}>
            {t('settings.copy')}
          </Button>
        </div>
      )}
    </>
  )
}
