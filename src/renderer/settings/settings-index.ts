/** What there is to set and where it stands, so that the list beside the page and the palette lead there. */
import type { Host } from '../wire/host.ts'

/** In the order of the page. */
export const settingsSections = ['output', 'engine', 'network', 'presets', 'appearance', 'desktop', 'support', 'about'] as const
export type SettingsSection = (typeof settingsSections)[number]

/** Each is found by the words of its own name; the names are keys of the language files. */
const bySection = {
  output: ['template', 'ifExists', 'keepDates', 'keepTags', 'afterwards', 'downloadFolder'],
  engine: ['lanes', 'hours', 'battery', 'reserve', 'ffmpeg'],
  network: ['localOnly', 'limit', 'webhookPort', 'webhookAddress', 'web'],
  presets: [],
  appearance: ['scheme', 'language'],
  desktop: ['notify', 'whenDone', 'keepAwake', 'tray', 'atLogin', 'update'],
  support: ['log', 'detailed', 'bundle'],
  about: [],
} as const satisfies Readonly<Record<SettingsSection, readonly string[]>>
export type SettingName = (typeof bySection)[SettingsSection][number]

/** Where to look for a setting that this machine does not have. */
export function sectionOf(name: string): SettingsSection | null {
  return settingsSections.find((section) => (bySection[section] as readonly string[]).includes(name)) ?? null
}

/** The sections that this shell has. */
export function sectionsOf({ desktop }: Host): readonly SettingsSection[] {
  return settingsSections.filter((section) => section !== 'desktop' || desktop !== null)
}

export function settingsOf(host: Host): readonly SettingName[] {
  return sectionsOf(host).flatMap((section): readonly SettingName[] => bySection[section])
}
