/** The list of shortcuts, and those that work everywhere in the window. */
import { useHotkeys } from '@mantine/hooks'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { navigate, sections } from './location.ts'
import { Dialog } from '../ui/dialog.tsx'
import { closeDialog, openDialog, useDialogs } from './dialogs.ts'
import { paletteKey } from './sidebar.tsx'
import css from './shortcuts.module.css'

const keys = [
  ['move', '↑ ↓'],
  ['edge', 'Home  End'],
  ['extend', 'Shift ↑ ↓'],
  ['select', 'Space'],
  ['all', 'Ctrl A'],
  ['details', 'Enter'],
  ['compare', 'C'],
  ['change', 'E'],
  ['try', 'T'],
  ['pause', 'P'],
  ['cancel', 'Delete'],
  ['retry', 'R'],
  ['sooner', '+  −'],
  ['reorder', 'Alt ↑ ↓'],
  ['search', '/'],
  ['sections', `Alt 1 … ${sections.length}`],
  ['palette', paletteKey],
  ['paste', 'Ctrl V'],
  ['escape', 'Esc'],
  ['help', '?'],
] as const

export function openShortcuts(): void {
  openDialog({ shortcuts: true })
}

function searchHistory(): void {
  navigate('history')
  openDialog({ historySearch: true })
}

export function Shortcuts() {
  const { t } = useTranslation()
  const isOpen = useDialogs(({ shortcuts }) => shortcuts !== null)
  useHotkeys([
    ['shift+?', openShortcuts],
    ['?', openShortcuts],
    ['/', searchHistory],
    ...sections.map((section, index): [string, () => void] => [`alt+${index + 1}`, () => navigate(section)]),
  ])
  return (
    <Dialog opened={isOpen} onClose={() => closeDialog('shortcuts')} title={t('shortcuts.title')} size="md">
      <dl className={css.list}>
        {keys.map(([name, key]) => (
          <Fragment key={name}>
            <dt>
              <kbd className={css.key}>{key}</kbd>
            </dt>
            <dd>{t(`shortcuts.${name}`)}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  )
}
