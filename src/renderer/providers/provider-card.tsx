/** An online provider: what it does and costs, its key and account, and what it may spend. */
import { Button, Select, Switch } from '@mantine/core'
import { IconAlertTriangle, IconCloudUp } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf, toFailure, type Failure } from '../../shared/failure.ts'
import type { OnlineProviderId } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { usePairings, useProvidersChanged } from '../app/queries.ts'
import { momentText } from '../ui/quantities.ts'
import { describeFailure } from '../app/outcomes.ts'
import { readBy, writtenBy } from '../add/pairings.ts'
import { FormatTable } from './this-machine.tsx'
import own from './provider-card.module.css'
import { ProviderCaps, ProviderKey } from './provider-account.tsx'
import css from './providers.module.css'
import { amountText, providerName, readinessOf, readinessText, units, type OnlineStatus } from './provider-texts.ts'
import { TextField } from '../ui/fields.tsx'

/** Their names are the provider's own. */
const musicgptPlans = [
  { value: 'free', label: 'Free' },
  { value: 'plus', label: 'Plus' },
  { value: 'pro', label: 'Pro' },
]

export function ProviderCard({ status }: { readonly status: OnlineStatus }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useProvidersChanged()
  const [trouble, setTrouble] = useState<Failure | null>(null)
  const [isChecking, setChecking] = useState(false)
  const { id, enabled, hasKey, unready } = status
  const name = providerName(id, t)
  const readiness = readinessOf(status)
  const act = async (work: () => Promise<unknown>) => {
    setTrouble(null)
    try {
      await work()
    } catch (error) {
      setTrouble(toFailure(error))
    }
    await changed()
  }
  const check = async () => {
    setChecking(true)
    await act(async () => await calls.providers.check({ id }))
    setChecking(false)
  }
  const shown = trouble ?? (readiness === 'trouble' ? unready : null)
  return (
    <article className={css.card} aria-labelledby={id}>
      <header className={css.head}>
        <span className={css.icon} data-cloud>
          <IconCloudUp size={22} stroke={1.6} aria-hidden />
        </span>
        <div className={css.names}>
          <h2 id={id}>{name}</h2>
          <p>{t(`provider.about.${id}`)}</p>
        </div>
        <span className={css.health} data-readiness={readiness}>
          {readinessText(readiness, t)}
        </span>
        <Button
          variant="default"
          size="compact-sm"
          disabled={isChecking || !hasKey}
          aria-label={`${t(isChecking ? 'providers.checking' : 'providers.checkAgain')}: ${name}`}
          onClick={() => void check()}
        >
          {t(isChecking ? 'providers.checking' : 'providers.checkAgain')}
        </Button>
        <Switch
          aria-label={t('provider.use', { name })}
          checked={enabled}
          onChange={({ currentTarget: { checked } }) => void act(async () => await calls.providers.set({ id, enabled: checked }))}
        />
      </header>
      <p className={own.privacy}>
        <span className={own.leaves}>
          <IconCloudUp size={14} aria-hidden /> {t('provider.cloud')}
        </span>
        {t(`provider.price.${id}`)}
      </p>
      <div role="status">
        {shown !== null && (
          <div className={own.trouble}>
            <IconAlertTriangle size={18} aria-hidden />
            <div>
              <strong>{describeFailure(shown).message}</strong>
              <p>{factsOf(shown)['hint'] ?? describeFailure(shown).action}</p>
            </div>
          </div>
        )}
        {(hasKey || status.spent.month > 0) && <Money status={status} />}
      </div>
      <ProviderKey status={status} act={act} />
      {/* Who has a key comes for these; who has none wants to be done with it. */}
      <details className={own.more} open={hasKey}>
        <summary>{t('provider.more')}</summary>
        <div className={own.fields}>
          <TextField
            label={t('provider.address')}
            description={t('provider.addressHelp')}
            value={status.baseUrl}
            onChange={(baseUrl) => void act(async () => await calls.providers.set({ id, baseUrl: baseUrl.trim() }))}
          />
          {id === 'musicgpt' && (
            <Select
              label={t('provider.plan')}
              description={t('provider.planHelp')}
              data={musicgptPlans}
              value={status.plan === '' ? 'free' : status.plan}
              onChange={(plan) => void act(async () => await calls.providers.set({ id, plan: plan ?? '' }))}
              allowDeselect={false}
            />
          )}
        </div>
        <ProviderCaps status={status} act={act} />
      </details>
      <Converts id={id} />
    </article>
  )
}

function Money({ status: { id, account, spent } }: { readonly status: OnlineStatus }) {
  const { t } = useTranslation()
  const unit = units[id]
  return (
    <dl className={own.money}>
      <Figure name={t('provider.account')}>
        {account === null ? (
          t('provider.neverChecked')
        ) : (
          <>
            <strong>
              {account.left === null
                ? t('provider.keyWorks')
                : account.left === 'unlimited'
                  ? t('provider.unlimited')
                  : t('provider.left', { amount: amountText(account.left.amount, account.left.unit, t) })}
            </strong>
            <small>
              {[
                account.plan,
                account.left === null ? t('provider.leftUnknown') : null,
                t('provider.asOf', { time: momentText(account.askedAtMs) }),
              ]
                .filter((part) => part !== null)
                .join(' · ')}
            </small>
          </>
        )}
      </Figure>
      {unit !== null && (
        <>
          <Figure name={t('provider.spentDay')}>{amountText(spent.day, unit, t)}</Figure>
          <Figure name={t('provider.spentMonth')}>{amountText(spent.month, unit, t)}</Figure>
        </>
      )}
    </dl>
  )
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Converts({ id }: { readonly id: OnlineProviderId }) {
  const { t } = useTranslation()
  const pairings = usePairings()
  const reads = readBy(pairings, id)
  return (
    <details className={own.more}>
      <summary>{t('provider.converts')}</summary>
      {reads.length === 0 ? (
        <p>{t('provider.convertsLater')}</p>
      ) : (
        <>
          <FormatTable name={t('providers.reads')} ids={reads} />
          <FormatTable name={t('providers.writes')} ids={writtenBy(pairings, id)} />
        </>
      )}
    </details>
  )
}
