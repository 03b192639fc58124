import { describe, expect, it } from 'vitest'
import { startOf } from '../../src/main/app/start.ts'
import { desktopTexts } from '../../src/main/app/desktop-texts.ts'

describe('what a start was given', () => {
  it('files are distinguished from options, and everything behind -- is a file', () => {
    expect(startOf(['a.wav', '/b/c d.wav', '--hidden', '--type=x', '', '--', '--odd', '-x.wav'], '/home/me')).toEqual({
      files: ['/home/me/a.wav', '/b/c d.wav', '/home/me/--odd', '/home/me/-x.wav'],
      wanted: { kind: 'choice' },
      asksForFiles: false,
      isHidden: true,
    })
    expect(startOf(['--', '--hidden'], '/home/me').isHidden).toBe(false)
    expect(startOf(['--add'], '/').asksForFiles).toBe(true)
  })

  it('a format, or the one used last, for all that is named; what is no format is for the user to choose', () => {
    expect(startOf(['--to', 'mp3', '--', '--to', 'a.wav'], '/')).toEqual({
      files: ['/--to', '/a.wav'],
      wanted: { kind: 'format', target: 'mp3' },
      asksForFiles: false,
      isHidden: false,
    })
    expect(startOf(['--to', 'jpg', 'a.png'], '/').files).toEqual(['/a.png'])
    expect(startOf(['--last', '--', 'a.png'], '/').wanted).toEqual({ kind: 'last' })
    expect(startOf(['--to', 'mp9', '--', 'a.png'], '/')).toMatchObject({ files: ['/a.png'], wanted: { kind: 'choice' } })
    expect(startOf(['--', '--last'], '/').wanted).toEqual({ kind: 'choice' })
  })

  it('addresses of files become paths, those of the web stay, broken ones go', () => {
    expect(startOf(['file:///a/b%20c.wav', 'https://example.org/a.mp3', 'file:///%zz'], '/').files).toEqual([
      '/a/b c.wav',
      'https://example.org/a.mp3',
    ])
  })
})

describe('the texts of the desktop', () => {
  it('are there in every language of the window, and English elsewhere', () => {
    const texts = ['en-GB', 'de-CH', 'es', 'fr_CA', 'zh-Hant-TW', 'ja'].map((locale) => desktopTexts(locale).quit)
    expect(new Set(texts).size).toBe(6)
    expect(desktopTexts('pt-BR').quit).toBe(desktopTexts('en').quit)
    expect(desktopTexts('').quit).toBe(desktopTexts('en').quit)
  })

  it('none is empty or left in English', () => {
    const textsOf = (locale: string) =>
      Object.values(desktopTexts(locale)).map((text) => (typeof text === 'string' ? text : text(3, 4)))
    for (const locale of ['de', 'es', 'fr', 'zh', 'ja']) {
      const same = textsOf(locale).filter((text, index) => text === '' || text === textsOf('en')[index])
      expect([locale, same.filter((text) => text !== 'Desktop')]).toEqual([locale, []])
    }
  })
})
