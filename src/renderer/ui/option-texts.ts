/** Options in the user's words: what they are called, what their values mean, what they are unless set, and what they may be. */
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { defaultOf, type OptionDefaults, type SettledDefault } from '../../shared/option-defaults.ts'
import { optionNames, optionTable, type OptionName, type Options, type OptionValue } from '../../shared/options.ts'
import type { TargetOptions } from '../add/pairings.ts'
import { providerName } from '../providers/provider-texts.ts'
import { bytesText, countText, megabyteUnit } from './quantities.ts'

/** What the options are called in the user's language. */
export function useOptionLabels(): Readonly<Record<OptionName, string>> {
  const { t } = useTranslation()
  return Object.fromEntries(optionNames.map((name) => [name, t(`option.${name}`)])) as Record<OptionName, string>
}

/** With its unit, as over a field. */
export function fieldLabel(name: OptionName, t: TFunction): string {
  const { kind, unit } = optionTable[name]
  const shown = kind === 'size' ? megabyteUnit() : kind === 'time' || kind === 'number-choice' ? undefined : unit
  return shown === undefined ? t(`option.${name}`) : `${t(`option.${name}`)} (${shown})`
}

const codecTitles: Readonly<Record<string, string>> = {
  ...{ h264: 'H.264', h265: 'H.265 (HEVC)', vp9: 'VP9', av1: 'AV1', mpeg4: 'MPEG-4 (Xvid)', mpeg2: 'MPEG-2' },
  ...{ wmv: 'Windows Media Video 8', theora: 'Theora', prores: 'Apple ProRes 422', dnxhr: 'Avid DNxHR' },
}
const layouts: Readonly<Record<number, string>> = { 6: '6 (5.1)', 7: '7 (6.1)', 8: '8 (7.1)' }

/** One value as a person says it: `192 kbit/s`, `H.265 (HEVC)`, `1:30`. */
export function valueText(name: OptionName, value: OptionValue, t: TFunction): string {
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no')
  const { kind, unit } = optionTable[name]
  if (name === 'channels')
    return value === 1 ? t('optionForm.mono') : value === 2 ? t('optionForm.stereo') : (layouts[Number(value)] ?? String(value))
  if (name === 'crf') return `CRF ${value}`
  if (kind === 'time' && typeof value === 'number') return clockText(value)
  if (kind === 'size' && typeof value === 'number') return bytesText(value)
  if (typeof value === 'number') return unit === undefined ? countText(value) : `${countText(value)} ${unit}`
  return wordOf(name, value, t)
}

/** The same in every language. */
const properNames: Readonly<Record<string, string>> = { a3: 'A3', a4: 'A4', a5: 'A5', letter: 'Letter', legal: 'Legal' }

function wordOf(name: OptionName, value: string, t: TFunction): string {
  if (optionTable[name].kind !== 'choice') return value
  if (name === 'videoCodec') return codecTitles[value] ?? value
  if (name === 'pdfa') return `PDF/A-${value}`
  const text = name === 'paper' ? properNames[value] : undefined
  return text ?? t(`optionForm.${name}.${value}` as 'optionForm.quality.high', { defaultValue: value })
}

/** As players show a position, to the millisecond where it has any. */
export function clockText(ms: number): string {
  const seconds = (ms % 60_000) / 1000
  const rest = String(Number(seconds.toFixed(3)))
  return `${Math.floor(ms / 60_000)}:${seconds < 10 ? '0' : ''}${rest}`
}

/** A quality with the figure that it stands for, where one is known: `High · 192 kbit/s`. */
export function choiceText(
  name: OptionName,
  value: OptionValue,
  defaults: OptionDefaults,
  options: Options,
  t: TFunction,
): string {
  const text = valueText(name, value, t)
  if (name !== 'quality') return text
  const figures = (['crf', 'bitrate'] as const).flatMap((figure) => {
    if (options[figure] !== undefined) return []
    const found = defaultOf(defaults, figure, { ...options, quality: value as NonNullable<Options['quality']> })
    return found === null || (found.kind === 'varies' && found.about === null)
      ? []
      : [settledText(figure, found, defaults, options, t)]
  })
  return [text, ...figures.slice(0, 1)].join(' · ')
}

