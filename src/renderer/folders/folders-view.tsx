/** Watched folders: what arrives in them is converted. Apart, as a page of the window. */
import { Button } from '@mantine/core'
import { IconFolderPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Folder } from '../../shared/folders.ts'
import { Empty } from '../ui/empty.tsx'
import { FolderCard } from './folder-card.tsx'
import { FolderForm } from './folder-form.tsx'
import css from './folders.module.css'
import { useFolders } from './folder-queries.ts'

export function FoldersView() {
  const { t } = useTranslation()
  const folders = useFolders()
  const [form, setForm] = useState<Folder | 'new' | null>(null)
  const add = <Button onClick={() => setForm('new')}>{t('folders.add')}</Button>
  return (
    <div className={css.page}>
      <header className={css.top}>
        <h1 className={css.title}>{t('folders.title')}</h1>
        {folders !== undefined && folders.length > 0 && add}
      </header>
      {folders?.length === 0 && (
        <Empty icon={IconFolderPlus} title={t('folders.emptyTitle')} why={t('folders.emptyWhy')}>
          {add}
        </Empty>
      )}
      {folders?.map((folder) => (
        <FolderCard key={folder.id} folder={folder} onEdit={() => setForm(folder)} />
      ))}
      <FolderForm of={form} close={() => setForm(null)} />
    </div>
  )
}
