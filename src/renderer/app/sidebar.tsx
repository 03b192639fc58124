/** The sections of the window, with what waits in the queue. */
import { Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import {
  IconCommand,
  IconFolder,
  IconHistory,
  IconPlugConnected,
  IconServer2,
  IconSettings,
  IconStack2,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLive } from './context.tsx'
import { countText } from '../ui/quantities.ts'
import { sections, type Section } from './location.ts'
import { liveOf } from '../queue/queue.ts'
import css from './sidebar.module.css'

const icons = {
  queue: IconStack2,
  folders: IconFolder,
  history: IconHistory,
  providers: IconPlugConnected,
  machines: IconServer2,
  settings: IconSettings,
}

export function Sidebar({ section }: { readonly section: Section }) {
  const { t } = useTranslation()
  const { totals } = useLive()
  const isNarrow = useMediaQuery('(max-width: 960px)', undefined, { getInitialValueInEffect: false })
  const waiting = liveOf(totals)
  const needsUser = totals.waiting + totals.uncertain > 0
  return (
    <nav className={css.rail} aria-label={t('sidebar.label')} data-narrow={isNarrow || undefined}>
      <div className={css.brand} aria-hidden>
        <svg viewBox="0 0 32 32" className={css.mark}>
          <rect x="5" y="5" width="10" height="22" rx="3" className={css.before} />
          <rect x="17" y="5" width="10" height="22" rx="3" className={css.after} />
        </svg>
        {!isNarrow && <span>Beside</span>}
      </div>
      {sections.map((each) => {
        const Icon = icons[each]
        const name = t(`sidebar.${each}`)
        const count = each === 'queue' && waiting > 0 ? countText(waiting) : null
        return (
          <Tooltip key={each} label={name} position="right" disabled={!isNarrow}>
            <a
              href={`#/${each}`}
              className={css.link}
              aria-current={each === section ? 'page' : undefined}
              aria-label={isNarrow ? (count === null ? name : `${name}, ${count}`) : undefined}
            >
              <Icon size={19} stroke={1.7} aria-hidden />
              {!isNarrow && <span>{name}</span>}
              {count !== null && (
                <span className={css.count} data-needs={needsUser || undefined}>
                  {count}
                </span>
              )}
            </a>
          </Tooltip>
        )
      })}
      <div className={css.gap} />
      <Tooltip label={t('palette.label')} position="right" disabled={!isNarrow}>
        <button
          type="button"
          className={css.link}
          onClick={() => spotlight.open()}
          aria-label={isNarrow ? t('palette.label') : undefined}
        >
          <IconCommand size={19} stroke={1.7} aria-hidden />
          {!isNarrow && (
            <>
              <span>{t('palette.open')}</span>
              <kbd className={css.key}>{paletteKey}</kbd>
            </>
          )}
        </button>
      </Tooltip>
    </nav>
  )
}

export const paletteKey = /mac/i.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'
