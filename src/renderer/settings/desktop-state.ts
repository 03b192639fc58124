/** What the desktop keeps for itself, as it is now. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { DesktopState, Preferences } from '../../shared/preferences.ts'
import type { DesktopPreferences } from '../wire/host.ts'

export function useDesktop(desktop: DesktopPreferences): {
  readonly now: DesktopState | undefined
  prefer(change: Partial<Preferences>): Promise<DesktopState>
} {
  const client = useQueryClient()
  const now = useQuery({ queryKey: ['desktop'], queryFn: async () => await desktop.state() }).data
  return {
    now,
    prefer: async (change) => {
      const state = await desktop.prefer(change)
      client.setQueryData(['desktop'], state)
      return state
    },
  }
}
