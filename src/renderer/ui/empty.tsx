/** A place with nothing in it yet, which says what it is for and what to do. */
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import css from './empty.module.css'

interface EmptyProps {
  readonly icon: Icon
  readonly title: string
  readonly why?: string
  readonly children?: ReactNode
}

export function Empty({ icon: EmptyIcon, title, why, children }: EmptyProps) {
  return (
    <div className={css.empty}>
      <span className={css.icon}>
        <EmptyIcon size={34} stroke={1.4} aria-hidden />
      </span>
      <h2 className={css.title}>{title}</h2>
      {why !== undefined && <p className={css.why}>{why}</p>}
      {children}
    </div>
  )
}
