import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allowedValues,
  askedOfProvider,
  contradictionIn,
  optionNames,
  optionTable,
  optionTexts,
  parseOption,
  parseOptions,
  type OptionName,
  type Options,
} from '../../src/shared/options.ts'

/** The value, or the code of the refusal. */
function parsed(name: string, value: unknown): unknown {
  const result = parseOption(name, value)
  return result.ok ? result.value.value : result.failure.code
}

describe('an option', () => {
  it.each<[name: OptionName, text: unknown, value: unknown]>([
    ['bitrate', '192k', 192],
    ['bitrate', '192', 192],
    ['bitrate', '320 kbit/s', 320],
    ['bitrate', '96kbps', 96],
    ['bitrate', 64.5, 64.5],
    ['quality', 'HIGH', 'high'],
    ['sampleRate', '48000', 48000],
    ['bitDepth', 24, 24],
    ['channels', '2', 2],
    ['normalize', 'yes', true],
    ['normalize', 'Off', false],
    ['normalize', '1', true],
    ['normalize', false, false],
    ['loudness', '-23', -23],
    ['trimStart', '90', 90_000],
    ['trimStart', '1:30', 90_000],
    ['trimStart', '1:02:03.5', 3_723_500],
    ['trimStart', '0', 0],
    ['trimEnd', '90:00', 5_400_000],
    ['trimEnd', 1500.4, 1500],
    ['crf', '23', 23],
    ['fps', '29.97', 29.97],
    ['maxSize', '10MB', 10_000_000],
    ['maxSize', '10 MB', 10_000_000],
    ['maxSize', '9.5mb', 9_500_000],
    ['maxSize', '700kB', 700_000],
    ['maxSize', '25M', 25_000_000],
    ['maxSize', '8MiB', 8_388_608],
    ['maxSize', '10000000', 10_000_000],
    ['maxSize', 1234.5, 1235],
    ['onlyIfSmaller', '20%', 20],
    ['onlyIfSmaller', '0', 0],
    ['matchQuality', 'High', 'high'],
    ['matchQuality', '98.5', 98.5],
    ['matchQuality', 50, 50],
    ['filename', 'Ü (1)', 'Ü (1)'],
    ['webhook', 'https://example.org/hook?x=1', 'https://example.org/hook?x=1'],
  ])('%s takes %j', (name, text, value) => {
    expect(parsed(name, text)).toBe(value)
  })

  it.each<[name: OptionName, text: unknown]>([
    ['bitrate', '5'],
    ['bitrate', '1001'],
    ['bitrate', '192M'],
    ['bitrate', ''],
    ['bitrate', '1e3'],
    ['bitrate', Number.NaN],
    ['bitrate', Infinity],
    ['quality', 'best'],
    ['sampleRate', '44000'],
    ['bitDepth', '24bit'],
    ['channels', '1.5'],
    ['channels', '0'],
    ['normalize', 'maybe'],
    ['normalize', 2],
    ['trimStart', '1:60'],
    ['trimStart', '1:2:3:4'],
    ['trimStart', '-5'],
    ['trimStart', -1],
    ['trimStart', ':30'],
    ['crf', '64'],
    ['width', '12px'],
    ['maxSize', '999'],
    ['maxSize', '10 Mbit'],
    ['maxSize', 'MB'],
    ['maxSize', '-1MB'],
    ['maxSize', '2TB'],
    ['maxSize', true],
    ['onlyIfSmaller', '100'],
    ['onlyIfSmaller', '-1'],
    ['matchQuality', 'best'],
    ['matchQuality', '100'],
    ['matchQuality', 0.98],
    ['filename', ''],
    ['filename', 'x'.repeat(256)],
    ['webhook', 'ftp://example.org'],
    ['webhook', 'https://exa mple.org'],
    ['bitrate', null],
    ['quality', ['high']],
  ])('%s refuses %j and says what it takes', (name, text) => {
    const result = parseOption(name, text)
    expect(result).toEqual({
      ok: false,
      failure: { code: 'option-invalid', facts: { option: name, value: String(text), allowed: allowedValues(name) } },
    })
  })

  it('goes by its name in any case and with dashes', () => {
    expect(['sample-rate', 'SAMPLERATE', 'sampleRate'].map((name) => parsed(name, '48000'))).toEqual([48000, 48000, 48000])
  })

  it('that is not known is refused with the names of all that are', () => {
    const result = parseOption('loud', '11')
    expect(result).toEqual({
      ok: false,
      failure: { code: 'option-unknown', facts: { option: 'loud', known: optionNames.join(', ') } },
    })
    expect([parsed('constructor', '1'), parsed('__proto__', '1')]).toEqual(['option-unknown', 'option-unknown'])
  })

  it('says in words what it takes, each of them', () => {
    expect(Object.fromEntries(optionNames.map((name) => [name, allowedValues(name)]))).toMatchObject({
      bitrate: '6 to 1000 kbit/s',
      sampleRate: '8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000 Hz',
      normalize: 'yes, no',
      trimEnd: 'seconds, m:ss or h:mm:ss',
      webhook: 'an http or https address',
      filename: 'text',
      crf: '0 to 63',
      maxSize: '1kB to 1TB, like 10MB, 700kB or 8MiB',
      onlyIfSmaller: '0 to 99 %',
      matchQuality: 'good, high, visually-lossless, or 50 to 99.9',
    })
    for (const name of optionNames) expect(optionTable[name].meaning).not.toBe('')
  })

  it('never takes a value that its own check would not take again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...optionNames), fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.nat()), (name, value) => {
        const result = parseOption(name, value)
        expect(result.ok ? parseOption(name, result.value.value) : result).toEqual(result)
      }),
    )
  })
})

