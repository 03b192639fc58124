/** Everything the window can do, by name. Apart, as a dialog of its own. */
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import { IconArrowRight, IconSearch } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { factsOf } from '../../shared/formats.ts'
import { useAppearance } from './appearance.ts'
import { useBeside, useLive } from './context.tsx'
import { guarded } from './outcomes.ts'
import { usePairings, usePresets } from './queries.ts'
import { followPreset, useConversion } from '../add/conversion.ts'
import { navigate, sections } from './location.ts'
import { allTargets } from '../add/pairings.ts'
import { chooseFiles } from '../add/add-menu.tsx'
import { rowsOf } from '../settings/settings-index.ts'
import { rememberFormat } from '../ui/format-list.tsx'
import { purposeWords, whenText } from '../ui/format-purposes.ts'
import { presetText } from '../ui/preset-texts.ts'
import { openShortcuts } from './shortcuts.tsx'

export function Palette() {
  const { t } = useTranslation()
  const { calls, host, queue, adding } = useBeside()
  const { paused } = useLive()
  const pairings = usePairings()
  const { presets } = usePresets()
  const act = (id: string, label: string, onClick: () => void): SpotlightActionData => ({ id, label, onClick })
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('palette.sections'),
      actions: sections.map((section) => act(section, t(`sidebar.${section}`), () => navigate(section))),
    },
    {
      group: t('palette.commands'),
      actions: [
        act('add', `${t('add.add')}: ${t('add.files')}`, () => chooseFiles('files', (dropped) => void adding.addFiles(dropped))),
        paused
          ? act('resume', t('statusBar.resumeAll'), () => guarded(() => calls.queue.resume()))
          : act('pause', t('statusBar.pauseAll'), () => guarded(() => calls.queue.pause())),
        act('clear', t('queue.clear'), () => queue.clearFinished()),
        act('light', `${t('settings.scheme')}: ${t('settings.light')}`, () => useAppearance.setState({ scheme: 'light' })),
        act('dark', `${t('settings.scheme')}: ${t('settings.dark')}`, () => useAppearance.setState({ scheme: 'dark' })),
        act('shortcuts', t('shortcuts.title'), openShortcuts),
      ],
    },
    {
      group: t('conversion.convertTo'),
      actions: allTargets(pairings).map((id) => {
        const choose = () => {
          useConversion.setState({ target: id, options: {}, preset: null })
          rememberFormat(id)
          navigate('queue')
        }
        const found = { description: whenText(id, t), keywords: [...factsOf(id).extensions, ...purposeWords(id, t)] }
        return { ...act(`to ${id}`, t('palette.format', { format: factsOf(id).title }), choose), ...found }
      }),
    },
  ]
  groups.push({
    group: t('conversion.presets'),
    actions: presets.map((preset) => {
      const { title, line } = presetText(preset, t)
      const follow = () => {
        followPreset(preset)
        navigate('queue')
      }
      return { ...act(`preset ${preset.name}`, title, follow), description: line }
    }),
  })
  groups.push({
    group: t('settings.title'),
    actions: rowsOf(host).map((name) =>
      act(`setting ${name}`, `${t('settings.title')}: ${t(`settings.${name}`)}`, () => navigate('settings', name)),
    ),
  })
  return (
    <Spotlight
      actions={groups}
      nothingFound={t('palette.none')}
      shortcut={['mod + K']}
      tagsToIgnore={[]}
      highlightQuery
      attributes={{ content: { 'aria-label': t('palette.label') } }}
      scrollable
      maxHeight={380}
      limit={30}
      searchProps={{
        placeholder: t('palette.search'),
        'aria-label': t('palette.label'),
        leftSection: <IconSearch size={18} aria-hidden />,
        rightSection: <IconArrowRight size={16} aria-hidden />,
      }}
    />
  )
}
