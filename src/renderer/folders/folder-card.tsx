/** A watched folder: its rule in a sentence, its health and figures, and its activity. */
import { Button, Group, Switch } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconEye } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { sightingStates, type ExistingChoice, type Folder, type SightingState } from '../../shared/folders.ts'
import { useBeside } from '../app/context.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Note } from '../ui/note.tsx'
import { countText, momentText } from '../ui/quantities.ts'
import { useFoldersChanged } from './folder-queries.ts'
import { FolderLedger } from './folder-ledger.tsx'
import { HealthNote, Undecided } from './folder-notes.tsx'
import { ruleSentence } from './folder-texts.ts'
import css from './folders.module.css'
import { guarded } from '../app/outcomes.ts'

export function FolderCard({ folder, onEdit }: { readonly folder: Folder; readonly onEdit: () => void }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFoldersChanged()
  const [isAskingRemove, removal] = useDisclosure(false)
  const [isOpen, ledger] = useDisclosure(false)
  const [ledgerState, setLedgerState] = useState<SightingState | null>(null)
  const { id, rule, health, on, today } = folder
  const act = (work: () => Promise<unknown>) =>
    guarded(async () => {
      await work()
      await changed()
    })
  const decide = (existing: ExistingChoice) => act(async () => await calls.folders.switch({ id, on: true, existing }))
  const givenUp = folder.counts.quarantined
  const showGivenUp = () => {
    setLedgerState('quarantined')
    ledger.open()
  }
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
      <HealthNote folder={folder} onEdit={onEdit} act={act} />
      {givenUp > 0 && (
        <Note icon={IconAlertTriangle} tone="bad" button={t('folders.showThem')} onClick={showGivenUp}>
          {t('folders.givenUp', { count: givenUp })}
        </Note>
      )}
      {isUndecided && <Undecided folder={folder} decide={decide} />}
      <dl className={css.figures}>
        <div>
          <dt>{t('folders.lastScan')}</dt>
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
          {t('folders.scan')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onEdit}>
          {t('folders.edit')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={removal.open}>
          {t('folders.remove')}
        </Button>
      </Group>
      {isOpen && <FolderLedger folder={folder} state={ledgerState} onState={setLedgerState} />}
      <ConfirmDialog
        opened={isAskingRemove}
        onClose={removal.close}
        title={t('folders.removeTitle')}
        confirm={t('folders.remove')}
        tone="plain"
        onConfirm={() => act(async () => await calls.folders.remove({ id }))}
      >
        {t('folders.removeWhy')}
      </ConfirmDialog>
    </article>
  )
}
