/** Who converts what is dropped. */
import { useTranslation } from 'react-i18next'
import { choice } from '../choice.ts'
import { useStored } from '../stored.ts'
import { ProviderSelect } from './provider-select.tsx'
import css from './strip.module.css'

export function WithSelect() {
  const { t } = useTranslation()
  const now = useStored(choice)
  return (
    <ProviderSelect
      className={css.with}
      aria-label={t('conversion.with')}
      value={now.with}
      onChange={(value) => choice.set({ with: value })}
    />
  )
}
