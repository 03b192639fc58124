/** Says when there is no line to the engine, and that nothing is lost by it. */
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLive } from './context.tsx'
import css from './connection.module.css'

export function ConnectionBanner() {
  const { t } = useTranslation()
  const { connection } = useLive()
  return (
    <div role="status" className={css.place}>
      {connection === 'lost' && (
        <div className={css.banner}>
          <IconPlugConnectedX size={18} aria-hidden />
          <strong>{t('connection.lost')}</strong>
          <span>{t('connection.lostWhy')}</span>
        </div>
      )}
    </div>
  )
}
