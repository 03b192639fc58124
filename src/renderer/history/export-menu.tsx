/** The list as a file for other programs. */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HistoryOrder, HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { saveFile } from '../ui/save-file.ts'
import { historyFile } from './export.ts'
import { countText } from '../ui/quantities.ts'
import { guarded } from '../queue/job-actions.ts'

export function ExportMenu({ query, sort }: { readonly query: HistoryQuery; readonly sort: HistoryOrder }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [count, setCount] = useState<number | null>(null)
  const save = (kind: 'csv' | 'json') =>
    guarded(async () => {
      setCount(0)
      try {
        const file = await historyFile(calls, { query, sort }, kind, setCount)
        saveFile(file, `beside-history.${kind}`)
      } finally {
        setCount(null)
      }
    })
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />} disabled={count !== null}>
          {count === null ? t('history.export') : t('history.exporting', { count: countText(count) })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save('csv')}>{t('history.csv')}</Menu.Item>
        <Menu.Item onClick={() => save('json')}>{t('history.json')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
