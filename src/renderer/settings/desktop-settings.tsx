/** What Beside does on the desktop besides its window. */
import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { notices, usualPreferences, whensDone, type Preferences } from '../../shared/preferences.ts'
import type { DesktopPreferences } from '../wire/host.ts'
import { useDesktop } from './desktop-state.ts'
import { isSame, useSaving } from './saving.ts'
import { Field, OnOff, Section } from './settings-section.tsx'

const noticeWords = {
  always: 'settings.notifyAlways',
  failures: 'settings.notifyFailures',
  never: 'settings.notifyNever',
} as const
const doneWords = { nothing: 'settings.doneNothing', sleep: 'settings.doneSleep', quit: 'settings.doneQuit' } as const

export function DesktopSettings({ desktop }: { readonly desktop: DesktopPreferences }) {
  const { t } = useTranslation()
  const { now, prefer } = useDesktop(desktop)
  const { state, save } = useSaving()
  if (now === undefined) return null
  const { preferences, can } = now
  const set = (change: Partial<Preferences>) => save(async () => await prefer(change))
  // Shown elsewhere.
  const { web, language } = preferences
  const isUsual = isSame(preferences, { ...usualPreferences, web, language })
  return (
    <Section id="desktop" state={state} onReset={isUsual ? null : () => set({ ...usualPreferences, web, language })}>
      <Field name="notify">
        <Select
          label={t('settings.notify')}
          data={notices.map((value) => ({ value, label: t(noticeWords[value]) }))}
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
            .map((value) => ({ value, label: t(doneWords[value]) }))}
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
