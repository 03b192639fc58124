/** What was not added, each with its reason and what to do. */
import { Button, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { lastPart } from './adding.ts'
import { useAdding, useBeside } from '../app/context.tsx'
import { failureWords } from '../app/outcome-texts.ts'
import css from './refused-files.module.css'

export function Refusals() {
  const { t } = useTranslation()
  const { adding } = useBeside()
  const { refused, passed, sending, asking } = useAdding()
  return (
    <Modal
      opened={refused.length > 0 && sending === null && asking === null}
      onClose={adding.dismiss}
      title={t('refused.title', { count: refused.length })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      centered
      size="lg"
    >
      <Stack gap="md">
        <ScrollArea.Autosize mah="50vh" viewportProps={{ tabIndex: 0 }}>
          <ul className={css.list}>
            {refused.slice(0, 200).map(({ source, why }, index) => {
              const { what, todo } = failureWords(why)
              return (
                <li key={`${source} ${index}`}>
                  {source !== '' && (
                    <strong title={source} className={css.name}>
                      {lastPart(source)}
                    </strong>
                  )}
                  <span>{what}</span>
                  <span className={css.todo}>{todo}</span>
                </li>
              )
            })}
          </ul>
        </ScrollArea.Autosize>
        {passed > 0 && <Text c="dimmed">{t('refused.passed', { count: passed })}</Text>}
        <Group justify="flex-end">
          <Button onClick={adding.dismiss} data-autofocus>
            {t('refused.close')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
