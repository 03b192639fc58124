/** A button of a row. Plain on purpose: thousands of rows pass by, and each brings several of these. */
import { Menu } from '@mantine/core'
import { IconDots, type Icon } from '@tabler/icons-react'
import { useState, type Ref } from 'react'
import type { Action } from './job-actions.ts'
import css from './row-button.module.css'

interface RowButtonProps {
  readonly icon: Icon
  /** Shown when the pointer rests on it. */
  readonly title: string
  /** With what it acts on, for those who do not see the row. */
  readonly label: string
  readonly tabIndex: number
  readonly onClick?: () => void
  readonly ref?: Ref<HTMLButtonElement>
}

export function RowButton({ icon: RowIcon, title, label, ...rest }: RowButtonProps) {
  return (
    <button type="button" className={css.button} title={title} aria-label={label} {...rest}>
      <RowIcon size={17} stroke={1.7} aria-hidden />
    </button>
  )
}

/** The menu itself is made when it is asked for. */
export function RowMenu({
  actions,
  label,
  tabIndex,
}: {
  readonly actions: readonly Action[]
  readonly label: string
  readonly tabIndex: number
}) {
  const [isOpen, setOpen] = useState(false)
  const button = <RowButton icon={IconDots} title={label} label={label} tabIndex={tabIndex} onClick={() => setOpen(!isOpen)} />
  if (!isOpen) return button
  return (
    <Menu opened onChange={setOpen} position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ name, label: text, icon: ActionIcon, run }) => (
          <Menu.Item key={name} leftSection={<ActionIcon size={16} aria-hidden />} onClick={run}>
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

export function Bar({ share, label }: { readonly share: number | null; readonly label: string }) {
  return (
    <div
      className={css.bar}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
    >
      <div className={css.filled} data-unknown={share === null || undefined} style={{ transform: `scaleX(${share ?? 1})` }} />
    </div>
  )
}
