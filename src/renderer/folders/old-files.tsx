/** After a change of a rule: whether files that were dealt with count as new. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { countText } from '../ui/quantities.ts'

interface OldFilesProps {
  readonly opened: boolean
  readonly count: number
  readonly close: () => void
  readonly onAnswer: (answer: 'again' | 'keep') => void
}

export function OldFiles({ opened, count, close, onAnswer }: OldFilesProps) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('rule.oldTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      centered
    >
      <Stack>
        <Text>{t('rule.oldWhy', { count, amount: countText(count) })}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => onAnswer('again')}>
            {t('rule.oldAgain')}
          </Button>
          <Button onClick={() => onAnswer('keep')} data-autofocus>
            {t('rule.oldKeep')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
