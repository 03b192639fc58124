/** What is run on a machine so that it joins the fleet. It has a key in it, so it is asked for when it is shown, and not kept. Apart, as a dialog. */
import { Loader, Stack, Text } from '@mantine/core'
import { IconInfoCircle, IconKey } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { toFailure } from '../../shared/failure.ts'
import type { FleetSettings } from '../../shared/fleet.ts'
import { useBeside } from '../app/context.tsx'
import { describeFailure } from '../app/outcomes.ts'
import { CopyWhole } from '../ui/copy-line.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Note } from '../ui/note.tsx'
import css from './machines.module.css'
import { hostHere, workerCommand } from './queue-address.ts'

interface JoinDialogProps {
  readonly opened: boolean
  /** Of the fleet that is set up. */
  readonly settings: FleetSettings | null
  readonly close: () => void
}

export function JoinDialog({ opened, settings, close }: JoinDialogProps) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened && settings !== null} onClose={close} title={t('machines.add')} size="lg">
      {settings !== null && <Join settings={settings} />}
    </Dialog>
  )
}

function Join({ settings: { queue, storage, isTrial } }: { readonly settings: FleetSettings }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const { data, error } = useQuery({
    queryKey: ['join-line', queue],
    queryFn: async () => (await calls.fleet.joinLine()).joinLine,
    staleTime: 0,
    gcTime: 0,
  })
  if (error !== null) return <Text role="alert">{describeFailure(toFailure(error)).message}</Text>
  if (data === undefined) return <Loader size="sm" aria-hidden />
  const host = isTrial ? null : hostHere(queue)
  return (
    <Stack gap="md">
      <Stack gap={6}>
        <Text>{t('machines.joinHelp')}</Text>
        <CopyWhole text={workerCommand(data, storage)} button={t('machines.copyCommand')} />
      </Stack>
      <Stack gap={6}>
        <h3 className={css.part}>{t('machines.joinLine')}</h3>
        <CopyWhole text={data} button={t('machines.copyLine')} />
      </Stack>
      <div>
        {isTrial && (
          <Note icon={IconInfoCircle} tone="calm">
            {t('machines.joinTrial')}
          </Note>
        )}
        {host !== null && (
          <Note icon={IconInfoCircle} tone="warn">
            {t('machines.joinLocal', { host })}
          </Note>
        )}
        <Note icon={IconKey} tone="warn">
          {t('machines.joinKey')}
        </Note>
      </div>
    </Stack>
  )
}
