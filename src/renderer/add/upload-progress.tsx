/** Files on their way to the engine. */
import { Button, Progress } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useAdding } from '../app/context.tsx'
import { bytesText, countText } from '../ui/quantities.ts'
import css from './upload-progress.module.css'

export function Sending() {
  const { t } = useTranslation()
  const { sending } = useAdding()
  if (sending === null) return null
  const words = t('upload.line', { files: countText(sending.files), of: countText(sending.ofFiles) })
  return (
    <div className={css.card} role="status">
      <div className={css.words}>
        <strong>{words}</strong>
        <span>
          {bytesText(sending.bytes)} / {bytesText(sending.ofBytes)}
        </span>
      </div>
      <Progress value={sending.ofBytes === 0 ? 0 : (sending.bytes / sending.ofBytes) * 100} aria-label={words} size="sm" />
      <Button size="compact-sm" variant="default" onClick={sending.stop}>
        {t('upload.stop')}
      </Button>
    </div>
  )
}
