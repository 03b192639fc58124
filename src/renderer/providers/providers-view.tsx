/** Who converts: what each one can do, whether it is in order, and who is asked first. Apart, as a page of the window. */
import { Badge } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type FormatId, factsOf } from '../../shared/formats.ts'
import { usePairings, useProviders } from '../app/queries.ts'
import { FormatSelect } from '../ui/format-select.tsx'
import { ProviderCard } from './provider-card.tsx'
import { isOnline } from './provider-texts.ts'
import { ProviderOrder } from './provider-order.tsx'
import { ThisMachine } from './this-machine.tsx'
import { allSources, targetsOf } from '../add/pairings.ts'
import css from './providers.module.css'

export function ProvidersView() {
  const { t } = useTranslation()
  const providers = useProviders()
  return (
    <div className={css.page}>
      <h1 className={css.title}>{t('providers.title')}</h1>
      <p className={css.intro}>{t('providers.intro')}</p>
      {providers.length > 0 && <ProviderOrder providers={providers} />}
      <ThisMachine />
      {providers.filter(isOnline).map((status) => (
        <ProviderCard key={status.id} status={status} />
      ))}
      <Finder />
    </div>
  )
}

function Finder() {
  const { t } = useTranslation()
  const pairings = usePairings()
  const [from, setFrom] = useState<FormatId>('wav')
  const sources = allSources(pairings)
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
            color={factsOf(id).family === 'audio' ? 'petrol' : 'gray'}
            tt="none"
            size="lg"
            radius="sm"
          >
            {factsOf(id).title}
          </Badge>
        ))}
      </div>
    </article>
  )
}
