/** What a card has to say besides its figures, with the one button that helps where there is one. */
import { Button } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import css from './note.module.css'

interface NoteProps {
  readonly icon: Icon
  readonly tone: 'calm' | 'warn' | 'bad'
  readonly children: ReactNode
  readonly button?: string
  readonly onClick?: () => void
}

export function Note({ icon: NoteIcon, tone, children, button, onClick }: NoteProps) {
  return (
    <div className={css.note} data-tone={tone} role="status">
      <NoteIcon size={18} aria-hidden />
      <span>{children}</span>
      {button !== undefined && (
        <Button size="compact-sm" variant="default" onClick={onClick}>
          {button}
        </Button>
      )}
    </div>
  )
}
