/** Dialogs as the whole window has them: any contents, a question that is confirmed, or a question that one line of text answers. */
import { Button, Group, Modal, Stack, Text, TextInput, type ModalProps } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

export function Dialog(props: ModalProps) {
  const { t } = useTranslation()
  return <Modal closeButtonProps={{ 'aria-label': t('common.close') }} centered {...props} />
}

interface ConfirmDialogProps {
  readonly title: string
  readonly confirm: string
  /** Where it cannot be undone, Enter cancels. */
  readonly tone: 'plain' | 'dangerous'
  readonly opened: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

export function ConfirmDialog({ title, confirm, tone, opened, onConfirm, onClose, children }: ConfirmDialogProps) {
  const { t } = useTranslation()
  const isDangerous = tone === 'dangerous'
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <Stack>
        <Text>{children}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={isDangerous || undefined}>
            {t('common.cancel')}
          </Button>
          <Button {...(isDangerous && { color: 'red' })} onClick={onConfirm} data-autofocus={!isDangerous || undefined}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

interface TextDialogProps {
  readonly title: string
  readonly label: string
  readonly opened: boolean
  readonly maxLength?: number
  /** Why this will not do; null: it will. Never asked about an empty text. */
  readonly validate?: (text: string) => string | null
  /** Without blanks around it. */
  readonly onSubmit: (text: string) => void
  readonly onClose: () => void
}

export function TextDialog({
  title,
  label,
  opened,
  maxLength = 4096,
  validate = () => null,
  onSubmit,
  onClose,
}: TextDialogProps) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const answer = text.trim()
  const error = answer === '' ? null : validate(answer)
  const isValid = answer !== '' && error === null
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isValid) onSubmit(answer)
        }}
      >
        <Stack>
          <TextInput
            label={label}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={error}
            maxLength={maxLength}
            spellCheck={false}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button type="submit" disabled={!isValid}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
