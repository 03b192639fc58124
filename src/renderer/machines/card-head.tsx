/** What each card of the page begins with: a sign, what it is about, how that stands. */
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import css from './machines.module.css'

interface CardHeadProps {
  readonly icon: Icon
  /** Of the heading, by which the card is labelled. */
  readonly id: string
  readonly title: string
  readonly about: string
  /** Behind them. */
  readonly children?: ReactNode
}

export function CardHead({ icon: Sign, id, title, about, children }: CardHeadProps) {
  return (
    <header className={css.head}>
      <span className={css.icon}>
        <Sign size={22} stroke={1.6} aria-hidden />
      </span>
      <div className={css.names}>
        <h2 id={id}>{title}</h2>
        <p>{about}</p>
      </div>
      {children}
    </header>
  )
}
