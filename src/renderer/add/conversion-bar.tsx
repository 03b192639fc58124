/** The bar over the queue: a sentence that says what dropped files become, each word of it a choice. */
import { Button, Menu, SegmentedControl } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconFolder } from '@tabler/icons-react'
import { useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { useAllPairings } from '../app/queries.ts'
import { ProviderSelect } from '../providers/provider-select.tsx'
import { TextDialog } from '../ui/dialog.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { AddMenu } from './add-menu.tsx'
import { lastPart } from './adding.ts'
import { canCombine } from './combining.ts'
import css from './conversion-bar.module.css'
import { useConversion } from './conversion.ts'
import { sourcesIn } from './dropped-files.ts'
import { offerOf } from './pairings.ts'
import { FurtherFormats, OptionsButton } from './further-formats.tsx'
import { PresetMenu } from './preset-menu.tsx'

const { setState: choose } = useConversion
const maxRecentFolders = 5

export function ConversionBar() {
  const { t } = useTranslation()
  const pairings = useAllPairings()
  const now = useConversion()
  const offer = useMemo(() => offerOf(pairings), [pairings])
  const isEmpty = offer.here.length + offer.online.size === 0
  return (
    <section className={css.bar} aria-label={t('conversion.label')}>
      <div className={css.sentence}>
        <Pair label={t('conversion.convertTo')}>
          <div className={css.format}>
            <FormatSelect
              label={t('conversion.convertTo')}
              value={now.target}
              formats={isEmpty ? [now.target] : offer}
              onChange={(target) => choose({ target, options: {}, preset: null })}
            />
          </div>
        </Pair>
        {canCombine(pairings, now) && <TogetherChoice />}
        <PresetMenu />
        <OptionsButton target={now.target} options={now.options} onChange={(options) => choose({ options, preset: null })} />
        <FurtherFormats />
        <Pair label={t('conversion.with')}>
          <ProviderSelect
            className={css.with}
            aria-label={t('conversion.with')}
            value={now.with}
            onChange={(provider) => choose({ with: provider })}
          />
        </Pair>
        <Pair label={t('conversion.into')}>
          <FolderMenu />
        </Pair>
      </div>
      <AddMenu />
    </section>
  )
}

/** Whether several files become several results, or one. */
function TogetherChoice() {
  const { t } = useTranslation()
  const { together } = useConversion()
  return (
    <SegmentedControl
      aria-label={t('combine.choice')}
      value={together ? 'one' : 'each'}
      data={[
        { value: 'each', label: t('combine.each') },
        { value: 'one', label: t('combine.one') },
      ]}
      onChange={(value) => choose({ together: value === 'one' })}
    />
  )
}

/** They stay together where the line breaks. */
function Pair({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={css.pair}>
      <span className={css.label}>{label}</span>
      {children}
    </div>
  )
}

interface BarMenuProps {
  readonly value: string
  /** In full, where the value is short for it. */
  readonly title?: string | undefined
  readonly children: ReactNode
}

function BarMenu({ value, title, children }: BarMenuProps) {
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />} className={css.choice} title={title}>
          {value}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  )
}

/** Where results go: beside their originals, or into a folder. */
function FolderMenu() {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { out, recentFolders } = useConversion()
  const [isAsking, { open, close }] = useDisclosure(false)
  const take = (folder: string) =>
    choose({
      out: folder,
      recentFolders: [folder, ...recentFolders.filter((each) => each !== folder)].slice(0, maxRecentFolders),
    })
  const takeOther = async () => {
    if (host.chooseFolder === null) return open()
    const chosen = await host.chooseFolder()
    if (chosen !== null) take(chosen)
  }
  return (
    <>
      <BarMenu value={out === null ? t('conversion.beside') : lastPart(out)} title={out ?? undefined}>
        <Menu.Item onClick={() => choose({ out: null })}>{t('conversion.beside')}</Menu.Item>
        {recentFolders.map((folder) => (
          <Menu.Item key={folder} leftSection={<IconFolder size={16} />} onClick={() => take(folder)}>
            {folder}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => guarded(takeOther)}>{t('conversion.otherFolder')}</Menu.Item>
      </BarMenu>
      <TextDialog
        title={t('conversion.folderTitle')}
        label={t('conversion.folderLabel')}
        opened={isAsking}
        validate={(path) => (sourcesIn(path).length === 0 ? t('conversion.folderBad') : null)}
        onSubmit={(path) => {
          take(path)
          close()
        }}
        onClose={close}
      />
    </>
  )
}
