/** Which section is shown: the part of the address behind the #, so that back, forward and reload do what they do everywhere. */
import { useSyncExternalStore } from 'react'

export const sections = ['queue', 'folders', 'history', 'providers', 'machines', 'settings'] as const
export type Section = (typeof sections)[number]

/** The token of the printed address, taken out of it before anything else can see it. */
export function takeToken(): string {
  const behind = location.hash.slice(1)
  if (!/^[\w-]{40,}$/.test(behind)) return ''
  history.replaceState(null, '', location.pathname)
  return behind
}

/** `part` names something on the section's page. */
export function navigate(section: Section, part?: string): void {
  location.hash = part === undefined ? `/${section}` : `/${section}/${part}`
}

export function useSection(): Section {
  return useHash((hash) => sections.find((section) => hash === `#/${section}` || hash.startsWith(`#/${section}/`)) ?? 'queue')
}

/** The part of the section's page that is to be shown; empty where that is the page as a whole. */
export function usePart(): string {
  return useHash((hash) => hash.split('/')[2] ?? '')
}

function useHash<T>(read: (hash: string) => T): T {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener('hashchange', listener)
      return () => window.removeEventListener('hashchange', listener)
    },
    () => read(location.hash),
  )
}
