/** The list of shortcuts, and those that work everywhere in the window. */
import { Modal } from '@mantine/core'
import { useDisclosure, useHotkeys, useWindowEvent } from '@mantine/hooks'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { go, sections } from '../place.ts'
import { paletteKey } from './rail.tsx'
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
  ['search', '/'],
  ['sections', 'Alt 1 … 4'],
  ['palette', paletteKey],
  ['paste', 'Ctrl V'],
  ['escape', 'Esc'],
  ['help', '?'],
] as const

const opener = 'beside:shortcuts'

export function openShortcuts(): void {
  window.dispatchEvent(new Event(opener))
}

export function Shortcuts() {
  const { t } = useTranslation()
  const [isOpen, { open, close }] = useDisclosure(false)
  useHotkeys([
    ['shift+?', open],
    ['?', open],
    ['/', toSearch],
    ...sections.map((section, index): [string, () => void] => [`alt+${index + 1}`, () => go(section)]),
  ])
  useWindowEvent(opener as keyof WindowEventMap, open)
  return (
    <Modal opened={isOpen} onClose={close} title={t('shortcuts.title')} closeButtonProps={{ 'aria-label': t('common.close') }} centered size="md">
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

function toSearch() {
  go('history')
  // The section is drawn first.
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector<HTMLInputElement>('[data-search]')?.focus()))
}
