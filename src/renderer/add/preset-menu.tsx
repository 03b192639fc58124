/** Which preset the strip follows, and saving its choice as one. */
import { Menu, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBookmark } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import type { Preset } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { choice } from './choice.ts'
import { useStored } from '../app/stored.ts'
import { AskText } from '../ui/ask-text.tsx'
import { guarded } from '../queue/job-actions.ts'
import { StripMenu } from './bar-menu.tsx'

export function PresetMenu() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const now = useStored(choice)
  const client = useQueryClient()
  const presets = useQuery({ queryKey: ['presets'], queryFn: async () => await calls.presets.list() }).data ?? []
  const [isSaving, { open, close }] = useDisclosure(false)
  const take = ({ name: preset, target, options, with: provider }: Preset) =>
    choice.set({ preset, target, options, ...(provider === undefined ? {} : { with: provider }) })
  const save = async (name: string) => {
    await calls.presets.save({ name, target: now.target, options: now.options, with: now.with })
    choice.set({ preset: name })
    await client.invalidateQueries({ queryKey: ['presets'] })
    close()
  }
  return (
    <>
      <StripMenu word={now.preset ?? t('conversion.noPreset')} icon={<IconBookmark size={16} aria-hidden />}>
        <Menu.Item onClick={() => choice.set({ preset: null, options: {} })}>{t('conversion.noPreset')}</Menu.Item>
        {presets.length > 0 && <Menu.Label>{t('conversion.presets')}</Menu.Label>}
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
        <Menu.Item onClick={open}>{t('conversion.savePreset')}…</Menu.Item>
      </StripMenu>
      <AskText
        title={t('conversion.savePreset')}
        label={t('conversion.presetName')}
        isOpen={isSaving}
        longest={80}
        onTake={(name) => guarded(async () => await save(name))}
        onClose={close}
      />
    </>
  )
}
