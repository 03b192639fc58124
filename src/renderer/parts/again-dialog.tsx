/** The same source once more, as something else or with other options. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import { nameOfSource } from '../adding.ts'
import { useBeside, usePairings } from '../beside.tsx'
import { go } from '../place.ts'
import { allTargets, optionsOf, targetsOf } from '../possible.ts'
import { changes } from './asked.ts'
import { FormatSelect } from './format-select.tsx'
import { OptionsForm } from './options-form.tsx'

export function AgainDialog() {
  const { t } = useTranslation()
  const job = changes.use()
  return (
    <Modal
      opened={job !== null}
      onClose={changes.close}
      title={t('changes.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      centered
    >
      {job !== null && <AgainForm job={job} />}
    </Modal>
  )
}

function AgainForm({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const { adding } = useBeside()
  const pairings = usePairings()
  const [target, setTarget] = useState(job.order.target)
  const [options, setOptions] = useState(job.order.options)
  const targets = job.order.from === null ? allTargets(pairings) : targetsOf(pairings, [job.order.from])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void adding.again([job], { target, options })
        changes.close()
        go('queue')
      }}
    >
      <Stack>
        <Text c="dimmed" truncate>
          {nameOfSource(job.order.source)}
        </Text>
        <FormatSelect
          label={t('changes.format')}
          value={target}
          formats={targets}
          onChange={(chosen) => {
            setTarget(chosen)
            setOptions({})
          }}
        />
        <OptionsForm names={optionsOf(pairings, target, job.order.with)} options={options} onChange={setOptions} />
        <Group justify="flex-end">
          <Button type="submit">{t('changes.go')}</Button>
        </Group>
      </Stack>
    </form>
  )
}
