import i18next from 'i18next'
import { describe, expect, it } from 'vitest'
import { localPairings } from '../../../src/main/providers/local/pairings.ts'
import { optionsOf, type Pairings } from '../../../src/renderer/add/pairings.ts'
import { allowedText, choiceText, clockText, defaultText, fieldLabel, valueText } from '../../../src/renderer/ui/option-texts.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { optionNames, optionTable, type OptionName, type Options } from '../../../src/shared/options.ts'
import de from '../../../src/shared/text/de.json' with { type: 'json' }
import en from '../../../src/shared/text/en.json' with { type: 'json' }
import es from '../../../src/shared/text/es.json' with { type: 'json' }
import fr from '../../../src/shared/text/fr.json' with { type: 'json' }
import ja from '../../../src/shared/text/ja.json' with { type: 'json' }
import zh from '../../../src/shared/text/zh.json' with { type: 'json' }

const t = await i18next.init({ lng: 'en', resources: { en: { translation: en.labels } } })

const pairings: Pairings = [
  ...localPairings.map(({ from, to, options, values = {}, defaults = {} }) => ({
    provider: 'local' as const,
    from: [...from],
    to: [...to],
    options: [...options],
    values: Object.fromEntries(Object.entries(values).map(([name, each]) => [name, [...each]])),
    defaults,
  })),
  { provider: 'musicgpt', from: ['wav'], to: ['mp3'], options: ['sampleRate'], values: {}, defaults: {} },
]
const said = (target: FormatId, name: OptionName, options: Options = {}) =>
  defaultText(name, optionsOf(pairings, target, 'local'), options, t)

describe('what an option is unless it is set', () => {
  it('is said in figures, for the target and beside what is set', () => {
    expect({
      mp3: said('mp3', 'bitrate'),
      m4a: said('m4a', 'bitrate'),
      mono: said('m4a', 'bitrate', { channels: 1 }),
      low: said('m4a', 'bitrate', { quality: 'low' }),
      monoMp3: said('mp3', 'bitrate', { channels: 1 }),
      quality: said('opus', 'quality'),
      film: said('mp4', 'quality'),
      crf: said('webm', 'crf', { videoCodec: 'av1' }),
      codec: said('mp4', 'videoCodec'),
      rate: said('mp3', 'sampleRate'),
      depth: said('flac', 'bitDepth'),
      jpeg: said('jpeg', 'imageQuality'),
      width: said('webp', 'width'),
      start: said('mp3', 'trimStart'),
      end: said('mp3', 'trimEnd'),
      gif: said('gif', 'fps'),
      loudness: said('mp3', 'loudness'),
    }).toEqual({
      mp3: 'about 190 kbit/s in stereo',
      m4a: '192 kbit/s in stereo',
      mono: '115.2 kbit/s',
      low: '96 kbit/s in stereo',
      monoMp3: 'variable',
      quality: 'High · 128 kbit/s in stereo',
      film: 'High · CRF 20',
      crf: 'CRF 32',
      codec: 'H.264',
      rate: 'as the source, up to 48,000 Hz',
      depth: 'as the source, up to 24 bit',
      jpeg: '85',
      width: 'as the source',
      start: '0:00',
      end: 'to the end',
      gif: 'as the source, up to 12 /s',
      loudness: '-16 LUFS',
    })
  })

  it('says nothing vague for any option of any format of this machine', () => {
    const empty = localPairings.flatMap(({ to, options }) =>
      to.flatMap((target) =>
        options.filter((name) => ['', 'set by This machine'].includes(said(target, name))).map((name) => `${target} ${name}`),
      ),
    )
    expect(empty).toEqual([])
  })

  it('is whatever fits in, where a size must not be passed', () => {
    const limit = { maxSize: 10_000_000 }
    expect([said('mp4', 'quality', limit), said('webp', 'imageQuality', limit), said('mp4', 'fps', limit)]).toEqual([
      'as fits the size',
      'as fits the size',
      'as the source',
    ])
  })

  it('is left to a provider that does not say', () => {
    expect(defaultText('sampleRate', optionsOf(pairings, 'mp3', 'musicgpt'), {}, t)).toBe('set by MusicGPT')
  })
})

describe('values and what may be typed', () => {
  it.each(Object.entries({ de, en, es, fr, ja, zh }))(
    'are words of the language, as every label and default is: %s',
    async (lng, texts) => {
      const own = i18next.createInstance()
      const translate = await own.init({ lng, resources: { [lng]: { translation: texts.labels } } })
      const untold = new Set<string>()
      for (const name of optionNames) {
        const { kind, values = [] } = optionTable[name]
        const labels = [fieldLabel(name, translate), allowedText(name, translate)]
        const words = kind === 'choice' ? values.map((value) => valueText(name, value, translate)) : []
        const isRaw = (text: string) => text === '' || /undefined|\{\{|optionForm\.|option\./.test(text)
        if (labels.some(isRaw) || words.some((text) => isRaw(text) || values.includes(text))) untold.add(name)
      }
      for (const { to, options } of localPairings) {
        for (const target of to) {
          const possible = optionsOf(pairings, target, 'local')
          for (const name of options) {
            const text = defaultText(name, possible, {}, translate)
            if (text === '' || /undefined|NaN|\{\{|optionForm\./.test(text)) untold.add(`${target} ${name} ${text}`)
          }
        }
      }
      expect([...untold]).toEqual([])
    },
  )

  it('are in words where they are words', () => {
    const { defaults } = optionsOf(pairings, 'm4a', 'local')
    expect([
      choiceText('quality', 'extreme', defaults, {}, t),
      choiceText('quality', 'extreme', defaults, { bitrate: 64 }, t),
      valueText('fit', 'cover', t),
      valueText('videoCodec', 'h265', t),
      valueText('channels', 2, t),
      valueText('channels', 6, t),
      valueText('maxSize', 10_000_000, t),
    ]).toEqual(['Extreme · 256 kbit/s in stereo', 'Extreme', 'Fill and crop', 'H.265 (HEVC)', '2 (stereo)', '6 (5.1)', '10 MB'])
    expect([0, 90_000, 3_723_500].map(clockText)).toEqual(['0:00', '1:30', '62:03.5'])
  })

  it('have their limits and units, in every option', () => {
    expect([allowedText('bitrate', t), allowedText('crf', t), allowedText('maxSize', t), fieldLabel('maxSize', t)]).toEqual([
      '6 to 1,000 kbit/s',
      'whole numbers from 0 to 63',
      '1 kB to 1 TB',
      'Maximum size (MB)',
    ])
    expect(optionNames.filter((name) => allowedText(name, t) === '')).toEqual([])
  })
})
