/** Adding without a drop: by dialog, by folder, by path or address. */
import { Button, Group, Menu, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFiles, IconFolder, IconLink, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { filesOfInput, sourcesIn, type Dropped } from './dropped-files.ts'

export function AddMenu() {
  const { t } = useTranslation()
  const { adding } = useBeside()
  const [asksPaths, { open, close }] = useDisclosure(false)
  const take = (dropped: Dropped) => void adding.addFiles(dropped)
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button leftSection={<IconPlus size={16} aria-hidden />}>{t('add.add')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFiles size={16} />} onClick={() => chooseFiles('files', take)}>
            {t('add.files')}
          </Menu.Item>
          <Menu.Item leftSection={<IconFolder size={16} />} onClick={() => chooseFiles('folder', take)}>
            {t('add.folder')}
          </Menu.Item>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={open}>
            {t('add.paths')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={asksPaths} onClose={close} title={t('add.pathsTitle')} size="lg">
        <PathForm
          done={(sources) => {
            close()
            void adding.addSources(sources)
          }}
        />
      </Dialog>
    </>
  )
}

function PathForm({ done }: { readonly done: (sources: readonly string[]) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const sources = sourcesIn(text)
  const isWrong = text.trim() !== '' && sources.length === 0
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (sources.length > 0) done(sources)
      }}
    >
      <Stack gap="md">
        <Textarea
          label={t('add.pathsLabel')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={isWrong ? t('add.pathsNone') : null}
          autosize
          minRows={5}
          maxRows={12}
          spellCheck={false}
          data-autofocus
        />
        <Group justify="flex-end">
          <Text c="dimmed">{t('drop.files', { count: sources.length })}</Text>
          <Button type="submit" disabled={sources.length === 0}>
            {t('add.convert')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** The system's own dialog. The input lives only as long as it is open. */
export function chooseFiles(kind: 'files' | 'folder', take: (dropped: Dropped) => void): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.webkitdirectory = kind === 'folder'
  input.addEventListener('change', () => take(filesOfInput(input)))
  input.click()
}
