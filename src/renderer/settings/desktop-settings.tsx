/** What the desktop keeps for itself: notifications, tray and login, and whether its window can be had in a browser, too. */
import { Button, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { notices, usualPreferences, whensDone, type Preferences } from '../../shared/preferences.ts'
import type { DesktopPreferences } from '../wire/host.ts'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { useDesktop } from '../app/queries.ts'
import { Field, isSame, OnOff, Section, useSaving } from './settings-section.tsx'
import css from './settings-section.module.css'

const noticeLabels = {
  always: 'settings.notifyAlways',
  failures: 'settings.notifyFailures',
  never: 'settings.notifyNever',
} as const
const doneLabels = { nothing: 'settings.doneNothing', sleep: 'settings.doneSleep', quit: 'settings.doneQuit' } as const

export function DesktopSettings({ desktop }: { readonly desktop: DesktopPreferences }) {
  const { t } = useTranslation()
  const { now, prefer } = useDesktop(desktop)
  const { state, save } = useSaving()
  if (now === undefined) return null
  const { preferences, can } = now
  const set = (change: Partial<Preferences>) => save(async () => await prefer(change))
  // Shown elsewhere.
  const { web, language } = preferences
  const isDefault = isSame(preferences, { ...usualPreferences, web, language })
  return (
    <Section id="desktop" state={state} onReset={isDefault ? null : () => set({ ...usualPreferences, web, language })}>
      <Field name="notify">
        <Select
          label={t('settings.notify')}
          data={notices.map((value) => ({ value, label: t(noticeLabels[value]) }))}
          value={preferences.notify}
          onChange={(notify) => set({ notify: notify ?? 'always' })}
          allowDeselect={false}
        />
      </Field>
      <Field name="whenDone">
        <Select
          label={t('settings.whenDone')}
          description={preferences.whenDone === 'nothing' ? null : t('settings.whenDoneHelp')}
          data={whensDone
            .filter((value) => value !== 'sleep' || can.sleep)
            .map((value) => ({ value, label: t(doneLabels[value]) }))}
          value={preferences.whenDone}
          onChange={(whenDone) => set({ whenDone: whenDone ?? 'nothing' })}
          allowDeselect={false}
        />
      </Field>
      <Field name="keepAwake">
        <OnOff label={t('settings.keepAwake')} checked={preferences.keepAwake} onChange={(keepAwake) => set({ keepAwake })} />
      </Field>
      {can.tray && (
        <Field name="tray">
          <OnOff label={t('settings.tray')} checked={preferences.stayInTray} onChange={(stayInTray) => set({ stayInTray })} />
        </Field>
      )}
      <Field name="atLogin">
        <OnOff
          label={t('settings.atLogin')}
          description={t('settings.atLoginHelp')}
          checked={preferences.atLogin}
          onChange={(atLogin) => set({ atLogin })}
        />
      </Field>
      {can.update && (
        <Field name="update">
          <OnOff
            label={t('settings.update')}
            description={t('settings.updateHelp')}
            checked={preferences.update}
            onChange={(update) => set({ update })}
          />
        </Field>
      )}
    </Section>
  )
}

/** The window in a browser of this machine. */
export function WebSetting() {
  const { t } = useTranslation()
  const { host } = useBeside()
  return (
    <Field name="web">
      {host.desktop === null ? (
        <>
          <p className={css.label}>{t('settings.web')}</p>
          <p className={css.help}>{t('settings.webHere')}</p>
        </>
      ) : (
        <WebSwitch desktop={host.desktop} />
      )}
    </Field>
  )
}

/** Opened and shut by the desktop. */
function WebSwitch({ desktop }: { readonly desktop: DesktopPreferences }) {
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
