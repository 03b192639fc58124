/** What this machine makes of what, whether all that it needs for that is there or not: data for routing, for menus and for `beside formats`. */
import { engineTable, type EngineId } from './engine-table.ts'
import type { EngineFacts } from './engine.ts'
import type { OptionDefaults } from '../../../shared/option-defaults.ts'
import type { Pairing } from '../provider.ts'

/** What an option means where nobody sets it and its engine says nothing else of it: that nothing is done. */
const untouched: OptionDefaults = {
  pages: { kind: 'none' },
  pagesPerFile: { kind: 'none' },
  margin: { kind: 'none' },
  pdfa: { kind: 'none' },
  sourceEncoding: { kind: 'none' },
  language: { kind: 'none' },
  password: { kind: 'none' },
  protect: { kind: 'none' },
  rotate: { kind: 'none' },
  compress: { kind: 'none' },
  sheet: { kind: 'none' },
  paper: { kind: 'none' },
  orientation: { kind: 'none' },
  ocrLanguage: { kind: 'value', value: 'eng' },
  ocr: { kind: 'none' },
  dpi: { kind: 'none' },
  encoding: { kind: 'value', value: 'utf-8' },
  delimiter: { kind: 'value', value: 'comma' },
  header: { kind: 'value', value: true },
  indent: { kind: 'value', value: 2 },
  sortKeys: { kind: 'value', value: false },
  iconSizes: { kind: 'none' },
  background: { kind: 'value', value: '#ffffff' },
  shift: { kind: 'none' },
  subtitleFps: { kind: 'none' },
  sourceFps: { kind: 'none' },
  frames: { kind: 'value', value: 'one' },
  frameAt: { kind: 'none' },
  frameInterval: { kind: 'none' },
  raw: { kind: 'none' },
  toc: { kind: 'value', value: false },
}

/** In the order in which they are asked. */
export const localEngines: readonly (EngineFacts & { readonly id: EngineId })[] = engineTable.map((facts) => ({
  ...facts,
  pairings: facts.pairings.map((pairing: Pairing) => ({ ...pairing, defaults: { ...untouched, ...pairing.defaults } })),
}))

export const localPairings: readonly Pairing[] = localEngines.flatMap(({ pairings }) => pairings)

/** What needs no program but FFmpeg, which Beside fetches. */
export const embeddedPairings: readonly Pairing[] = localEngines
  .filter(({ id, needs }) => needs === null || id === 'media')
  .flatMap(({ pairings }) => pairings)
