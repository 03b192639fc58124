/** The runs of one source that repeat each other, as they come and go. */
import { Button } from '@mantine/core'
import { IconScale } from '@tabler/icons-react'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import { useBeside } from '../app/context.tsx'
import { compared } from '../app/dialogs.ts'

export function useRuns({ id, repeats = id }: Job): readonly Job[] | undefined {
  const { calls, live } = useBeside()
  const client = useQueryClient()
  const key = ['runs', repeats]
  const { data } = useQuery({
    queryKey: key,
    queryFn: async () => await calls.history.runs({ id }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  })
  useEffect(
    () =>
      live.onChanges((changes) => {
        const isOurs = changes.some((change) => change.type === 'job' && (change.job.repeats ?? change.job.id) === repeats)
        if (isOurs) void client.invalidateQueries({ queryKey: ['runs', repeats] })
      }),
    [client, live, repeats],
  )
  return data
}

/** In the details of a job: how many runs its source had, where there were several. */
export function RunsFact({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const runs = useRuns(job) ?? []
  if (runs.length < 2) return null
  return (
    <>
      <dt>{t('compare.runs')}</dt>
      <dd>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconScale size={15} aria-hidden />}
          onClick={() => compared.open(job)}
          style={{ alignSelf: 'start' }}
        >
          {t('compare.number', { count: runs.length })}
        </Button>
      </dd>
    </>
  )
}
