/** Who converts: what each one can do, and whether it is in order. */
import { Badge, Button, Loader } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconDeviceDesktop, IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { families, formatIds, formats, type FormatId } from '../../shared/formats.ts'
import { useBeside, usePairings } from '../beside.tsx'
import { FormatSelect } from '../parts/format-select.tsx'
import { targetsOf } from '../possible.ts'
import css from './providers.module.css'

export function ProvidersView() {
  const { t } = useTranslation()
  return (
    <div className={css.page}>
      <h1 className={css.title}>{t('providers.title')}</h1>
      <p className={css.intro}>{t('providers.intro')}</p>
      <ThisMachine />
      <Finder />
    </div>
  )
}

const marks = { ok: IconCircleCheck, missing: IconCircleX, trouble: IconAlertTriangle }

function ThisMachine() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const pairings = usePairings().filter(({ provider }) => provider === 'local')
  const { data: checks, isFetching, refetch } = useQuery({ queryKey: ['doctor'], queryFn: async () => await calls.doctor() })
  const isWell = checks?.every(({ state }) => state === 'ok') ?? false
  const reads = formatIds.filter((id) => pairings.some(({ from }) => from.includes(id)))
  const writes = formatIds.filter((id) => pairings.some(({ to }) => to.includes(id)))
  return (
    <article className={css.card} aria-labelledby="local">
      <header className={css.head}>
        <span className={css.icon}>
          <IconDeviceDesktop size={22} stroke={1.6} aria-hidden />
        </span>
        <div className={css.names}>
          <h2 id="local">{t('providers.local')}</h2>
          <p>{t('providers.localWhy')}</p>
        </div>
        {checks !== undefined && (
          <span className={css.health} data-well={isWell || undefined}>
            {t(isWell ? 'providers.ready' : 'providers.trouble')}
          </span>
        )}
        <Button variant="default" size="compact-sm" onClick={() => void refetch()} disabled={isFetching}>
          {t(isFetching ? 'providers.checking' : 'providers.checkAgain')}
        </Button>
      </header>
      <FormatTable name={t('providers.reads')} ids={reads} />
      <FormatTable name={t('providers.writes')} ids={writes} />
      <h3 className={css.part}>{t('providers.checks')}</h3>
      {checks === undefined ? (
        <p className={css.waiting} role="status">
          <Loader size="xs" aria-hidden /> {t('providers.checking')}
        </p>
      ) : (
        <ul className={css.checks}>
          {checks.map(({ what, state, found, action }) => {
            const Mark = marks[state]
            return (
              <li key={what} data-state={state}>
                <Mark size={18} stroke={1.8} aria-hidden />
                <strong>{what}</strong>
                <span className="unseen">{t(state === 'trouble' ? 'providers.broken' : `providers.${state}`)}</span>
                <span className={css.found}>{found}</span>
                {action !== '' && <span className={css.action}>{action}</span>}
              </li>
            )
          })}
        </ul>
      )}
    </article>
  )
}

function FormatTable({ name, ids }: { readonly name: string; readonly ids: readonly FormatId[] }) {
  const { t } = useTranslation()
  return (
    <>
      <h3 className={css.part}>{name}</h3>
      <dl className={css.formats}>
        {families
          .map((family) => ({ family, own: ids.filter((id) => formats[id].family === family) }))
          .filter(({ own }) => own.length > 0)
          .map(({ family, own }) => (
            <div key={family}>
              <dt>{t(`family.${family}`)}</dt>
              <dd>{own.map((id) => formats[id].title).join(' · ')}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

function Finder() {
  const { t } = useTranslation()
  const pairings = usePairings()
  const [from, setFrom] = useState<FormatId>('wav')
  const sources = formatIds.filter((id) => pairings.some((pairing) => pairing.from.includes(id)))
  return (
    <article className={css.card} aria-labelledby="finder">
      <h2 id="finder">{t('providers.find')}</h2>
      <div className={css.finder}>
        <FormatSelect label={t('providers.findFrom')} value={from} formats={sources} onChange={setFrom} />
        <span>{t('providers.becomes')}</span>
      </div>
      <div className={css.badges}>
        {targetsOf(pairings, [from]).map((id) => (
          <Badge
            key={id}
            variant="light"
            color={formats[id].family === 'audio' ? 'petrol' : 'gray'}
            tt="none"
            size="lg"
            radius="sm"
          >
            {formats[id].title}
          </Badge>
        ))}
      </div>
    </article>
  )
}
