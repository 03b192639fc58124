/** What a rule would do now, with nothing done. */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { toFailure } from '../../shared/failure.ts'
import type { Rule } from '../../shared/folders.ts'
import { lastPart } from '../adding.ts'
import { useBeside } from '../beside.tsx'
import { bytesText } from '../figures.ts'
import { failureWords } from '../i18n/failures.ts'
import { whyWords } from '../i18n/whys.ts'
import css from './folder.module.css'

const shown = 8

export function FolderRehearsal({ rule, id }: { readonly rule: Rule; readonly id: number | null }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const { data, error } = useQuery({
    queryKey: ['rehearsal', rule, id],
    queryFn: async ({ signal }) => await calls.folders.rehearse({ rule, id, limit: shown }, { signal }),
    staleTime: 0,
    gcTime: 0,
  })
  return (
    <section className={css.rehearsal} aria-label={t('folders.rehearsal')} aria-live="polite">
      <h3>{t('folders.rehearsal')}</h3>
      {error !== null ? (
        <p>{failureWords(toFailure(error)).what}</p>
      ) : data === undefined ? (
        <p>{t('folders.rehearsing')}</p>
      ) : (
        <>
          <p>
            {t('folders.would', { convert: data.convert, later: data.later, leave: data.leave, bytes: bytesText(data.bytes) })}
          </p>
          <ul className={css.lines}>
            {data.files.map(({ path, verdict, why, outputs }) => (
              <li key={path} data-state={verdict}>
                <strong title={path}>{lastPart(path)}</strong>
                <span className={css.why}>
                  {why === null ? `→ ${outputs.map((output) => lastPart(output.path)).join(', ')}` : whyWords(why)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
