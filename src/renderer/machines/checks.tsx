/** What a machine has proved, and what it could not: a line each. */
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { CheckLine } from '../../shared/fleet.ts'
import { checkText } from './check-texts.ts'
import css from './machines.module.css'

const marks = { fine: IconCircleCheck, remark: IconInfoCircle, trouble: IconAlertTriangle }

export function Checks({ lines }: { readonly lines: readonly CheckLine[] }) {
  const { t } = useTranslation()
  return (
    <ul className={css.checks}>
      {lines.map((line, index) => {
        const Mark = marks[line.state]
        return (
          <li key={`${line.check} ${index}`} data-state={line.state}>
            <Mark size={17} stroke={1.8} aria-hidden />
            <span>
              <span className="visually-hidden">{t(`machines.checked.${line.state}`)}: </span>
              {checkText(line, t)}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
