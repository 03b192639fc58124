/** The frame of the window: rail, section, and what lies over everything (drops, questions, commands). */
import { MantineProvider } from '@mantine/core'
import { useColorScheme } from '@mantine/hooks'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { useTranslation } from 'react-i18next'
import { appearance } from './appearance.ts'
import { BesideProvider, useLive, type Beside } from './context.tsx'
import css from './app.module.css'
import { AskKinds } from '../add/ask-targets.tsx'
import { CompareDialog } from '../queue/compare-dialog.tsx'
import { ConnectionBanner } from './connection.tsx'
import { DropArea } from '../add/drop-area.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './sidebar.tsx'
import { Refusals } from '../add/refused-files.tsx'
import { Sending } from '../add/upload-progress.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { useSection } from './location.ts'
import { useStored } from './stored.ts'
import { surfaces, theme } from './theme.ts'
import { EnterView } from './enter.tsx'
import { FoldersView } from '../folders/folders-view.tsx'
import { HistoryView } from '../history/history-view.tsx'
import { ProvidersView } from '../providers/providers-view.tsx'
import { QueueView } from '../queue/queue-view.tsx'
import { SettingsView } from '../settings/settings-view.tsx'

const nonce = document.querySelector('meta[name=style-nonce]')?.getAttribute('content') ?? ''
// What keeps the page from scrolling behind a dialog brings a style element of its own.
setNonce(nonce)

export function App({ beside, client }: { readonly beside: Beside; readonly client: QueryClient }) {
  const { scheme } = useStored(appearance)
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

const views = { queue: QueueView, folders: FoldersView, history: HistoryView, providers: ProvidersView, settings: SettingsView }

function Window() {
  const { t } = useTranslation()
  const { connection } = useLive()
  const section = useSection()
  if (connection === 'refused') return <EnterView />
  const View = views[section]
  return (
    <DropArea>
      <div className={css.window}>
        <Rail section={section} />
        <main className={css.main} aria-label={t(`sidebar.${section}`)}>
          <ConnectionBanner />
          <View />
        </main>
      </div>
      <AskKinds />
      <CompareDialog />
      <Refusals />
      <Sending />
      <Palette />
      <Shortcuts />
    </DropArea>
  )
}
