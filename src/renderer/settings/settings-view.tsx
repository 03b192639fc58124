/** What holds for everything that does not say otherwise. Every change holds at once. */
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import { useSettings } from '../app/queries.ts'
import { DesktopSettings, WebSetting } from './desktop-settings.tsx'
import { TableSection } from './setting-rows.tsx'
import { sectionOf, sectionsOf, type PageSection } from './settings-index.ts'
import { AppearanceSettings } from './appearance-settings.tsx'
import { HookSettings } from './hook-settings.tsx'
import { PresetSettings } from './preset-settings.tsx'
import { Section } from './settings-section.tsx'
import { SupportSettings } from './support-settings.tsx'
import { usePart } from '../app/location.ts'
import css from './settings-view.module.css'

export function SettingsView() {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { settings } = useSettings()
  const page = useRef<HTMLDivElement>(null)
  const sections = sectionsOf(host)
  const part = usePart()
  const { current, track } = useCurrent(page, sections, part)
  const isThere = settings !== undefined
  const list = useRef<HTMLElement>(null)
  // In a narrow window the list is a line that may be longer than the window is wide.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  useEffect(() => {
    if (isThere && part !== '') show(part)
    track()
  }, [isThere, part])
  return (
    <div className={css.page} ref={page} onScroll={track}>
      <h1 className={css.title}>{t('settings.title')}</h1>
      <div className={css.columns}>
        <nav className={css.list} ref={list} aria-label={t('settings.sections')}>
          {sections.map((section) => (
            <a
              key={section}
              href={`#/settings/${section}`}
              aria-current={section === current ? 'true' : undefined}
              // Once more, where the address says it already.
              onClick={() => show(section)}
            >
              {t(`settings.${section}`)}
            </a>
          ))}
        </nav>
        <div className={css.sections}>
          <TableSection id="output" />
          <TableSection id="engine" />
          <TableSection id="network" after={<WebSetting />} />
          <PresetSettings />
          <HookSettings />
          <AppearanceSettings />
          {host.desktop !== null && <DesktopSettings desktop={host.desktop} />}
          <SupportSettings />
          <AboutBeside />
        </div>
      </div>
    </div>
  )
}

function AboutBeside() {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const about = useQuery({ queryKey: ['about'], queryFn: async () => await calls.about() }).data
  return (
    <Section id="about">
      {about !== undefined && (
        <>
          <p className={css.version}>{t('settings.version', { version: about.version })}</p>
          <TextInput label={t('settings.data')} value={about.home} readOnly />
        </>
      )}
    </Section>
  )
}

/** A section is brought to the top, a setting gets the focus. */
function show(part: string): void {
  const setting = document.getElementById(`setting-${part}`)
  const section = setting === null ? (sectionOf(part) ?? part) : null
  document.querySelector(`[data-section="${CSS.escape(section ?? '')}"]`)?.scrollIntoView({ block: 'start' })
  setting?.scrollIntoView({ block: 'center' })
  setting?.querySelector<HTMLElement>('input, button, [tabindex="0"]')?.focus({ preventScroll: true })
}

/**
 * Which section is being read. Where the page ends, the last ones cannot come to the top: there the one that was asked for counts, as it does where it
 * is at the top and so short that the next one is near it.
 */
function useCurrent(page: RefObject<HTMLDivElement | null>, sections: readonly PageSection[], asked: string) {
  const [current, setCurrent] = useState<PageSection>('output')
  const track = () => {
    const box = page.current
    if (box === null) return
    const { top, bottom } = box.getBoundingClientRect()
    const starts = sections.flatMap((section) => {
      const start = box.querySelector(`[data-section="${section}"]`)?.getBoundingClientRect().top
      return start === undefined ? [] : [{ section, start }]
    })
    const above = starts.findLast(({ start }) => start < top + box.clientHeight / 3)?.section
    const wanted = starts.find(({ section, start }) => section === (sectionOf(asked) ?? asked) && start < bottom)?.section
    const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 2
    const isWantedAtTop = starts.some(
      ({ section, start }) => section === wanted && start >= top && start < top + box.clientHeight / 3,
    )
    setCurrent((isAtEnd ? (wanted ?? sections.at(-1)) : isWantedAtTop ? wanted : above) ?? 'output')
  }
  return { current, track }
}
