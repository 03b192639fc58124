/** The window: one page for every shell. */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import '@fontsource-variable/inter/index.css'
import './app/tokens.css'
import { QueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { createRoot } from 'react-dom/client'
import { createAdding } from './add/adding.ts'
import { App } from './app/app.tsx'
import { appearance } from './app/appearance.ts'
import { formatsQuery } from './app/context.tsx'
import { createBrowserHost } from './wire/browser-host.ts'
import { createWire } from './calls.ts'
import { createDesktopHost, desktopHere, takeFiles } from './wire/desktop-host.ts'
import { tellLanguage } from './app/desktop-language.ts'
import { speak, startLanguage } from './app/language.ts'
import { createLive } from './live.ts'
import { createQueue } from './queue/queue.ts'
import { go, takeToken } from './app/location.ts'

await startLanguage(appearance.get().language)
let spoken = appearance.get().language

const desktop = desktopHere()
const host = desktop === null ? createBrowserHost(takeToken()) : createDesktopHost(desktop)
if (host.desktop !== null) void tellLanguage(host.desktop, spoken)
appearance.subscribe(() => {
  if (appearance.get().language === spoken) return
  spoken = appearance.get().language
  void speak(spoken)
  if (host.desktop !== null) void tellLanguage(host.desktop, spoken)
})

const live = createLive(host, createWire())
const queue = createQueue(live)
const client = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000, retry: false, refetchOnWindowFocus: false } } })
const adding = createAdding({
  calls: live.calls,
  host,
  pairings: async () => await client.ensureQueryData(formatsQuery(live.calls)),
  words: { files: (count) => i18next.t('drop.files', { count }) },
})
// What was asked over the old line may have changed since.
live.onOpen(() => void client.invalidateQueries())
host.desktop?.onChange(() => void client.invalidateQueries({ queryKey: ['desktop'] }))
if (desktop !== null) {
  takeFiles(desktop, (paths) => {
    go('queue')
    void adding.addSources(paths)
  })
}

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App beside={{ host, live, calls: live.calls, queue, adding }} client={client} />)
