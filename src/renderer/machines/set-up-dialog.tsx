/** A fleet as it is set up or changed: the folders that all machines see, and the PostgreSQL that carries the work. */
import { Button, Group, PasswordInput, Radio, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toFailure, type Failure } from '../../shared/failure.ts'
import { isSameEntry, type FleetSettings } from '../../shared/fleet.ts'
import { useBeside } from '../app/context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useFleetChanged } from './fleet-queries.ts'
import css from './machines.module.css'
import { joinAddress, splitAddress } from './queue-address.ts'
import { Refusal } from './refusal.tsx'
import { StorageFields } from './storage-fields.tsx'

/** `trial`: a PostgreSQL that Beside starts; `own`: one that is there. */
type How = 'trial' | 'own'

export interface SetUpStart {
  /** Of the fleet that is changed; null: none is set up. */
  readonly settings: FleetSettings | null
  readonly how: How
}

interface SetUpDialogProps {
  /** What the form begins with; null: it is shut. */
  readonly start: SetUpStart | null
  readonly close: () => void
  readonly onSetUp: () => void
}

export function SetUpDialog({ start, close, onSetUp }: SetUpDialogProps) {
  const { t } = useTranslation()
  return (
    <Dialog
      opened={start !== null}
      onClose={close}
      title={t(start === null || start.settings === null ? 'machines.setUp' : 'machines.changeTitle')}
      size="lg"
    >
      {start !== null && <Fields start={start} close={close} onSetUp={onSetUp} />}
    </Dialog>
  )
}

function Fields({ start, close, onSetUp }: SetUpDialogProps & { readonly start: SetUpStart }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFleetChanged()
  const { settings } = start
  const [storage, setStorage] = useState<readonly string[]>(settings?.storage ?? [''])
  const [how, setHow] = useState<How>(start.how)
  const [address, setAddress] = useState(settings === null || settings.isTrial ? '' : settings.queue)
  const [password, setPassword] = useState('')
  const hasPassword = settings !== null && !settings.isTrial && isSameEntry(address.trim(), settings.queue)
  const [isBusy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<Failure | null>(null)
  const folders = storage.map((path) => path.trim()).filter((path) => path !== '')
  const isReady = folders.length > 0 && (how === 'trial' || address.trim() !== '')
  const submit = async () => {
    setBusy(true)
    setTrouble(null)
    try {
      await calls.fleet.setUp({ storage: folders, queue: how === 'trial' ? null : joinAddress(address, password) })
      await changed()
      onSetUp()
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
        <StorageFields help={t('machines.storageHelp')} storage={storage} setStorage={setStorage} />
        <Radio.Group
          label={t('machines.sharedQueue')}
          value={how}
          onChange={(value) => setHow(value === 'trial' ? 'trial' : 'own')}
        >
          <Stack gap="sm" mt={4}>
            <Radio value="trial" label={t('machines.tryIt')} description={t('machines.tryItHelp')} />
            <Radio value="own" label={t('machines.own')} description={t('machines.ownHelp')} />
          </Stack>
        </Radio.Group>
        {how === 'own' && (
          <div className={css.address}>
            <TextInput
              label={t('machines.address')}
              placeholder="postgres://beside@nas:5432/beside"
              value={address}
              onChange={({ currentTarget: { value } }) => {
                const found = splitAddress(value)
                setAddress(found.address)
                if (found.password !== '') setPassword(found.password)
              }}
              autoComplete="off"
              spellCheck={false}
              maxLength={4000}
            />
            <PasswordInput
              label={t('machines.password')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              placeholder={hasPassword ? '••••••••' : ''}
              autoComplete="off"
              maxLength={1000}
              visibilityToggleButtonProps={{ 'aria-label': t('machines.passwordShow') }}
            />
            <p className={css.help}>{t(hasPassword ? 'machines.passwordKept' : 'machines.passwordHelp')}</p>
          </div>
        )}
        {trouble !== null && <Refusal why={trouble} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={!isReady} loading={isBusy}>
            {t(settings === null ? 'machines.setUp' : 'common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
