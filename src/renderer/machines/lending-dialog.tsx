/** How this computer is lent: to which fleet, with which folders, under which name, and when. The join line is given once, and shown nowhere. */
import { Button, Group, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toFailure, type Failure } from '../../shared/failure.ts'
import type { LendingStatus, LendRequest } from '../../shared/lending.ts'
import { useBeside } from '../app/context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { HoursField } from '../ui/hours-field.tsx'
import { useLendingChanged } from './fleet-queries.ts'
import { Refusal } from './refusal.tsx'
import { StorageFields } from './storage-fields.tsx'

interface LendingDialogProps {
  readonly opened: boolean
  readonly lending: LendingStatus
  readonly close: () => void
}

export function LendingDialog({ opened, lending, close }: LendingDialogProps) {
  const { t } = useTranslation()
  return (
    <Dialog
      opened={opened}
      onClose={close}
      title={t(lending.settings === null ? 'machines.lending.title' : 'machines.lending.changeTitle')}
      size="lg"
    >
      {opened && <Fields lending={lending} close={close} />}
    </Dialog>
  )
}

function Fields({ lending: { settings, hostName, canTellIdle }, close }: Omit<LendingDialogProps, 'opened'>) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useLendingChanged()
  const [wanted, setWanted] = useState<LendRequest>({
    joinLine: settings === null ? '' : null,
    storage: [...(settings?.storage ?? [''])],
    name: settings?.name ?? hostName,
    hours: settings?.hours ?? [],
    onMains: settings?.onMains ?? false,
    whenIdle: settings?.whenIdle ?? false,
  })
  const [isBusy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<Failure | null>(null)
  const set = (change: Partial<LendRequest>) => setWanted((before) => ({ ...before, ...change }))
  const { joinLine, name, hours, onMains, whenIdle } = wanted
  const storage = wanted.storage.map((path) => path.trim()).filter((path) => path !== '')
  const isReady = joinLine?.trim() !== '' && storage.length > 0 && name.trim() !== ''
  const submit = async () => {
    setBusy(true)
    setTrouble(null)
    try {
      await calls.fleet.lend({ ...wanted, joinLine: joinLine?.trim() ?? null, storage })
      await changed()
      close()
    } catch (error) {
      setTrouble(toFailure(error))
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady && !isBusy) void submit()
      }}
    >
      <Stack gap="lg">
        {joinLine !== null && (
          <TextInput
            label={t('machines.joinLine')}
            description={t('machines.lending.joinLineHelp')}
            placeholder="beside://1a2b3c@nas:5432/beside#…"
            value={joinLine}
            onChange={(event) => set({ joinLine: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
            maxLength={4000}
            data-autofocus
          />
        )}
        <StorageFields
          help={t('machines.lending.storageHelp')}
          storage={wanted.storage}
          setStorage={(paths) => set({ storage: [...paths] })}
        />
        <TextInput
          label={t('machines.lending.name')}
          value={name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
        />
        <HoursField hours={hours} onChange={(now) => set({ hours: [...now] })} />
        <Stack gap="sm">
          <Switch
            label={t('machines.lending.onMains')}
            checked={onMains}
            onChange={(event) => set({ onMains: event.currentTarget.checked })}
          />
          {(canTellIdle || whenIdle) && (
            <Switch
              label={t('machines.lending.whenIdle')}
              description={t('machines.lending.whenIdleHelp')}
              checked={whenIdle}
              onChange={(event) => set({ whenIdle: event.currentTarget.checked })}
            />
          )}
        </Stack>
        {trouble !== null && <Refusal why={trouble} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={!isReady} loading={isBusy}>
            {t(settings === null ? 'machines.lending.lend' : 'common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
