/** The frame of the window: sidebar, section, and what lies over everything (drops, questions, commands). */
import { Button, MantineProvider, Stack, TextInput } from '@mantine/core'
import { useColorScheme } from '@mantine/hooks'
import { Notifications } from '@mantine/notifications'
import { IconLock, IconPlugConnectedX } from '@tabler/icons-react'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AddDialogs } from '../add/add-dialogs.tsx'
import { DropArea } from '../add/drop-area.tsx'
import { ChangeDialog } from '../change/change-dialog.tsx'
import { ComparisonDialog } from '../compare/comparison-dialog.tsx'
import { FoldersView } from '../folders/folders-view.tsx'
import { HistoryView } from '../history/history-view.tsx'
import { MachinesView } from '../machines/machines-view.tsx'
import { ProvidersView } from '../providers/providers-view.tsx'
import { QueueView } from '../queue/queue-view.tsx'
import { RunsDialog } from '../queue/runs-dialog.tsx'
import { SettingsView } from '../settings/settings-view.tsx'
import { Empty } from '../ui/empty.tsx'
import css from './app.module.css'
import { surfaces, theme, useAppearance } from './appearance.ts'
import { BesideProvider, useLive, type Beside } from './context.tsx'
import { useSection } from './location.ts'
import { Palette } from './palette.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { Sidebar } from './sidebar.tsx'

const nonce = document.querySelector('meta[name=style-nonce]')?.getAttribute('content') ?? ''
// What keeps the page from scrolling behind a dialog brings a style element of its own.
setNonce(nonce)

export function App({ beside, client }: { readonly beside: Beside; readonly client: QueryClient }) {
  const { scheme } = useAppearance()
  const ofSystem = useColorScheme(undefined, { getInitialValueInEffect: false })
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={surfaces}
      forceColorScheme={scheme === 'system' ? ofSystem : scheme}
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={client}>
        <BesideProvider value={beside}>
          <Notifications position="bottom-right" autoClose={5000} />
          <Window />
        </BesideProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}

const views = {
  queue: QueueView,
  folders: FoldersView,
  history: HistoryView,
  providers: ProvidersView,
  machines: MachinesView,
  settings: SettingsView,
}

function Window() {
  const { t } = useTranslation()
  const { connection } = useLive()
  const section = useSection()
  if (connection === 'refused') return <EnterView />
  const View = views[section]
  return (
    <DropArea>
      <div className={css.window}>
        <Sidebar section={section} />
        <main className={css.main} aria-label={t(`sidebar.${section}`)}>
          <ConnectionBanner />
          <View />
        </main>
      </div>
      <AddDialogs />
      <RunsDialog />
      <ComparisonDialog />
      <ChangeDialog />
      <Palette />
      <Shortcuts />
    </DropArea>
  )
}

/** Says when the engine cannot be reached, and that nothing is lost by it. */
function ConnectionBanner() {
  const { t } = useTranslation()
  const { connection } = useLive()
  return (
    <div role="status" className={css.status}>
      {connection === 'lost' && (
        <div className={css.banner}>
          <IconPlugConnectedX size={18} aria-hidden />
          <strong>{t('connection.lost')}</strong>
          <span>{t('connection.lostWhy')}</span>
        </div>
      )}
    </div>
  )
}

/** Somebody came without the address that was printed. */
function EnterView() {
  const { t } = useTranslation()
  const [address, setAddress] = useState('')
  return (
    <main className={css.enter}>
      <Empty icon={IconLock} title={t('connection.refused')} why={t('connection.refusedWhy')}>
        <form
          className={css.address}
          onSubmit={(event) => {
            event.preventDefault()
            const token = address.trim().split('#').at(-1) ?? ''
            location.hash = token
            location.reload()
          }}
        >
          <Stack>
            <TextInput
              label={t('connection.address')}
              description={t('connection.refusedHow')}
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
              spellCheck={false}
            />
            <Button type="submit" disabled={address.trim() === ''}>
              {t('connection.open')}
            </Button>
          </Stack>
        </form>
      </Empty>
    </main>
  )
}
