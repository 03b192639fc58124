/** What dropped files become: one line that remembers itself. */
import { Button, Group, Popover, Stack } from '@mantine/core'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { usePairings } from '../app/context.tsx'
import { choice } from './choice.ts'
import { allTargets, optionsOf } from './pairings.ts'
import { useStored } from '../app/stored.ts'
import { AddMenu } from './add-menu.tsx'
import { FolderMenu } from './folder-menu.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { OptionsForm } from '../ui/options-form.tsx'
import { PresetMenu } from './preset-menu.tsx'
import css from './conversion-bar.module.css'
import { WithSelect } from './with-select.tsx'

export function Strip() {
  const { t } = useTranslation()
  const pairings = usePairings()
  const now = useStored(choice)
  const targets = allTargets(pairings)
  return (
    <section className={css.strip} aria-label={t('conversion.label')}>
      <div className={css.sentence}>
        <Pair word={t('conversion.convertTo')}>
          <div className={css.format}>
            <FormatSelect
              label={t('conversion.convertTo')}
              value={now.target}
              formats={targets.length === 0 ? [now.target] : targets}
              onChange={(target) => choice.set({ target, options: {}, preset: null })}
            />
          </div>
        </Pair>
        <PresetMenu />
        <OptionsButton />
        <Pair word={t('conversion.with')}>
          <WithSelect />
        </Pair>
        <Pair word={t('conversion.into')}>
          <FolderMenu />
        </Pair>
      </div>
      <AddMenu />
    </section>
  )
}

/** They stay together where the line breaks. */
function Pair({ word, children }: { readonly word: string; readonly children: ReactNode }) {
  return (
    <div className={css.pair}>
      <span className={css.word}>{word}</span>
      {children}
    </div>
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
          {count === 0 ? t('conversion.options') : t('conversion.optionsCount', { count })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('conversion.options')}>
        <Stack gap="md">
          <OptionsForm names={names} options={now.options} onChange={(options) => choice.set({ options, preset: null })} />
          <Group justify="flex-end">
            <Button
              variant="subtle"
              size="compact-sm"
              disabled={count === 0}
              onClick={() => choice.set({ options: {}, preset: null })}
            >
              {t('conversion.resetOptions')}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
