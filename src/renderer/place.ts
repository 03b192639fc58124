/** Which section is shown: the part of the address behind the #, so that back, forward and reload do what they do everywhere. */
import { useSyncExternalStore } from 'react'

export const sections = ['queue', 'folders', 'history', 'providers', 'settings'] as const
export type Section = (typeof sections)[number]

/** The token of the printed address, taken out of it before anything else can see it. */
export function takeToken(): string {
  const behind = location.hash.slice(1)
  if (!/^[\w-]{40,}$/.test(behind)) return ''
  history.replaceState(null, '', location.pathname)
  return behind
}

export function go(section: Section): void {
  location.hash = `/${section}`
}

export function useSection(): Section {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener('hashchange', listener)
      return () => window.removeEventListener('hashchange', listener)
    },
    () => sections.find((section) => location.hash === `#/${section}`) ?? 'queue',
  )
}
