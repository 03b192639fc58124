/** The machines as a table: what each does now, what it has done, and what it can be told. What it has proved is a click away. Apart from the page, as rows come and go. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FleetStatus } from '../../shared/fleet.ts'
import { MachineRows } from './machine-rows.tsx'
import { inOrder, queueLabel } from './machine-texts.ts'
import css from './machines.module.css'

export function MachineList({ fleet, onJoin }: { readonly fleet: FleetStatus; readonly onJoin: () => void }) {
  const { t } = useTranslation()
  const machines = inOrder(fleet.machines)
  if (machines.length === 0) {
    // While the shared queue is away, nobody here knows of them.
    if (queueLabel(fleet.state) !== 'connected') return null
    return (
      <article className={css.card} aria-labelledby="machines">
        <h2 id="machines">{t('machines.none')}</h2>
        <p className={css.none}>{t('machines.noneWhy')}</p>
        <Button size="compact-sm" onClick={onJoin}>
          {t('machines.showLine')}
        </Button>
      </article>
    )
  }
  return (
    <article className={css.list} aria-label={t('machines.title')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('machines.machine')}</th>
            <th scope="col">{t('machines.now')}</th>
            <th scope="col" className={css.figure} title={t('machines.hourHelp')}>
              {t('machines.hour')}
            </th>
            <th scope="col" className={css.figure} title={t('machines.loadHelp')}>
              {t('machines.load')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('machines.actions')}</span>
            </th>
          </tr>
        </thead>
        {machines.map((machine) => (
          <MachineRows key={machine.name} machine={machine} />
        ))}
      </table>
    </article>
  )
}
