import { describe as group, expect, it } from 'vitest'
import { describe, describeCheck } from '../../src/shared/describe.ts'
import { detailCodes } from '../../src/shared/details.ts'
import { failure, failureCodes, JobError, toFailure, type Failure } from '../../src/shared/failure.ts'
import english from '../../src/shared/text/en.json' with { type: 'json' }

group('a failure in words', () => {
  it('says what happened and what to do, for every code, with or without its facts', () => {
    for (const code of failureCodes) {
      const names = [...`${english.failures[code]}${english.actions[code]}`.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      const facts = Object.fromEntries(names.filter((name) => name !== 'cause').map((name) => [name, `<${name}>`]))
      const full = describe({ code, facts, cause: failure('internal', { reason: '<cause>' }) } as Failure)
      for (const name of names) expect(full.message + full.action).toContain(`<${name}>`)
      for (const text of Object.values(full)) expect(text).not.toMatch(/[[\]{}]| {2}|\.\./)
      const bare = describe(failure(code))
      for (const text of Object.values(bare)) expect(text).not.toMatch(/[[\]{}]/)
    }
  })

  it('names the option for what has a password, and the program that lacks something', () => {
    const actionOf = (because: 'password' | 'password-wrong' | 'lock-unknown') =>
      describe(failure('source-unreadable', { path: '/a.pdf', because })).action
    expect([actionOf('password'), actionOf('password-wrong'), actionOf('lock-unknown')]).toEqual([
      'Set the option password.',
      'Correct the option password, then retry.',
      'Remove the password with the program that made the file, then convert it again.',
    ])
    const { action } = describe(failure('tool-missing', { because: 'feature-missing', program: 'Pandoc', reason: 'x' }))
    expect(action).toBe('Install a complete Pandoc.')
  })

  it('says what a provider charges in in words that suit the figure, and a currency as it is', () => {
    const asked = (amount: number, unit: string) =>
      describe(failure('approval-needed', { provider: 'Converter App', because: 'price-stated', amount, unit })).message
    expect([asked(1, 'conversions'), asked(2, 'credits'), asked(0.25, 'EUR')].map((text) => text.split(': ')[1])).toEqual([
      '1 conversion at Converter App.',
      '2 credits at Converter App.',
      '0.25 EUR at Converter App.',
    ])
  })

  it('drops the part of a sentence whose fact is missing or empty', () => {
    expect(describe(failure('source-unreadable', { path: '/a.wav', reason: 'EACCES' })).message).toBe(
      'The file cannot be read: /a.wav (EACCES).',
    )
    expect(describe(failure('source-unreadable', { path: '/a.wav', reason: '' })).message).toBe(
      'The file cannot be read: /a.wav.',
    )
    expect(describe(failure('source-unreadable')).message).toBe('The file cannot be read.')
  })

  it('says a detail of ours in the place of the reason, and has a text for each and for no other', () => {
    expect(Object.keys(english.details).toSorted()).toEqual([...detailCodes].toSorted())
    expect(Object.keys(english.hints).filter((code) => !(detailCodes as readonly string[]).includes(code))).toEqual([])
  })

  it('is thrown and caught as it is, with the time to wait and what led to it', () => {
    const why: Failure = { ...failure('out-of-reach', { provider: 'x' }), retryAfterMs: 5, cause: failure('network') }
    expect(toFailure(JobError.from(why))).toEqual(why)
    expect(toFailure(JobError.from(failure('disk-full')))).toEqual(failure('disk-full'))
  })

  it('takes facts as they are, whatever signs are in them', () => {
    const path = '/[x] {reason} $& $1.wav'
    expect(describe(failure('source-missing', { path })).message).toBe(`The file was not found: ${path}.`)
  })
})

group('what was thrown', () => {
  it('keeps its sense where it was thrown on purpose', () => {
    expect(toFailure(new JobError('rate-limited', { provider: 'x' }, { retryAfterMs: 5 }))).toEqual({
      code: 'rate-limited',
      facts: { provider: 'x' },
      retryAfterMs: 5,
    })
    expect(toFailure(new JobError('disk-full'))).toEqual({ code: 'disk-full', facts: {} })
  })

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'folder-read-only'],
    ['ENAMETOOLONG', 'name-too-long'],
    ['ELOOP', 'link-loop'],
  ])('by the system as %s is %s', (code, meaning) => {
    const thrown = Object.assign(new Error('no'), { code, path: '/there' })
    expect(toFailure(thrown)).toEqual({ code: meaning, facts: { path: '/there', reason: code } })
  })

  it('is internal in all other cases, with its message', () => {
    expect([toFailure(new TypeError('x is not a function')), toFailure('text'), toFailure(undefined)]).toEqual(
      ['x is not a function', 'text', 'undefined'].map((reason) => ({ code: 'internal', facts: { reason } })),
    )
  })

  it('names its cause, so that the log can show it', () => {
    const cause = new Error('below')
    expect(new JobError('internal', {}, { cause }).cause).toBe(cause)
    expect(new JobError('source-missing', { path: '/a' }).message).toBe('source-missing {"path":"/a"}')
  })
})

group('a check in words', () => {
  const well = { state: 'ok', version: null, facts: {}, why: null } as const

  it('is what a program says of itself where all is well', () => {
    expect(describeCheck({ ...well, of: 'ffprobe', version: 'ffprobe version 7' })).toEqual({
      what: 'FFprobe',
      found: 'ffprobe version 7',
      action: '',
    })
  })

  it('says of FFmpeg which of those that there may be is used', () => {
    const found = (facts: Readonly<Record<string, string>>) =>
      describeCheck({ ...well, of: 'ffmpeg', version: 'ffmpeg 7', facts }).found
    expect([found({ from: 'setting', path: '/opt/ffmpeg' }), found({ from: 'app' }), found({ from: 'path' })]).toEqual([
      'ffmpeg 7, set in Settings: /opt/ffmpeg',
      'ffmpeg 7, which comes with Beside',
      'ffmpeg 7, found on PATH',
    ])
  })

  it('names encoders that are missing, and those that would do in their place', () => {
    const facts = { missing: 'flac,libsvtav1|libaom-av1' }
    expect([
      describeCheck({ ...well, of: 'ffmpeg-encoders', state: 'missing', facts }),
      describeCheck({ ...well, of: 'ffmpeg-encoders' }),
    ]).toEqual([
      {
        what: 'FFmpeg encoders',
        found: 'without flac, libsvtav1 or libaom-av1',
        action: 'Install a complete FFmpeg; formats that need these encoders fail until then.',
      },
      { what: 'FFmpeg encoders', found: 'all that Beside uses', action: '' },
    ])
  })

  it('says where the webhook receiver listens, when, and what keeps it from it', () => {
    const facts = { port: 4000, address: 'https://tunnel.example' }
    const check = { ...well, of: 'webhook-receiver' } as const
    expect({
      now: describeCheck({ ...check, facts: { ...facts, listens: 'now' } }).found,
      later: describeCheck({ ...check, facts: { ...facts, listens: 'while-working' } }).found,
      taken: describeCheck({ ...check, state: 'trouble', facts, why: failure('not-possible', { reason: 'EADDRINUSE' }) }).found,
    }).toEqual({
      now: '127.0.0.1:4000, called at https://tunnel.example',
      later: '127.0.0.1:4000, called at https://tunnel.example, while Beside works',
      taken: '127.0.0.1:4000, called at https://tunnel.example: EADDRINUSE',
    })
  })
})
