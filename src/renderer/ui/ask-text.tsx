/** A question that one line of text answers. */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

interface AskTextProps {
  readonly title: string
  readonly label: string
  readonly isOpen: boolean
  readonly longest?: number
  /** Why this will not do; null: it will. Never asked about nothing. */
  readonly trouble?: (text: string) => string | null
  /** Without blanks around it. */
  readonly onTake: (text: string) => void
  readonly onClose: () => void
}

export function AskText({ title, label, isOpen, longest = 4096, trouble = () => null, onTake, onClose }: AskTextProps) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const answer = text.trim()
  const why = answer === '' ? null : trouble(answer)
  const isGood = answer !== '' && why === null
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('common.close') }} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isGood) onTake(answer)
        }}
      >
        <Stack>
          <TextInput
            label={label}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={why}
            maxLength={longest}
            spellCheck={false}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button type="submit" disabled={!isGood}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
