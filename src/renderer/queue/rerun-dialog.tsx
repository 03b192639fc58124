/** The same source once more, as something else, with other options or by another provider; then what came of it beside the first. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import { nameOfOrder } from '../add/adding.ts'
import { useBeside } from '../app/context.tsx'
import { useAllPairings, usePairings } from '../app/queries.ts'
import { navigate } from '../app/location.ts'
import { offerOfOrders, optionsOf } from '../add/pairings.ts'
import { closeDialog, openDialog, useDialogs } from '../app/dialogs.ts'
import { Dialog } from '../ui/dialog.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { guarded } from '../app/outcomes.ts'
import { OptionsForm } from '../ui/options-form.tsx'
import { Maker } from '../providers/maker.tsx'
import { ProviderSelect } from '../providers/provider-select.tsx'

export function RerunDialog() {
  const { t } = useTranslation()
  const job = useDialogs(({ rerun }) => rerun)
  return (
    <Dialog opened={job !== null} onClose={() => closeDialog('rerun')} title={t('rerun.title')}>
      {job !== null && <RerunForm job={job} />}
    </Dialog>
  )
}

function RerunForm({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const { adding, calls } = useBeside()
  const pairings = usePairings()
  const [target, setTarget] = useState(job.order.target)
  const [options, setOptions] = useState(job.order.options)
  const [provider, setProvider] = useState(job.order.with)
  const all = useAllPairings()
  const offer = useMemo(() => offerOfOrders(all, [job.order]), [all, job])
  const run = async () => {
    const before = await calls.history.runs({ id: job.id })
    await adding.again([job], { target, options, with: provider })
    const runs = await calls.history.runs({ id: job.id })
    // What was refused is said by itself; what already waited with the very same order is one of the runs.
    if (job.state.phase === 'done' && runs.length > 1) openDialog({ runs: job })
    else if (runs.length > before.length) navigate('queue')
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        closeDialog('rerun')
        guarded(run)
      }}
    >
      <Stack>
        <Text c="dimmed" truncate>
          {nameOfOrder(job.order)}
        </Text>
        <FormatSelect
          label={t('rerun.format')}
          value={target}
          formats={offer}
          onChange={(chosen) => {
            setTarget(chosen)
            setOptions({})
          }}
        />
        <ProviderSelect
          label={t('details.provider')}
          value={provider}
          onChange={(chosen) => {
            setProvider(chosen)
            const known = new Set<string>(optionsOf(pairings, target, chosen).names)
            setOptions(Object.fromEntries(Object.entries(options).filter(([name]) => known.has(name))))
          }}
        />
        <Maker order={{ ...job.order, target, options, with: provider }} />
        <OptionsForm target={target} possible={optionsOf(pairings, target, provider)} options={options} onChange={setOptions} />
        <Group justify="flex-end">
          <Button type="submit">{t('rerun.confirm')}</Button>
        </Group>
      </Stack>
    </form>
  )
}
