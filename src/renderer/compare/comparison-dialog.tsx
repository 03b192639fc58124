/** The dialog around a comparison: large, and of several results the one that is asked for. Apart, as what it holds can stand elsewhere. */
import { Select } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { closeDialog, useDialogs } from '../app/dialogs.ts'
import { Dialog } from '../ui/dialog.tsx'
import type { Comparison } from './compared.ts'
import css from './comparison-dialog.module.css'
import { ComparisonView } from './comparison.tsx'

export function ComparisonDialog() {
  const { t } = useTranslation()
  const comparison = useDialogs((dialogs) => dialogs.comparison)
  const isSmall = useMediaQuery('(max-width: 960px), (max-height: 640px)', undefined, { getInitialValueInEffect: false })
  return (
    <Dialog
      opened={comparison !== null}
      onClose={() => closeDialog('comparison')}
      title={comparison === null ? '' : t('comparison.files', { name: comparison.title })}
      size="min(1480px, 100vw - 64px)"
      fullScreen={isSmall}
      classNames={{ content: css.content ?? '', body: css.body ?? '', title: css.title ?? '', header: css.header ?? '' }}
    >
      {comparison !== null && <Pairs {...comparison} />}
    </Dialog>
  )
}

function Pairs({ pairs }: Comparison) {
  const { t } = useTranslation()
  const [chosen, choose] = useState(0)
  const pair = pairs[chosen] ?? pairs[0]
  if (pair === undefined) return null
  return (
    <>
      {pairs.length > 1 && (
        <Select
          size="xs"
          className={css.choice ?? ''}
          aria-label={t('comparison.result')}
          value={String(chosen)}
          data={pairs.map(({ after }, index) => ({ value: String(index), label: after.name }))}
          onChange={(value) => choose(Number(value))}
          allowDeselect={false}
          searchable={pairs.length > 12}
        />
      )}
      <ComparisonView key={JSON.stringify(pair)} {...pair} />
    </>
  )
}
