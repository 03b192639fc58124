/** What a folder has seen, a line for each file, and why it stands where it stands. */
import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Folder } from '../../shared/folders.ts'
import { useBeside } from '../beside.tsx'
import { momentText } from '../figures.ts'
import { whyWords } from '../i18n/whys.ts'
import { useFoldersChanged } from '../watched.ts'
import css from './folder.module.css'
import { guarded } from './job-actions.ts'

const atOnce = 50
const most = 1000

export function FolderLedger({ folder }: { readonly folder: Folder }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFoldersChanged()
  const [limit, setLimit] = useState(atOnce)
  const query = { folderId: folder.id, states: [], text: '' }
  const page = useQuery({
    queryKey: ['sightings', folder.id, limit],
    queryFn: async () => await calls.folders.sightings({ query, after: null, limit }),
    placeholderData: keepPreviousData,
  }).data
  if (page === undefined) return null
  if (page.sightings.length === 0) return <p className={css.none}>{t('folders.nothing')}</p>
  return (
    <>
      <ul className={css.lines} aria-label={t('folders.ledger')}>
        {page.sightings.map(({ id, path, state, why, sinceMs }) => (
          <li key={id} data-state={state}>
            <strong title={path}>{path.slice(folder.rule.path.length + 1)}</strong>
            <span className={css.state}>{t(`folders.state.${state}`)}</span>
            <span className={css.why}>{whyWords(why)}</span>
            <time dateTime={new Date(sinceMs).toISOString()}>{momentText(sinceMs)}</time>
            {state !== 'queued' && state !== 'waiting' && (
              <Button
                size="compact-xs"
                variant="subtle"
                aria-label={`${t('folders.again')}: ${path}`}
                onClick={() =>
                  guarded(async () => {
                    await calls.folders.again({ ids: [id] })
                    await changed()
                  })
                }
              >
                {t('folders.again')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {page.next !== null && limit < most && (
        <Button size="compact-sm" variant="subtle" onClick={() => setLimit(Math.min(most, limit * 4))}>
          {t('folders.more')}
        </Button>
      )}
    </>
  )
}
