/** Who is asked first by *Automatic*. Apart from its view, for moving by keyboard makes it a control of its own. */
import { ActionIcon } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconCloudUp, IconDeviceDesktop, IconServer2 } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ProviderStatus } from '../../shared/wire/contract.ts'
import type { ProviderId } from '../../shared/job.ts'
import { useProvidersChanged, useSettings } from '../app/queries.ts'
import { guarded } from '../app/outcomes.ts'
import css from './providers.module.css'
import { providerName, readinessOf, readinessText } from './provider-texts.ts'

export function ProviderOrder({ providers }: { readonly providers: readonly ProviderStatus[] }) {
  const { t } = useTranslation()
  const { settings, change } = useSettings()
  const changed = useProvidersChanged()
  const list = useRef<HTMLOListElement>(null)
  const [moved, setMoved] = useState<{ readonly id: ProviderId; readonly by: -1 | 1 } | null>(null)
  const ids = providers.map(({ id }) => id)
  const order = ids.join(' ')
  // A row that moves in the page loses the focus; who moves it by keyboard wants to continue.
  useEffect(() => {
    if (moved === null) return
    const row = list.current?.querySelector(`[data-provider='${moved.id}']`)
    const wanted = row?.querySelector<HTMLButtonElement>(`button[data-by='${moved.by}']:enabled`)
    ;(wanted ?? row?.querySelector<HTMLButtonElement>('button:enabled'))?.focus()
  }, [order, moved])
  const move = async (id: ProviderId, by: -1 | 1) => {
    const place = ids.indexOf(id)
    const shown = ids.with(place, ids[place + by] ?? id).with(place + by, id)
    await change({ providerOrder: [...reordered(settings?.providerOrder ?? [], shown)] })
    await changed()
    setMoved({ id, by })
  }
  return (
    <article className={css.card} aria-labelledby="order">
      <h2 id="order">{t('provider.order')}</h2>
      <p className={css.help}>{t('provider.orderWhy')}</p>
      <ol className={css.order} ref={list}>
        {providers.map((status, place) => {
          const { id, cloud } = status
          const name = providerName(id, t)
          const readiness = readinessOf(status)
          const Icon = cloud ? IconCloudUp : id === 'fleet' ? IconServer2 : IconDeviceDesktop
          const button = (by: -1 | 1) => (
            <ActionIcon
              variant="subtle"
              color="gray"
              data-by={by}
              disabled={ids[place + by] === undefined}
              aria-label={t(by === -1 ? 'provider.up' : 'provider.down', { name })}
              onClick={() => guarded(async () => await move(id, by))}
            >
              {by === -1 ? <IconArrowUp size={17} aria-hidden /> : <IconArrowDown size={17} aria-hidden />}
            </ActionIcon>
          )
          return (
            <li key={id} data-provider={id}>
              <span className={css.place}>{place + 1}</span>
              <Icon size={18} stroke={1.7} className={cloud ? css.online : css.here} aria-hidden />
              <strong>{name}</strong>
              <span className={css.health} data-readiness={readiness}>
                {readinessText(readiness, t)}
              </span>
              {button(-1)}
              {button(1)}
            </li>
          )
        })}
      </ol>
      <span className="visually-hidden" role="status">
        {moved !== null &&
          t('provider.moved', { name: providerName(moved.id, t), place: ids.indexOf(moved.id) + 1, count: ids.length })}
      </span>
    </article>
  )
}

/** Those that are not shown, like a fleet that is not set up, keep their places. */
export function reordered(before: readonly ProviderId[], shown: readonly ProviderId[]): readonly ProviderId[] {
  const left = [...shown]
  const order = before.map((id) => (shown.includes(id) ? (left.shift() ?? id) : id))
  return [...order, ...left]
}