describe('a bag of options', () => {
  it('is read whole, names made right, what is not set left out', () => {
    expect(parseOptions({ 'sample-rate': '48000', bitrate: '128k', crf: undefined })).toEqual({
      ok: true,
      value: { sampleRate: 48000, bitrate: 128 },
    })
  })

  it('is refused for its first wrong entry', () => {
    const codeOf = (bag: unknown) => {
      const result = parseOptions(bag)
      return result.ok ? null : result.failure.code
    }
    expect([{ bitrate: 1 }, { loud: 1 }, null, [], 'bitrate=1', 7].map(codeOf)).toEqual([
      'option-invalid',
      'option-unknown',
      'option-invalid',
      'option-invalid',
      'option-invalid',
      'option-invalid',
    ])
  })

  it('is shown as it is typed', () => {
    const sizes = [10_000_000, 9_500_000, 8_388_608, 700_000, 1234, 1001, 1e12]
    const texts = sizes.flatMap((maxSize) => optionTexts({ maxSize }).map(([, text]) => text))
    expect(texts).toEqual(['10MB', '9.5MB', '8MiB', '700kB', '1234B', '1001B', '1TB'])
    expect(texts.map((text) => parsed('maxSize', text))).toEqual(sizes)
    expect(optionTexts({ bitrate: 192, normalize: true })).toEqual([
      ['bitrate', '192'],
      ['normalize', 'true'],
    ])
  })

  it('must end after it starts', () => {
    expect(parseOptions({ trimStart: '10', trimEnd: '20' }).ok).toBe(true)
    expect(parseOptions({ trimStart: '20', trimEnd: '20' })).toMatchObject({
      ok: false,
      failure: { facts: { option: 'trimEnd' } },
    })
  })
})

it('what says how good a result is goes with nothing else that does', () => {
  const others = [{ imageQuality: 80 }, { crf: 20 }, { quality: 'high' }, { maxSize: 10_000 }, { lossless: true }] as const
  const beside = [{ lossless: false }, { onlyIfSmaller: 10 }, { bitrate: 96 }, { width: 100 }] as const
  const found = (options: Options) => contradictionIn({ ...options, matchQuality: 'high' })?.facts
  expect([others.map(found), beside.map(found), contradictionIn({ crf: 20, maxSize: 10_000 })]).toEqual([
    ['imageQuality', 'crf', 'quality', 'maxSize', 'lossless'].map((other) => ({ option: 'matchQuality', other })),
    [undefined, undefined, undefined, undefined],
    null,
  ])
})

it('what Beside sees to itself no provider is told', () => {
  expect(askedOfProvider({ onlyIfSmaller: 10, matchQuality: 'high', width: 100 })).toEqual({ matchQuality: 'high', width: 100 })
})
