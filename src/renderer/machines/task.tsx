/** What a machine converts, and how far it is. */
import { useTranslation } from 'react-i18next'
import type { FleetMachine } from '../../shared/fleet.ts'
import { Bar } from '../queue/row-button.tsx'
import { percentText } from '../ui/quantities.ts'
import css from './machines.module.css'

export function Task({ task: { name, done } }: { readonly task: FleetMachine['doing'][number] }) {
  const { t } = useTranslation()
  return (
    <div className={css.task}>
      <span className={css.what}>
        <span title={name}>{name}</span>
        {done !== null && <span>{percentText(done)}</span>}
      </span>
      <Bar share={done} label={t('job.progress', { name })} />
    </div>
  )
}
