/** The window: one page for every shell. */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import '@fontsource-variable/inter/index.css'
import './app/tokens.css'
import i18next from 'i18next'
import { createRoot } from 'react-dom/client'
import { createAdding } from './add/adding.ts'
import { possibleNow } from './add/pairings.ts'
import { App } from './app/app.tsx'
import { useAppearance } from './app/appearance.ts'
import { setLanguage, startLanguage, syncDesktopLanguage } from './app/language.ts'
import { navigate, takeToken } from './app/location.ts'
import { createQueries, formatsQuery } from './app/queries.ts'
import { createLive, createWire } from './wire/live.ts'
import { createQueue } from './queue/queue.ts'
import { createBrowserHost } from './wire/browser-host.ts'
import { createDesktopHost, desktopHere, takeFiles } from './wire/desktop-host.ts'

const { language } = useAppearance.getState()
await startLanguage(language)

const desktop = desktopHere()
const host = desktop === null ? createBrowserHost(takeToken()) : createDesktopHost(desktop)
if (host.desktop !== null) void syncDesktopLanguage(host.desktop, language)
useAppearance.subscribe((now, before) => {
  if (now.language === before.language) return
  void setLanguage(now.language)
  if (host.desktop !== null) void syncDesktopLanguage(host.desktop, now.language)
})

const live = createLive(host, createWire())
const queue = createQueue(live)
const client = createQueries()
const adding = createAdding({
  calls: live.calls,
  host,
  pairings: async () => possibleNow(await client.ensureQueryData(formatsQuery(live.calls))),
  filesLabel: (count) => i18next.t('drop.files', { count }),
})
// What was asked over the old connection may have changed since.
live.onOpen(() => void client.invalidateQueries())
host.desktop?.onChange(() => void client.invalidateQueries({ queryKey: ['desktop'] }))
if (desktop !== null) {
  takeFiles(desktop, (paths) => {
    navigate('queue')
    void adding.addSources(paths)
  })
}

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App beside={{ host, live, calls: live.calls, queue, adding }} client={client} />)
