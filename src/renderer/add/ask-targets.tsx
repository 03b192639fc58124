/** Kinds of files that cannot become the strip's format: what they become instead, asked once. */
import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formats, type FormatId } from '../../shared/formats.ts'
import { useAdding } from '../app/context.tsx'
import { choice, type Others } from './choice.ts'
import { usualTarget } from './pairings.ts'

export function AskKinds() {
  const { t } = useTranslation()
  const { asking } = useAdding()
  const [answers, setAnswers] = useState<Others>({})
  useEffect(() => {
    if (asking === null) return
    setAnswers(Object.fromEntries(asking.groups.map((group) => [group.family ?? 'audio', usualTarget(group)])))
  }, [asking])
  return (
    <Modal
      opened={asking !== null}
      onClose={() => asking?.answer(null)}
      title={t('ask.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      centered
    >
      {asking !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            asking.answer(answers)
          }}
        >
          <Stack gap="md">
            <Text c="dimmed">{t('ask.why', { target: formats[choice.get().target].title })}</Text>
            {asking.groups.map(({ family, from, targets }) => (
              <Select
                key={family}
                label={t('ask.become', {
                  kind: t(`family.${family ?? 'audio'}`),
                  from: from.map((id) => formats[id].title).join(', '),
                })}
                data={targets.map((id) => ({ value: id, label: formats[id].title }))}
                value={answers[family ?? 'audio'] ?? null}
                onChange={(value) => setAnswers({ ...answers, [family ?? 'audio']: value as FormatId })}
                allowDeselect={false}
                searchable
              />
            ))}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => asking.answer(null)}>
                {t('ask.cancel')}
              </Button>
              <Button type="submit" data-autofocus>
                {t('ask.confirm')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
