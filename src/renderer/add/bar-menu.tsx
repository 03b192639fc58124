/** A word of the strip's sentence that opens into a choice. */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import css from './conversion-bar.module.css'

interface StripMenuProps {
  readonly word: string
  readonly icon?: ReactNode
  /** In full, where the word is short for it. */
  readonly title?: string | undefined
  readonly children: ReactNode
}

export function StripMenu({ word, icon, title, children }: StripMenuProps) {
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={icon}
          rightSection={<IconChevronDown size={15} aria-hidden />}
          className={css.quiet}
          title={title}
        >
          {word}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  )
}
