/** What dropped files become: one line that remembers itself. */
import { Button, Group, Menu, Modal, Popover, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconBookmark, IconChevronDown, IconFolder } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import type { Preset } from '../../shared/model.ts'
import { lastPart } from '../adding.ts'
import { useBeside, usePairings } from '../beside.tsx'
import { choice } from '../choice.ts'
import { sourcesIn } from '../dropped.ts'
import { allTargets, optionsOf } from '../possible.ts'
import { useStored } from '../stored.ts'
import { AddMenu } from './add-menu.tsx'
import { FormatSelect } from './format-select.tsx'
import { OptionsForm } from './options-form.tsx'
import css from './strip.module.css'
import { WithSelect } from './with-select.tsx'

export function Strip() {
  const { t } = useTranslation()
  const pairings = usePairings()
  const now = useStored(choice)
  const targets = allTargets(pairings)
  return (
    <section className={css.strip} aria-label={t('strip.label')}>
      <div className={css.sentence}>
        <div className={css.pair}>
          <span className={css.word}>{t('strip.convertTo')}</span>
          <div className={css.format}>
            <FormatSelect
              label={t('strip.convertTo')}
              value={now.target}
              formats={targets.length === 0 ? [now.target] : targets}
              onChange={(target) => choice.set({ target, options: {}, preset: null })}
            />
          </div>
        </div>
        <PresetMenu />
        <OptionsButton />
        <div className={css.pair}>
          <span className={css.word}>{t('strip.with')}</span>
          <WithSelect />
        </div>
        <div className={css.pair}>
          <span className={css.word}>{t('strip.into')}</span>
          <FolderMenu />
        </div>
      </div>
      <AddMenu />
    </section>
  )
}

function PresetMenu() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const now = useStored(choice)
  const client = useQueryClient()
  const presets = useQuery({ queryKey: ['presets'], queryFn: async () => await calls.presets.list() }).data ?? []
  const [isSaving, { open, close }] = useDisclosure(false)
  const [name, setName] = useState('')
  const take = ({ name: preset, target, options, with: provider }: Preset) =>
    choice.set({ preset, target, options, ...(provider === undefined ? {} : { with: provider }) })
  const save = async () => {
    await calls.presets.save({ name: name.trim(), target: now.target, options: now.options, with: now.with })
    choice.set({ preset: name.trim() })
    await client.invalidateQueries({ queryKey: ['presets'] })
    close()
  }
  return (
    <>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button
            variant="default"
            rightSection={<IconChevronDown size={15} aria-hidden />}
            leftSection={<IconBookmark size={16} aria-hidden />}
            className={css.quiet}
          >
            {now.preset ?? t('strip.noPreset')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => choice.set({ preset: null, options: {} })}>{t('strip.noPreset')}</Menu.Item>
          {presets.length > 0 && <Menu.Label>{t('strip.presets')}</Menu.Label>}
          {presets.map((preset) => (
            <Menu.Item
              key={preset.name}
              onClick={() => take(preset)}
              rightSection={<Text c="dimmed">{formats[preset.target].title}</Text>}
            >
              {preset.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={open}>{t('strip.savePreset')}…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={isSaving}
        onClose={close}
        title={t('strip.savePreset')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
        centered
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') void save()
          }}
        >
          <Stack>
            <TextInput
              label={t('strip.presetName')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={80}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={name.trim() === ''}>
                {t('common.save')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}

function OptionsButton() {
  const { t } = useTranslation()
  const pairings = usePairings()
  const now = useStored(choice)
  const names = optionsOf(pairings, now.target, now.with)
  const count = Object.keys(now.options).length
  return (
    <Popover position="bottom-start" shadow="md" width={380} trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          className={css.quiet}
          disabled={names.length === 0}
        >
          {count === 0 ? t('strip.options') : t('strip.optionsCount', { count })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('strip.options')}>
        <Stack gap="md">
          <OptionsForm names={names} options={now.options} onChange={(options) => choice.set({ options, preset: null })} />
          <Group justify="flex-end">
            <Button
              variant="subtle"
              size="compact-sm"
              disabled={count === 0}
              onClick={() => choice.set({ options: {}, preset: null })}
            >
              {t('strip.resetOptions')}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

function FolderMenu() {
  const { t } = useTranslation()
  const { host } = useBeside()
  const now = useStored(choice)
  const [asks, { open, close }] = useDisclosure(false)
  const [path, setPath] = useState('')
  const isBad = path.trim() !== '' && sourcesIn(path).length === 0
  const take = (out: string) =>
    choice.set({ out, recentFolders: [out, ...now.recentFolders.filter((each) => each !== out)].slice(0, 5) })
  const other = async () => {
    if (host.chooseFolder === null) return open()
    const chosen = await host.chooseFolder()
    if (chosen !== null) take(chosen)
  }
  return (
    <>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button
            variant="default"
            rightSection={<IconChevronDown size={15} aria-hidden />}
            className={css.quiet}
            title={now.out ?? undefined}
          >
            {now.out === null ? t('strip.beside') : lastPart(now.out)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => choice.set({ out: null })}>{t('strip.beside')}</Menu.Item>
          {now.recentFolders.map((folder) => (
            <Menu.Item key={folder} leftSection={<IconFolder size={16} />} onClick={() => take(folder)}>
              {folder}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => void other()}>{t('strip.otherFolder')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asks}
        onClose={close}
        title={t('strip.folderTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
        centered
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isBad || path.trim() === '') return
            take(path.trim())
            close()
          }}
        >
          <Stack>
            <TextInput
              label={t('strip.folderLabel')}
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
              error={isBad ? t('strip.folderBad') : null}
              spellCheck={false}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={isBad || path.trim() === ''}>
                {t('common.save')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
