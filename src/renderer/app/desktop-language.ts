/** Tray, menus and notifications speak the language that was chosen in the window. */
import type { Appearance } from './appearance.ts'
import type { DesktopPreferences } from '../wire/host.ts'

export async function tellLanguage(desktop: DesktopPreferences, language: Appearance['language']): Promise<void> {
  const { preferences } = await desktop.state()
  if (preferences.language !== language) await desktop.prefer({ language })
}
