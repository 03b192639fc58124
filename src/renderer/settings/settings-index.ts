/** What there is to set and where it stands, so that the list beside the page and the palette lead there. */
import { settingNames, settingTable, type SettingName } from '../../shared/settings.ts'
import type { Host } from '../wire/host.ts'

/** In the order of the page. */
export const pageSections = [
  'output',
  'engine',
  'network',
  'presets',
  'hooks',
  'appearance',
  'desktop',
  'support',
  'about',
] as const
export type PageSection = (typeof pageSections)[number]

/** What is set in this window, on the desktop or at once; the names are keys of the language files. */
const ownRows = {
  web: 'network',
  scheme: 'appearance',
  language: 'appearance',
  notify: 'desktop',
  whenDone: 'desktop',
  keepAwake: 'desktop',
  tray: 'desktop',
  atLogin: 'desktop',
  update: 'desktop',
  log: 'support',
  bundle: 'support',
} as const satisfies Readonly<Record<string, PageSection>>

/** Each is found by the text of its own name. */
export type RowName = EngineSetting | keyof typeof ownRows
/** Who converts first is set where the providers are. */
export type EngineSetting = Exclude<SettingName, 'providerOrder'>

/** The settings of the engine that a section shows. */
export function settingsIn(section: PageSection): readonly EngineSetting[] {
  return settingNames.filter((name) => name !== 'providerOrder').filter((name) => settingTable[name].section === section)
}

function rowsIn(section: PageSection): readonly RowName[] {
  const own = (Object.keys(ownRows) as (keyof typeof ownRows)[]).filter((name) => ownRows[name] === section)
  return [...settingsIn(section), ...own]
}

/** Where to look for a setting that this machine does not have. */
export function sectionOf(name: string): PageSection | null {
  return pageSections.find((section) => (rowsIn(section) as readonly string[]).includes(name)) ?? null
}

/** The sections that this shell has. */
export function sectionsOf({ desktop }: Host): readonly PageSection[] {
  return pageSections.filter((section) => section !== 'desktop' || desktop !== null)
}

export function rowsOf(host: Host): readonly RowName[] {
  return sectionsOf(host).flatMap(rowsIn)
}
