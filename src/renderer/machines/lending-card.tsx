/** This computer as a machine of somebody's fleet: how it stands, what it does, and what can be done about it. */
import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconDeviceDesktopShare, IconHourglassHigh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { LendingSettings, LendingStatus } from '../../shared/lending.ts'
import { useBeside } from '../app/context.tsx'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Note } from '../ui/note.tsx'
import { countText } from '../ui/quantities.ts'
import { CardHead } from './card-head.tsx'
import { Checks } from './checks.tsx'
import { useLending, useLendingChanged } from './fleet-queries.ts'
import { LendingDialog } from './lending-dialog.tsx'
import { lendingLabel, restText, termsTexts } from './lending-texts.ts'
import { tasksOf } from './machine-texts.ts'
import css from './machines.module.css'
import { placeOf } from './queue-address.ts'
import { Task } from './task.tsx'

export function LendingCard() {
  const { t } = useTranslation()
  const lending = useLending()
  const [isOpen, form] = useDisclosure(false)
  if (lending === undefined) return null
  const { settings } = lending
  return (
    <article className={css.card} aria-labelledby="lending">
      {settings === null ? (
        <>
          <CardHead
            icon={IconDeviceDesktopShare}
            id="lending"
            title={t('machines.lending.title')}
            about={t('machines.lending.why')}
          />
          <Button size="compact-sm" variant="default" className={css.below ?? ''} onClick={form.open}>
            {t('machines.lending.title')}…
          </Button>
        </>
      ) : (
        <Lent lending={lending} settings={settings} onChange={form.open} />
      )}
      <LendingDialog opened={isOpen} lending={lending} close={form.close} />
    </article>
  )
}

interface LentProps {
  readonly lending: LendingStatus
  readonly settings: LendingSettings
  readonly onChange: () => void
}

function Lent({ lending, settings, onChange }: LentProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useLendingChanged()
  const [isAsking, stopping] = useDisclosure(false)
  const { state, doneLately } = lending
  const label = lendingLabel(lending, t)
  const why = state.kind === 'connecting' && state.why !== null ? describeFailure(state.why) : null
  const rest = restText(lending, t)
  const trouble = state.kind === 'unfit' ? state.checks.filter((line) => line.state === 'trouble') : []
  const stop = async () => {
    stopping.close()
    await calls.fleet.endLending()
    await changed()
  }
  return (
    <>
      <CardHead
        icon={IconDeviceDesktopShare}
        id="lending"
        title={t('machines.lending.this')}
        about={t('machines.lending.as', { name: settings.name, place: placeOf(settings.queue) })}
      >
        <span className={css.state} data-tone={label.tone} role="status">
          {label.text}
        </span>
      </CardHead>
      {why !== null && (
        <Note icon={IconAlertTriangle} tone="warn">
          <strong>{why.message}</strong> {why.action} {t('machines.lending.away')}
        </Note>
      )}
      {rest !== null && (
        <Note icon={IconHourglassHigh} tone="calm">
          {rest}
        </Note>
      )}
      {trouble.length > 0 && (
        <div className={css.unfit}>
          <Checks lines={trouble} />
          <p className={css.help}>{t('machines.lending.unfit')}</p>
        </div>
      )}
      {lending.doing.length > 0 && (
        <div className={css.lent}>
          {tasksOf(lending).map((task, index) => (
            <Task key={`${task.sinceMs} ${index}`} task={task} />
          ))}
        </div>
      )}
      <dl className={css.figures}>
        <div>
          <dt>{t('machines.storage')}</dt>
          {settings.storage.map((path) => (
            <dd key={path}>{path}</dd>
          ))}
        </div>
        <div>
          <dt>{t('machines.lending.takes')}</dt>
          {termsTexts(settings, t).map((text) => (
            <dd key={text}>{text}</dd>
          ))}
        </div>
        <div>
          <dt>{t('machines.lending.done')}</dt>
          <dd>{t('machines.lending.files', { count: doneLately, amount: countText(doneLately) })}</dd>
        </div>
      </dl>
      <Group gap="xs" className={css.below ?? ''}>
        <Button size="compact-sm" variant="default" onClick={onChange}>
          {t('machines.change')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={stopping.open}>
          {t('machines.lending.stop')}
        </Button>
      </Group>
      <ConfirmDialog
        opened={isAsking}
        onClose={stopping.close}
        title={t('machines.lending.stopTitle')}
        confirm={t('machines.lending.stop')}
        tone="plain"
        onConfirm={() => guarded(stop)}
      >
        {t('machines.lending.stopWhy')}
      </ConfirmDialog>
    </>
  )
}
