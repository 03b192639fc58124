/** The fleet: what its machines do, how the queue that they share stands, and how another one joins. Apart, as a page of the window. */
import { Button, Group } from '@mantine/core'
import { IconPlus, IconServer2 } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CardHead } from './card-head.tsx'
import { FleetCard } from './fleet-card.tsx'
import { useFleet } from './fleet-queries.ts'
import { JoinDialog } from './join-dialog.tsx'
import { LendingCard } from './lending-card.tsx'
import { MachineList } from './machine-list.tsx'
import css from './machines.module.css'
import { SetUpDialog, type SetUpStart } from './set-up-dialog.tsx'

export function MachinesView() {
  const { t } = useTranslation()
  const fleet = useFleet()
  const [form, setForm] = useState<SetUpStart | null>(null)
  const [isJoining, setJoining] = useState(false)
  const settings = fleet?.settings ?? null
  const join = () => setJoining(true)
  // Where none has joined, the list says what to do.
  const hasList = fleet !== undefined && (fleet.machines.length > 0 || fleet.state.kind !== 'connected')
  return (
    <div className={css.page}>
      <header className={css.top}>
        <h1 className={css.title}>{t('machines.title')}</h1>
        {settings !== null && hasList && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={join}>
            {t('machines.add')}
          </Button>
        )}
      </header>
      {fleet !== undefined && settings === null && (
        <article className={css.card} aria-labelledby="offer">
          <CardHead icon={IconServer2} id="offer" title={t('machines.emptyTitle')} about={t('machines.emptyWhy')} />
          <Group gap="xs" className={css.below ?? ''}>
            <Button size="compact-sm" onClick={() => setForm({ settings: null, how: 'own' })}>
              {t('machines.setUp')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setForm({ settings: null, how: 'trial' })}>
              {t('machines.tryIt')}
            </Button>
          </Group>
        </article>
      )}
      {fleet !== undefined && settings !== null && (
        <>
          <FleetCard
            fleet={fleet}
            settings={settings}
            onChange={() => setForm({ settings, how: settings.isTrial ? 'trial' : 'own' })}
          />
          <MachineList fleet={fleet} onJoin={join} />
        </>
      )}
      {fleet !== undefined && <LendingCard />}
      <SetUpDialog
        start={form}
        close={() => setForm(null)}
        onSetUp={() => {
          setForm(null)
          join()
        }}
      />
      <JoinDialog opened={isJoining} settings={settings} close={() => setJoining(false)} />
    </div>
  )
}
