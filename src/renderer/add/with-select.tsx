/** Who converts what is dropped. */
import { useTranslation } from 'react-i18next'
import { choice } from './choice.ts'
import { useStored } from '../app/stored.ts'
import { ProviderSelect } from '../providers/provider-select.tsx'
import css from './conversion-bar.module.css'

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
