/** What a folder's card has to say besides its rule: why it is not watched as it should be, what waits for a decision, and the one button that helps. Apart from the card, for there are many reasons. */
import { Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { isFailure } from '../../shared/describe-why.ts'
import type { ExistingChoice, Folder } from '../../shared/folders.ts'
import { useBeside } from '../app/context.tsx'
import { Note } from '../ui/note.tsx'
import { countText } from '../ui/quantities.ts'
import { useRehearsal } from './folder-rehearsal.tsx'
import { healthWhy } from './folder-texts.ts'

interface HealthNoteProps {
  readonly folder: Folder
  readonly onEdit: () => void
  readonly act: (work: () => Promise<unknown>) => void
}

export function HealthNote({ folder, onEdit, act }: HealthNoteProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const { id, health } = folder
  const { state, why } = health
  if (state === 'unwatched') {
    return (
      <Note icon={IconInfoCircle} tone="calm">
        {t('folders.unwatchedWhy')}
      </Note>
    )
  }
  const text = healthWhy(folder)
  if (why === null || text === null || state === 'undecided' || why.code === 'asked-for') return null
  if (state === 'watching' || state === 'starting') {
    return (
      <Note icon={IconInfoCircle} tone="calm">
        {text}
      </Note>
    )
  }
  const mayBeRight = why.code === 'folder-other' || why.code === 'folder-empty'
  const help = mayBeRight
    ? { button: t('folders.accept'), onClick: () => act(async () => await calls.folders.accept({ id })) }
    : isFailure(why) && state !== 'offline'
      ? { button: t('folders.edit'), onClick: onEdit }
      : { button: t('folders.scanAgain'), onClick: () => act(async () => await calls.folders.look({ id })) }
  return (
    <Note icon={IconAlertTriangle} tone="warn" {...help}>
      {text} {state === 'offline' && t('folders.offlineWhy')}
    </Note>
  )
}

/** Nobody has decided yet what becomes of the files that are there. */
export function Undecided({
  folder: { id, rule },
  decide,
}: {
  readonly folder: Folder
  readonly decide: (existing: ExistingChoice) => void
}) {
  const { t } = useTranslation()
  const { data } = useRehearsal(rule, id)
  return (
    <Group gap="xs" mt="sm">
      <Text>
        {data === undefined
          ? t('folders.existing')
          : t('rule.existing', { count: data.convert, amount: countText(data.convert) })}
      </Text>
      {(['convert', 'ignore'] as const).map((existing) => (
        <Button key={existing} size="compact-sm" variant="default" onClick={() => decide(existing)}>
          {t(`folders.${existing}`)}
        </Button>
      ))}
    </Group>
  )
}
