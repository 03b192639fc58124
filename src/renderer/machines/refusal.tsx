/** Why what a form asks for cannot be had, and what to do about it. */
import { IconAlertTriangle } from '@tabler/icons-react'
import type { Failure } from '../../shared/failure.ts'
import { describeFailure } from '../app/outcomes.ts'
import css from './machines.module.css'

export function Refusal({ why }: { readonly why: Failure }) {
  const { message, action } = describeFailure(why)
  return (
    <div className={css.refusal} role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <strong>{message}</strong>
        <p>{action}</p>
      </div>
    </div>
  )
}
