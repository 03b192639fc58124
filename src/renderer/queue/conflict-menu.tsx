/** What to do with all jobs of a batch that wait because the name of their result is taken: asked once instead of for each. */
import { Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFileAlert, IconFiles, IconPlayerSkipForward, IconReplace } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Batch } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { guarded } from './job-actions.ts'
import { RowButton } from './row-button.tsx'

/** Enough to know whether there is one: others wait for money. */
const looked = 200

export function ClashMenu({ batch, isFocused }: { readonly batch: Batch; readonly isFocused: boolean }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [isOpen, setOpen] = useState(false)
  const [isSure, { open, close }] = useDisclosure(false)
  const { data: clashes = 0 } = useQuery({
    queryKey: ['clashes', batch.id, batch.totals.waiting],
    queryFn: async () => {
      const { jobs } = await calls.jobs.list({ phases: ['waiting'], batchId: batch.id, after: null, limit: looked })
      return jobs.filter(({ state }) => state.phase === 'waiting' && state.why.code === 'output-exists').length
    },
  })
  if (clashes === 0) return null
  const settle = (as: 'number' | 'skip' | 'overwrite') => () =>
    guarded(async () => {
      close()
      await calls.jobs.settleClash({ selection: { kind: 'batch', batchId: batch.id }, as })
    })
  const title = t('nameConflict.title')
  return (
    <>
      <Menu opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <RowButton
            icon={IconFileAlert}
            title={title}
            label={`${title}: ${batch.label}`}
            tabIndex={isFocused ? 0 : -1}
            onClick={() => setOpen(!isOpen)}
          />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFiles size={16} aria-hidden />} onClick={settle('number')}>
            {t('nameConflict.number')}
          </Menu.Item>
          <Menu.Item leftSection={<IconPlayerSkipForward size={16} aria-hidden />} onClick={settle('skip')}>
            {t('nameConflict.skip')}
          </Menu.Item>
          <Menu.Item leftSection={<IconReplace size={16} aria-hidden />} onClick={open}>
            {t('nameConflict.overwrite')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={isSure}
        onClose={close}
        title={t('nameConflict.confirmTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
        centered
      >
        <Stack>
          <Text>{t('nameConflict.confirmWhy')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('common.cancel')}
            </Button>
            <Button color="red" onClick={settle('overwrite')}>
              {t('nameConflict.confirm')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
