/** The list of shortcuts, and those that work everywhere in the window. */
import { Modal } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { go, sections } from './location.ts'
import { createOpener } from './opener.ts'
import { paletteKey } from './sidebar.tsx'
import css from './shortcuts.module.css'

const keys = [
  ['move', '↑ ↓'],
  ['edge', 'Home  End'],
  ['extend', 'Shift ↑ ↓'],
  ['select', 'Space'],
  ['all', 'Ctrl A'],
  ['details', 'Enter'],
  ['pause', 'P'],
  ['cancel', 'Delete'],
  ['retry', 'R'],
  ['sooner', '+  −'],
  ['reorder', 'Alt ↑ ↓'],
  ['search', '/'],
  ['sections', 'Alt 1 … 5'],
  ['palette', paletteKey],
  ['paste', 'Ctrl V'],
  ['escape', 'Esc'],
  ['help', '?'],
] as const

const opener = createOpener<'list'>()

export function openShortcuts(): void {
  opener.open('list')
}

export function Shortcuts() {
  const { t } = useTranslation()
  const isOpen = opener.use() !== null
  useHotkeys([
    ['shift+?', openShortcuts],
    ['?', openShortcuts],
    ['/', toSearch],
    ...sections.map((section, index): [string, () => void] => [`alt+${index + 1}`, () => go(section)]),
  ])
  return (
    <Modal
      opened={isOpen}
      onClose={opener.close}
      title={t('shortcuts.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      centered
      size="md"
    >
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
    </Modal>
  )
}

/** Asks the history, as soon as it is there, to put the cursor into its search. */
export const search = createOpener<'wanted'>()

function toSearch() {
  go('history')
  search.open('wanted')
}
