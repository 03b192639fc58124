/** The list as a file for other programs. */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HistoryOrder, HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../beside.tsx'
import { saveFile } from '../download.ts'
import { historyFile } from '../exported.ts'
import { countText } from '../figures.ts'
import { guarded } from './job-actions.ts'

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
