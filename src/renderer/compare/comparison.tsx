/**
 * Two things to look at beside each other: pictures, frames of the same instant, or audio, with what each of them is. Apart from the dialog,
 * as it can stand elsewhere.
 */
import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MediaFacts } from '../../shared/media.ts'
import { useBeside } from '../app/context.tsx'
import { AudioView } from './audio-view.tsx'
import { ComparedFacts } from './compared-facts.tsx'
import css from './comparison.module.css'
import type { ComparedFile, ComparedPair } from './compared.ts'
import { frameMsOf, kindsOf, movesFor, type Kind } from './kinds.ts'
import { SplitView } from './split-view.tsx'
import { Timeline } from './timeline.tsx'

/** It fills the place that it is put in. */
export function ComparisonView({ before, after }: ComparedPair) {
  const { t } = useTranslation()
  const facts = [useFacts(before), useFacts(after)] as const
  const [atMs, setAtMs] = useState(0)
  const [chosen, setKind] = useState<Kind | null>(null)
  const isLoading = facts.some((each) => each.isLoading)
  const known = [facts[0].data, facts[1].data] as const
  const kinds = kindsOf(known)
  const kind = chosen !== null && kinds.includes(chosen) ? chosen : (kinds[0] ?? null)
  const lastsMs = movesFor(known, [before, after])
  const isHdr = known.some((each) => each !== undefined && (each.video[0]?.hdr === true || isHdrImage(each)))
  return (
    <div className={css.comparison}>
      <ComparedFacts before={before} after={after} facts={known} />
      {isLoading && (
        <p className={css.hint} role="status">
          {t('media.loading')}
        </p>
      )}
      {!isLoading && kind === null && <p className={css.hint}>{t('comparison.nothing')}</p>}
      {kinds.length > 1 && (
        <SegmentedControl
          size="xs"
          className={css.kinds ?? ''}
          value={kind ?? 'picture'}
          onChange={(value) => setKind(value)}
          data={kinds.map((each) => ({ value: each, label: t(`comparison.kind.${each}`) }))}
          aria-label={t('comparison.kind.label')}
        />
      )}
      {!isLoading && kind === 'picture' && (
        <SplitView before={before} after={after} atMs={atMs}>
          {lastsMs !== null && <Timeline atMs={atMs} lastsMs={lastsMs} frameMs={frameMsOf(known)} onChange={setAtMs} />}
          {isHdr && <span className={css.hint}>{t('comparison.hdr')}</span>}
        </SplitView>
      )}
      {!isLoading && kind === 'audio' && <AudioView before={before} after={after} />}
    </div>
  )
}

const [transferPq, transferHlg] = [16, 18]

function isHdrImage({ image }: MediaFacts): boolean {
  const transfer = image?.cicp?.transfer
  return transfer === transferPq || transfer === transferHlg
}

function useFacts({ file, absence }: ComparedFile) {
  const { calls } = useBeside()
  return useQuery({
    queryKey: ['inspection', file],
    queryFn: async ({ signal }) => await calls.media.look(file, { signal }),
    enabled: absence === null,
    retry: false,
    gcTime: 0,
  })
}
