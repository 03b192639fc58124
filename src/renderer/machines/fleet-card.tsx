/** The shared queue and the shared storage: how they stand, what waits in vain, and what can be done with the fleet as a whole. */
import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconHourglassHigh, IconServer2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { FleetSettings, FleetStatus } from '../../shared/fleet.ts'
import { useBeside } from '../app/context.tsx'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Note } from '../ui/note.tsx'
import { countText } from '../ui/quantities.ts'
import { CardHead } from './card-head.tsx'
import { useFleetChanged } from './fleet-queries.ts'
import { countsText, needText, queueLabel } from './machine-texts.ts'
import css from './machines.module.css'
import { placeOf } from './queue-address.ts'

interface FleetCardProps {
  readonly fleet: FleetStatus
  readonly settings: FleetSettings
  readonly onChange: () => void
}

export function FleetCard({ fleet, settings, onChange }: FleetCardProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFleetChanged()
  const [isAskingLeave, leaving] = useDisclosure(false)
  const { state, heads, machines, unmet } = fleet
  const label = queueLabel(state)
  const why = state.kind === 'connecting' && state.why !== null ? describeFailure(state.why) : null
  const leave = async () => {
    leaving.close()
    await calls.fleet.leave()
    await changed()
  }
  return (
    <article className={css.card} aria-labelledby="fleet">
      <CardHead
        icon={IconServer2}
        id="fleet"
        title={t('conversion.fleet')}
        about={settings.isTrial ? t('machines.queueTrial') : t('machines.queueOn', { place: placeOf(settings.queue) })}
      >
        {label !== null && (
          <span className={css.state} data-queue={label} role="status">
            {t(`machines.queue.${label}`)}
          </span>
        )}
      </CardHead>
      {why !== null && (
        <Note icon={IconAlertTriangle} tone="warn">
          <strong>{why.message}</strong> {why.action} {t('machines.away')}
        </Note>
      )}
      {state.kind === 'connected' &&
        unmet.map(({ need, jobs }) => (
          <Note key={need} icon={IconHourglassHigh} tone="warn">
            {t('machines.unmet', { count: jobs, amount: countText(jobs), kind: needText(need, t) })}
          </Note>
        ))}
      <dl className={css.figures}>
        <div>
          <dt>{t('machines.storage')}</dt>
          {settings.storage.map((path) => (
            <dd key={path}>{path}</dd>
          ))}
        </div>
        <div>
          <dt>{t('machines.usedBy')}</dt>
          <dd>
            {heads > 1 ? t('machines.usedByMore', { count: heads - 1, amount: countText(heads - 1) }) : t('machines.usedByThis')}
          </dd>
        </div>
        {machines.length > 0 && (
          <div>
            <dt>{t('machines.title')}</dt>
            <dd>{countsText(machines, t)}</dd>
          </div>
        )}
      </dl>
      <p className={css.how}>{t('machines.how')}</p>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={onChange}>
          {t('machines.change')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={leaving.open}>
          {t('machines.leave')}
        </Button>
      </Group>
      <ConfirmDialog
        opened={isAskingLeave}
        onClose={leaving.close}
        title={t('machines.leaveTitle')}
        confirm={t('machines.leave')}
        tone="plain"
        onConfirm={() => guarded(leave)}
      >
        {t('machines.leaveWhy')}
      </ConfirmDialog>
    </article>
  )
}
