/** A watched folder: its rule in a sentence, how it goes, what it saw. */
import { Button, Group, Modal, Stack, Switch, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconEye } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { sightingStates, type ExistingChoice, type Folder } from '../../shared/folders.ts'
import { useBeside } from '../beside.tsx'
import { countText, momentText } from '../figures.ts'
import { useFoldersChanged } from '../watched.ts'
import { FolderLedger } from './folder-ledger.tsx'
import { healthWhy, ruleSentence } from './folder-sentences.ts'
import css from './folder.module.css'
import { guarded } from './job-actions.ts'

export function FolderCard({ folder, onEdit }: { readonly folder: Folder; readonly onEdit: () => void }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFoldersChanged()
  const [asksRemove, removal] = useDisclosure(false)
  const [isOpen, ledger] = useDisclosure(false)
  const { id, rule, health, on, today } = folder
  const act = (work: () => Promise<unknown>) =>
    guarded(async () => {
      await work()
      await changed()
    })
  const decide = (existing: ExistingChoice) => act(async () => await calls.folders.switch({ id, on: true, existing }))
  const why = healthWhy(folder)
  const isUndecided = health.state === 'undecided' || (!on && folder.existing === null)
  return (
    <article className={css.card} aria-labelledby={`folder-${id}`}>
      <header className={css.head}>
        <span className={css.icon}>
          <IconEye size={22} stroke={1.6} aria-hidden />
        </span>
        <div className={css.names}>
          <h2 id={`folder-${id}`}>{rule.path}</h2>
          <p>{ruleSentence(rule, t)}</p>
        </div>
        <span className={css.health} data-state={health.state}>
          {t(`folders.health.${health.state}`)}
        </span>
        <Switch
          aria-label={t('folders.watch', { path: rule.path })}
          checked={on}
          onChange={({ currentTarget: { checked } }) =>
            act(async () => await calls.folders.switch({ id, on: checked, existing: null }))
          }
        />
      </header>
      {why !== null && (
        <div className={css.trouble} role="status">
          <IconAlertTriangle size={18} aria-hidden />
          <span>{why}</span>
          {health.why?.code === 'folder-other' && (
            <Button size="compact-sm" variant="default" onClick={() => act(async () => await calls.folders.accept({ id }))}>
              {t('folders.accept')}
            </Button>
          )}
        </div>
      )}
      {isUndecided && (
        <Group gap="xs" mt="sm">
          <Text>{t('folders.existing')}</Text>
          {(['convert', 'ignore'] as const).map((existing) => (
            <Button key={existing} size="compact-sm" variant="default" onClick={() => decide(existing)}>
              {t(`folders.${existing}`)}
            </Button>
          ))}
        </Group>
      )}
      <dl className={css.figures}>
        <div>
          <dt>{t('folders.looked')}</dt>
          <dd>{folder.lookedAtMs === null ? t('folders.never') : momentText(folder.lookedAtMs)}</dd>
        </div>
        {sightingStates
          .filter((state) => state === 'done' || today[state] > 0)
          .map((state) => (
            <div key={state}>
              <dt>{t(`folders.today.${state}`)}</dt>
              <dd>{countText(today[state])}</dd>
            </div>
          ))}
      </dl>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" aria-expanded={isOpen} onClick={ledger.toggle}>
          {t('folders.ledger')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={!on}
          onClick={() => act(async () => await calls.folders.look({ id }))}
        >
          {t('folders.look')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onEdit}>
          {t('folders.edit')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={removal.open}>
          {t('folders.remove')}
        </Button>
      </Group>
      {isOpen && <FolderLedger folder={folder} />}
      <Modal
        opened={asksRemove}
        onClose={removal.close}
        title={t('folders.removeTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
        centered
      >
        <Stack>
          <Text>{t('folders.removeWhy')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={removal.close}>
              {t('common.cancel')}
            </Button>
            <Button onClick={() => act(async () => await calls.folders.remove({ id }))} data-autofocus>
              {t('folders.remove')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </article>
  )
}
