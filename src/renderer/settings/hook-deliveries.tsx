/** The deliveries of a hook, newest first: what each was about, where it stands and why. Apart, as they are only asked for once somebody looks. */
import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { HookEvent } from '../../shared/hook-events.ts'
import type { Delivery, Hook } from '../../shared/hooks.ts'
import { useBeside } from '../app/context.tsx'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { momentText, tookText } from '../ui/quantities.ts'
import { useDeliveries, useHooksChanged } from './hook-queries.ts'
import css from './hook-settings.module.css'

export function HookDeliveries({ hook }: { readonly hook: Hook }) {
  const { t } = useTranslation()
  const { deliveries, more } = useDeliveries(hook.id)
  if (deliveries === undefined) return null
  if (deliveries.length === 0) return <p className={css.none}>{t('hooks.nothing')}</p>
  return (
    <>
      {/* It scrolls, so the keyboard has to get there. */}
      <div className={css.scroller} role="region" tabIndex={0} aria-label={`${t('hooks.deliveries')}: ${hook.name}`}>
        <ul className={css.deliveries}>
          {deliveries.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      </div>
      {more !== null && (
        <Button size="compact-sm" variant="subtle" onClick={more}>
          {t('hooks.more')}
        </Button>
      )}
    </>
  )
}

function Row({ delivery: { id, event, state, createdAtMs } }: { readonly delivery: Delivery }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useHooksChanged()
  const about = aboutText(event, t)
  const detail = detailOf(state, t)
  return (
    <li data-phase={state.phase}>
      <div className={css.about}>
        <strong title={about}>{about}</strong>
        {detail !== null && <span>{detail}</span>}
      </div>
      <span className={css.phase}>{t(`hooks.phase.${state.phase}`)}</span>
      <time dateTime={new Date(createdAtMs).toISOString()}>{momentText(createdAtMs)}</time>
      <span className={css.do}>
        {(state.phase === 'given-up' || state.phase === 'failed') && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${t('hooks.again')}: ${about}`}
            onClick={() =>
              guarded(async () => {
                await calls.hooks.again({ ids: [id] })
                await changed()
              })
            }
          >
            {t('hooks.again')}
          </Button>
        )}
      </span>
    </li>
  )
}

function aboutText(event: HookEvent, t: TFunction): string {
  switch (event.about) {
    case 'job':
      return `${event.job.source.split(/[/\\]/).at(-1) ?? event.job.source} · ${t(`phase.${event.outcome}`)}`
    case 'batch':
      return t('hooks.batch', { id: event.batch.id, label: event.batch.label })
    case 'folder':
      return event.folder.path
  }
}

function detailOf(state: Delivery['state'], t: TFunction): string | null {
  switch (state.phase) {
    case 'due':
    case 'running':
      return null
    case 'delivered':
      return tookText(Math.max(100, state.answer.tookMs))
    case 'failed':
      return `${describeFailure(state.why).message} ${t('hooks.next', { time: momentText(state.dueAtMs) })}`
    case 'given-up':
      return describeFailure(state.why).message
  }
}
