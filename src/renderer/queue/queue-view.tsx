/** The queue: what was dropped, newest first, each batch with its files. */
import { Button, Kbd } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useBeside, useLive, useQueueVersion } from '../app/context.tsx'
import { AgainDialog } from './rerun-dialog.tsx'
import { chooseFiles } from '../add/add-menu.tsx'
import { Details } from './details.tsx'
import { Empty } from '../ui/empty.tsx'
import { Foot } from './status-bar.tsx'
import { QueueList } from './queue-list.tsx'
import { paletteKey } from '../app/sidebar.tsx'
import { Strip } from '../add/conversion-bar.tsx'
import css from './queue-view.module.css'

export function QueueView() {
  const { t } = useTranslation()
  const { queue } = useBeside()
  const { connection } = useLive()
  useQueueVersion()
  return (
    <>
      <h1 className="unseen">{t('queue.title')}</h1>
      <Strip />
      {!queue.isLoaded() ? (
        <p className={css.loading} role="status">
          {t(connection === 'open' ? 'queue.loading' : 'connection.connecting')}
        </p>
      ) : queue.count() === 0 ? (
        <NothingYet />
      ) : (
        <QueueList />
      )}
      <Foot />
      <Details />
      <AgainDialog />
    </>
  )
}

function NothingYet() {
  const { t } = useTranslation()
  const { adding, host } = useBeside()
  return (
    <Empty
      icon={IconFileImport}
      title={t('queue.emptyTitle')}
      why={t(host.results === 'beside' ? 'queue.emptyWhy' : 'queue.emptyDownload')}
    >
      <Button variant="light" onClick={() => chooseFiles('files', (dropped) => void adding.addFiles(dropped))}>
        {t('queue.emptyAdd')}
      </Button>
      <p className={css.hint}>
        <Kbd>?</Kbd> {t('shortcuts.title')} <Kbd>{paletteKey}</Kbd> {t('palette.label')}
      </p>
    </Empty>
  )
}
