/** A rule as it is written or changed, with what it would do while it is. */
import { Button, Group, Modal, Radio, Stack, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { existingChoices, plainRule, type ExistingChoice, type Folder, type Rule } from '../../shared/folders.ts'
import { useBeside, usePairings } from '../beside.tsx'
import { allTargets } from '../possible.ts'
import { useFoldersChanged } from '../watched.ts'
import { FolderRehearsal } from './folder-rehearsal.tsx'
import { FormatSelect } from './format-select.tsx'
import { guarded } from './job-actions.ts'

interface FolderFormProps {
  /** The folder that is changed; `new`: one is added. */
  readonly of: Folder | 'new' | null
  readonly close: () => void
}

export function FolderForm({ of, close }: FolderFormProps) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={of !== null}
      onClose={close}
      title={t(of === 'new' ? 'folders.add' : 'folders.edit')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      size="lg"
      centered
    >
      {of !== null && <Fields of={of} close={close} />}
    </Modal>
  )
}

function Fields({ of, close }: { readonly of: Folder | 'new'; readonly close: () => void }) {
  const { t } = useTranslation()
  const { calls, host } = useBeside()
  const changed = useFoldersChanged()
  const targets = allTargets(usePairings())
  const [rule, setRule] = useState<Rule>(of === 'new' ? plainRule('', [{ target: 'mp3', preset: null, options: {} }]) : of.rule)
  const [existing, setExisting] = useState<ExistingChoice>('ignore')
  const [settled] = useDebouncedValue(rule, 350)
  const { chooseFolder } = host
  const [first, ...others] = rule.outputs
  const set = (change: Partial<Rule>) => setRule({ ...rule, ...change })
  const isReady = rule.path.trim() !== ''
  const save = async () => {
    if (of === 'new') await calls.folders.add({ rule, on: true, existing })
    else await calls.folders.change({ id: of.id, rule, oldFiles: 'keep' })
    await changed()
    close()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) guarded(save)
      }}
    >
      <Stack>
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            label={t('folders.path')}
            value={rule.path}
            onChange={(event) => set({ path: event.currentTarget.value.trim() })}
            spellCheck={false}
            flex={1}
            data-autofocus
          />
          {chooseFolder !== null && (
            <Button
              variant="default"
              onClick={() =>
                guarded(async () => {
                  const path = await chooseFolder()
                  if (path !== null) set({ path })
                })
              }
            >
              {t('folders.choose')}
            </Button>
          )}
        </Group>
        {first !== undefined && (
          <FormatSelect
            label={t('strip.convertTo')}
            value={first.target ?? 'mp3'}
            formats={targets}
            onChange={(target) => set({ outputs: [{ ...first, target }, ...others] })}
          />
        )}
        <Switch
          label={t('folders.recursive')}
          checked={rule.recursive}
          onChange={(event) => set({ recursive: event.currentTarget.checked })}
        />
        <TextInput
          label={t('folders.out')}
          description={t('folders.outHelp')}
          value={rule.out ?? ''}
          onChange={(event) => set({ out: event.currentTarget.value === '' ? null : event.currentTarget.value })}
          spellCheck={false}
        />
        {of === 'new' && (
          <Radio.Group label={t('folders.existing')} value={existing} onChange={(value) => setExisting(value)}>
            <Group mt={4}>
              {existingChoices.map((choice) => (
                <Radio key={choice} value={choice} label={t(`folders.${choice}`)} />
              ))}
            </Group>
          </Radio.Group>
        )}
        {settled.path !== '' && <FolderRehearsal rule={settled} id={of === 'new' ? null : of.id} />}
        <Group justify="flex-end">
          <Button type="submit" disabled={!isReady}>
            {t(of === 'new' ? 'folders.start' : 'common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
