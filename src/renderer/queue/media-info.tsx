/** What is in the original and in the result, side by side. */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import { mediaLines, type MediaLine } from '../../shared/media-lines.ts'
import type { Side } from '../../shared/thumbnails.ts'
import { useBeside } from '../app/context.tsx'
import { outcomeTexts } from '../app/outcomes.ts'
import { bytesText, countText, lengthText } from '../ui/quantities.ts'
import css from './media-info.module.css'

export function MediaInfo({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const hasResult = job.state.phase === 'done' && job.state.outputs.length > 0
  const source = useInspection(job, 'source', job.order.source.kind === 'file')
  const output = useInspection(job, 'output', hasResult)
  if (source.isLoading || output.isLoading) {
    return (
      <p className={css.loading} role="status">
        {t('media.loading')}
      </p>
    )
  }
  const rows = comparison(linesOf(source.data), linesOf(output.data))
  if (rows.length === 0) return null
  const isCompared = output.data !== undefined
  return (
    <table className={css.table}>
      <caption className={css.title}>{t('media.title')}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t('media.original')}</th>
          {isCompared && <th scope="col">{t('media.result')}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, before, after }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td>
              <Values values={before} />
            </td>
            {isCompared && (
              <td>
                <Values values={after} before={before} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What the original does not say as well is marked. */
function Values({ values, before = values }: { readonly values: readonly string[]; readonly before?: readonly string[] }) {
  const shown = values.length === 0 ? ['–'] : values
  const isMarked = (value: string) => (values.length === 0 ? before.length > 0 : !before.includes(value))
  return shown.map((value, index) => (
    <div key={index} data-changed={isMarked(value) || undefined}>
      {value}
    </div>
  ))
}

function useInspection(job: Job, of: Side, isThere: boolean) {
  const { calls } = useBeside()
  return useQuery({
    queryKey: ['inspection', { jobId: job.id, of }],
    queryFn: async ({ signal }) => await calls.media.look({ jobId: job.id, of }, { signal }),
    enabled: isThere,
    gcTime: 0,
  })
}

const figures = { bytes: bytesText, length: lengthText, number: countText }

function linesOf(facts: MediaFacts | undefined): readonly MediaLine[] {
  return facts === undefined ? [] : mediaLines(facts, { texts: outcomeTexts(), figures, maxValues: 6, maxText: 160 })
}

interface Row {
  readonly key: string
  readonly label: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** What both hold stands in one row; the rest of the result comes where the result has it. */
function comparison(source: readonly MediaLine[], result: readonly MediaLine[]): readonly Row[] {
  const keys = [...source.map(({ key }) => key)]
  for (const [index, { key }] of result.entries()) {
    if (keys.includes(key)) continue
    const previous = keys.indexOf(result[index - 1]?.key ?? '')
    keys.splice(previous + 1, 0, key)
  }
  const find = (lines: readonly MediaLine[], wanted: string) => lines.find(({ key }) => key === wanted)
  return keys.map((key) => {
    const [before, after] = [find(source, key), find(result, key)]
    return { key, label: (before ?? after)?.label ?? '', before: before?.values ?? [], after: after?.values ?? [] }
  })
}
