/** The provider that is always there, and whether what it needs is installed. */
import { Button, Loader } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconDeviceDesktop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { families, type FormatId, factsOf } from '../../shared/formats.ts'
import { useBeside } from '../app/context.tsx'
import { describeCheck } from '../app/outcomes.ts'
import { usePairings } from '../app/queries.ts'
import { readBy, writtenBy } from '../add/pairings.ts'
import { FfmpegOffer, useFfmpeg } from './ffmpeg-offer.tsx'
import css from './providers.module.css'

const marks = { ok: IconCircleCheck, missing: IconCircleX, trouble: IconAlertTriangle }

export function ThisMachine() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const pairings = usePairings()
  const { data: checks, isFetching, refetch } = useQuery({ queryKey: ['doctor'], queryFn: async () => await calls.doctor() })
  const { ffmpeg } = useFfmpeg()
  const from = ffmpeg?.from
  useEffect(() => {
    if (from !== undefined) void refetch()
  }, [from, refetch])
  const isOffered = from === null
  const isWell = checks?.every(({ state }) => state === 'ok') ?? false
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
      <FormatTable name={t('providers.reads')} ids={readBy(pairings, 'local')} />
      <FormatTable name={t('providers.writes')} ids={writtenBy(pairings, 'local')} />
      <h3 className={css.part}>{t('providers.checks')}</h3>
      <FfmpegOffer />
      {checks === undefined ? (
        <p className={css.waiting} role="status">
          <Loader size="xs" aria-hidden /> {t('providers.checking')}
        </p>
      ) : (
        <ul className={css.checks}>
          {checks.map((check) => {
            const { of, state } = check
            const { what, found, action } = describeCheck(check)
            const Mark = marks[state]
            return (
              <li key={of === 'engine' || of === 'hardware' ? what : of} data-state={state}>
                <Mark size={18} stroke={1.8} aria-hidden />
                <strong>{what}</strong>
                <span className="visually-hidden">{t(state === 'trouble' ? 'providers.broken' : `providers.${state}`)}</span>
                <span className={css.found}>{found}</span>
                {action !== '' && !(isOffered && (of === 'ffmpeg' || of === 'ffprobe')) && (
                  <span className={css.action}>{action}</span>
                )}
              </li>
            )
          })}
        </ul>
      )}
    </article>
  )
}

/** Formats by family, as a short table. */
export function FormatTable({ name, ids }: { readonly name: string; readonly ids: readonly FormatId[] }) {
  const { t } = useTranslation()
  return (
    <>
      <h3 className={css.part}>{name}</h3>
      <dl className={css.formats}>
        {families
          .map((family) => ({ family, own: ids.filter((id) => factsOf(id).family === family) }))
          .filter(({ own }) => own.length > 0)
          .map(({ family, own }) => (
            <div key={family}>
              <dt>{t(`family.${family}`)}</dt>
              <dd>
                <Titles ids={own} />
              </dd>
            </div>
          ))}
      </dl>
    </>
  )
}

/** Of so many all are read at a glance. */
const maxShown = 14

function Titles({ ids }: { readonly ids: readonly FormatId[] }) {
  const { t } = useTranslation()
  const titles = ids.map((id) => factsOf(id).title)
  if (titles.length <= maxShown) return titles.join(' · ')
  return (
    <details>
      <summary>
        {titles.slice(0, maxShown).join(' · ')}{' '}
        <span className={css.rest}>{t('providers.moreFormats', { count: titles.length - maxShown })}</span>
      </summary>
      {titles.slice(maxShown).join(' · ')}
    </details>
  )
}
