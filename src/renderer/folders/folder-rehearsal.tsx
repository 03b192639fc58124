/** What a rule would do now, with nothing done. */
import { isOnlineProvider } from '../../shared/providers.ts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { IconArrowRight, IconCloudUp } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { toFailure } from '../../shared/failure.ts'
import type { RuleRehearsal, Rehearsed, Rule } from '../../shared/folders.ts'
import { lastPart } from '../add/adding.ts'
import { useBeside } from '../app/context.tsx'
import { bytesText, countText } from '../ui/quantities.ts'
import { describeFailure, describeWhy } from '../app/outcomes.ts'
import css from './folder-rehearsal.module.css'
import { amountText, providerName } from '../providers/provider-texts.ts'

const shown = 30

export interface RehearsalAnswer {
  readonly data: RuleRehearsal | undefined
  readonly error: unknown
  /** What is shown is that of the rule before. */
  readonly isOld: boolean
}

export function useRehearsal(rule: Rule, id: number | null): RehearsalAnswer {
  const { calls } = useBeside()
  const { data, error, isFetching } = useQuery({
    queryKey: ['rehearsal', rule, id],
    queryFn: async ({ signal }) => await calls.folders.rehearse({ rule, id, limit: shown }, { signal }),
    placeholderData: keepPreviousData,
    enabled: rule.path !== '',
    staleTime: 0,
    gcTime: 0,
  })
  return { data: error === null ? data : undefined, error, isOld: isFetching }
}

interface FolderRehearsalProps extends RehearsalAnswer {
  readonly path: string
  /** What can be chosen about the rehearsal. */
  readonly children?: ReactNode
}

export function FolderRehearsal({ path, data, error, isOld, children }: FolderRehearsalProps) {
  const { t } = useTranslation()
  const trouble = error === null ? null : describeFailure(toFailure(error)).message
  return (
    <section className={css.rehearsal} aria-label={t('folders.rehearsal')} aria-live="polite" data-old={isOld || undefined}>
      <h3>{t('folders.rehearsal')}</h3>
      {children}
      {path === '' ? (
        <p className={css.quiet}>{t('rule.rehearsalFirst')}</p>
      ) : trouble !== null ? (
        <p className={css.trouble}>{trouble}</p>
      ) : data === undefined ? (
        <p className={css.quiet}>{t('folders.rehearsing')}</p>
      ) : (
        <Answer data={data} root={path} />
      )}
    </section>
  )
}

function Answer({ data, root }: { readonly data: RuleRehearsal; readonly root: string }) {
  const { t } = useTranslation()
  const all = data.convert + data.later + data.leave
  return (
    <>
      <dl className={css.counts}>
        <div data-verdict="convert">
          <dd>{countText(data.convert)}</dd>
          <dt>{t('rule.verdict.convert')}</dt>
        </div>
        <div>
          <dd>{countText(data.later)}</dd>
          <dt>{t('rule.verdict.later')}</dt>
        </div>
        <div>
          <dd>{countText(data.leave)}</dd>
          <dt>{t('rule.verdict.leave')}</dt>
        </div>
      </dl>
      <p className={css.quiet}>
        {[
          ...(data.convert > 0 ? [bytesText(data.bytes)] : []),
          ...data.costs.map(({ provider, amount, unit }) => `${providerName(provider, t)}: ${amountText(amount, unit, t)}`),
          ...(data.unpriced > 0 ? [t('rule.unpriced', { count: data.unpriced })] : []),
          ...(data.convert > 0 && data.costs.length === 0 && data.unpriced === 0 ? [t('rule.free')] : []),
          ...(all === 0 ? [t('rule.noFiles')] : []),
        ].join(' · ')}
      </p>
      <ul className={css.files} aria-label={t('folders.rehearsal')} tabIndex={0}>
        {data.files.map((file) => (
          <FileLine key={file.path} file={file} root={root} />
        ))}
      </ul>
      {all > data.files.length && data.files.length > 0 && (
        <p className={css.quiet}>{t('rule.andMore', { count: all - data.files.length })}</p>
      )}
    </>
  )
}

function FileLine({ file: { path, verdict, why, outputs }, root }: { readonly file: Rehearsed; readonly root: string }) {
  const { t } = useTranslation()
  const name = path.startsWith(root) ? path.slice(root.length).replace(/^[/\\]/, '') : lastPart(path)
  return (
    <li data-verdict={verdict}>
      <strong title={path}>{name}</strong>
      {why !== null && <span>{describeWhy(why)}</span>}
      {outputs.map((output) => (
        <span key={output.path} className={css.output} title={output.path}>
          <IconArrowRight size={14} aria-label="→" />
          {lastPart(output.path)}
          {isOnlineProvider(output.provider) && (
            <em>
              <IconCloudUp size={14} aria-hidden /> {providerName(output.provider, t)}
              {output.cost !== null && ` · ${amountText(output.cost.amount, output.cost.unit, t)}`}
            </em>
          )}
        </span>
      ))}
    </li>
  )
}