/** Where a size must not be passed, these are whatever fits in. */
const yieldsToSize: ReadonlySet<OptionName> = new Set([
  'quality',
  'bitrate',
  'crf',
  'imageQuality',
  'maxHeight',
  'width',
  'height',
])

/** Where a result has to look as near to its source as is asked for, these are whatever does. */
const yieldsToMatch: ReadonlySet<OptionName> = new Set(['quality', 'crf', 'imageQuality'])

/** What an option is while it is not set, in figures; where only the provider knows, that. */
export function defaultText(name: OptionName, possible: TargetOptions, options: Options, t: TFunction): string {
  if (possible.mixed?.has(name) === true) return t('change.mixed')
  if (options.matchQuality !== undefined && yieldsToMatch.has(name)) return t('optionForm.default.matches')
  if (options.maxSize !== undefined && yieldsToSize.has(name)) return t('optionForm.default.fits')
  const found = defaultOf(possible.defaults, name, options)
  if (found !== null) return settledText(name, found, possible.defaults, options, t)
  const by = possible.takenBy[name]
  return by === undefined ? '' : t('optionForm.default.provider', { provider: providerName(by, t) })
}

/** What it means that nothing is set, where that is something. */
const unsetTexts: Readonly<Partial<Record<OptionName, 'end' | 'none' | 'all' | 'detected'>>> = {
  trimEnd: 'end',
  maxSize: 'none',
  width: 'none',
  height: 'none',
  maxHeight: 'none',
  pages: 'all',
  sheet: 'all',
  sourceEncoding: 'detected',
  language: 'detected',
}

function settledText(name: OptionName, found: SettledDefault, defaults: OptionDefaults, options: Options, t: TFunction): string {
  const figure = (value: OptionValue) => valueText(name, typeof value === 'number' ? Math.round(value * 10) / 10 : value, t)
  // How many channels there are is known with the source.
  const inStereo = (text: string) =>
    name === 'bitrate' && options.channels === undefined && defaults.channels?.kind === 'source'
      ? t('optionForm.default.stereo', { value: text })
      : text
  switch (found.kind) {
    case 'value':
      return name === 'quality' ? choiceText(name, found.value, defaults, options, t) : inStereo(figure(found.value))
    case 'varies':
      return found.about === null
        ? t('optionForm.default.varies')
        : inStereo(t('optionForm.default.about', { value: figure(found.about) }))
    case 'source':
      if (found.upTo === undefined) return t('optionForm.default.source')
      return t('optionForm.default.upTo', { max: figure(found.upTo) })
    case 'none':
      return t(`optionForm.default.${unsetTexts[name] ?? 'unset'}`)
  }
}

/** What may be typed, for somebody who typed something else. */
export function allowedText(name: OptionName, t: TFunction): string {
  const { kind, min = 0, max = 0, unit, whole } = optionTable[name]
  switch (kind) {
    case 'time':
      return t('optionForm.allowed.time')
    case 'url':
      return t('optionForm.allowed.url')
    case 'text':
    case 'secret':
      return t('optionForm.allowed.text', { max: 255 })
    case 'ranges':
      return t('optionForm.allowed.ranges')
    case 'colour':
      return t('optionForm.allowed.colour')
    case 'size':
      return t('optionForm.allowed.range', { min: bytesText(min), max: bytesText(max) })
    default: {
      const upTo = unit === undefined ? countText(max) : `${countText(max)} ${unit}`
      return t(whole === true ? 'optionForm.allowed.whole' : 'optionForm.allowed.range', { min: countText(min), max: upTo })
    }
  }
}
