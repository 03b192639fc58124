/** The queue: what was dropped, newest first, each batch with its files. */
import { Button, Kbd } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useBeside, useLive, useQueueVersion } from '../beside.tsx'
import { AgainDialog } from '../parts/again-dialog.tsx'
import { chooseFiles } from '../parts/add-menu.tsx'
import { Details } from '../parts/details.tsx'
import { Empty } from '../parts/empty.tsx'
import { Foot } from '../parts/foot.tsx'
import { QueueList } from '../parts/queue-list.tsx'
import { paletteKey } from '../parts/rail.tsx'
import { Strip } from '../parts/strip.tsx'
import css from './queue.module.css'

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
