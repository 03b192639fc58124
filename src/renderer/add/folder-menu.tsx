/** Where results go: beside their originals, or into a folder. */
import { Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFolder } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { lastPart } from './adding.ts'
import { useBeside } from '../app/context.tsx'
import { choice } from './choice.ts'
import { sourcesIn } from './dropped-files.ts'
import { useStored } from '../app/stored.ts'
import { AskText } from '../ui/ask-text.tsx'
import { guarded } from '../queue/job-actions.ts'
import { StripMenu } from './bar-menu.tsx'

export function FolderMenu() {
  const { t } = useTranslation()
  const { host } = useBeside()
  const now = useStored(choice)
  const [asks, { open, close }] = useDisclosure(false)
  const take = (out: string) =>
    choice.set({ out, recentFolders: [out, ...now.recentFolders.filter((each) => each !== out)].slice(0, 5) })
  const other = async () => {
    if (host.chooseFolder === null) return open()
    const chosen = await host.chooseFolder()
    if (chosen !== null) take(chosen)
  }
  return (
    <>
      <StripMenu word={now.out === null ? t('conversion.beside') : lastPart(now.out)} title={now.out ?? undefined}>
        <Menu.Item onClick={() => choice.set({ out: null })}>{t('conversion.beside')}</Menu.Item>
        {now.recentFolders.map((folder) => (
          <Menu.Item key={folder} leftSection={<IconFolder size={16} />} onClick={() => take(folder)}>
            {folder}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => guarded(other)}>{t('conversion.otherFolder')}</Menu.Item>
      </StripMenu>
      <AskText
        title={t('conversion.folderTitle')}
        label={t('conversion.folderLabel')}
        isOpen={asks}
        trouble={(path) => (sourcesIn(path).length === 0 ? t('conversion.folderBad') : null)}
        onTake={(path) => {
          take(path)
          close()
        }}
        onClose={close}
      />
    </>
  )
}
