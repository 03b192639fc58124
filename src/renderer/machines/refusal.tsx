/** Why what a form asks for cannot be had, and what to do about it. */
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../shared/failure.ts'
import { describeQueueFailure } from './machine-texts.ts'
import css from './machines.module.css'

export function Refusal({ why }: { readonly why: Failure }) {
  const { t } = useTranslation()
  const { message, action } = describeQueueFailure(why, t)
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
