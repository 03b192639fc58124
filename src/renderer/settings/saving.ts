/** Changes of a section of the settings, and whether the last one holds. */
import { useState } from 'react'
import { toFailure, type Failure } from '../../shared/failure.ts'
import { defaultSettings, type Settings } from '../../shared/settings.ts'
import { useSettings } from '../app/context.tsx'

export type SaveState = 'untouched' | 'saving' | 'saved' | Failure

export interface Saving {
  readonly state: SaveState
  /** Runs at once; what goes wrong becomes the state. */
  save(work: () => Promise<unknown>): void
}

export function useSaving(): Saving {
  const [state, setState] = useState<SaveState>('untouched')
  const run = async (work: () => Promise<unknown>) => {
    setState('saving')
    try {
      await work()
      setState('saved')
    } catch (error) {
      setState(toFailure(error))
    }
  }
  return { state, save: (work) => void run(work) }
}

/** The settings of one section. */
export function useSettingsOf(names: readonly (keyof Settings)[]) {
  const { settings, change } = useSettings()
  const { state, save } = useSaving()
  const set = (part: Partial<Settings>) => save(async () => await change(part))
  const isUsual = settings === undefined || names.every((name) => isSame(settings[name], defaultSettings[name]))
  const reset = () => set(Object.fromEntries(names.map((name) => [name, defaultSettings[name]])))
  return { settings, set, state, onReset: isUsual ? null : reset }
}

/** Of plain values, however deep. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
