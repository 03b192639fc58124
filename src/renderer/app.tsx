/** The frame of the window: rail, section, and what lies over everything (drops, questions, commands). */
import { MantineProvider } from '@mantine/core'
import { useColorScheme } from '@mantine/hooks'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { useTranslation } from 'react-i18next'
import { appearance } from './appearance.ts'
import { BesideProvider, useLive, type Beside } from './beside.tsx'
import css from './app.module.css'
import { AskKinds } from './parts/ask-kinds.tsx'
import { CompareDialog } from './parts/compare-dialog.tsx'
import { ConnectionBanner } from './parts/connection.tsx'
import { DropArea } from './parts/drop-area.tsx'
import { Palette } from './parts/palette.tsx'
import { Rail } from './parts/rail.tsx'
import { Refusals } from './parts/refusals.tsx'
import { Sending } from './parts/sending.tsx'
import { Shortcuts } from './parts/shortcuts.tsx'
import { useSection } from './place.ts'
import { useStored } from './stored.ts'
import { surfaces, theme } from './theme.ts'
import { EnterView } from './views/enter.tsx'
import { FoldersView } from './views/folders.tsx'
import { HistoryView } from './views/history.tsx'
import { ProvidersView } from './views/providers.tsx'
import { QueueView } from './views/queue.tsx'
import { SettingsView } from './views/settings.tsx'

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
