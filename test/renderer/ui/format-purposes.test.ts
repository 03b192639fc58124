import i18next, { type TFunction } from 'i18next'
import { describe, expect, it } from 'vitest'
import { formatsFound, offeredOf } from '../../../src/renderer/ui/format-purposes.ts'
import { formatIds, factsOf } from '../../../src/shared/formats.ts'
import type { Language } from '../../../src/shared/language.ts'
import de from '../../../src/shared/text/de.json' with { type: 'json' }
import en from '../../../src/shared/text/en.json' with { type: 'json' }
import es from '../../../src/shared/text/es.json' with { type: 'json' }
import ja from '../../../src/shared/text/ja.json' with { type: 'json' }

async function inLanguage(lng: Language, { labels }: { readonly labels: object }): Promise<TFunction> {
  const own = i18next.createInstance()
  return await own.init({ lng, resources: { [lng]: { translation: labels } } })
}

describe('which formats a search finds', () => {
  it('by name, by any ending with or without its dot, and by other names', async () => {
    const t = await inLanguage('en', en)
    const first = (search: string) => formatsFound(formatIds, search, t)[0]
    expect(['.m4b', 'JPG', 'tif', 'vorbis', 'quick', 'matroska', 'wav'].map(first)).toEqual([
      'm4a',
      'jpeg',
      'tiff',
      'ogg',
      'mov',
      'mkv',
      'wav',
    ])
    expect(formatsFound(formatIds, 'no such thing', t)).toEqual([])
  })

  it('by what they are for, in the language of the user, without accents and capitals', async () => {
    const [english, german, spanish, japanese] = [
      await inLanguage('en', en),
      await inLanguage('de', de),
      await inLanguage('es', es),
      await inLanguage('ja', ja),
    ]
    expect(formatsFound(formatIds, 'web', english).slice(0, 2)).toEqual(['webm', 'webp'])
    expect(formatsFound(formatIds, 'website', english)).toEqual(expect.arrayContaining(['webm', 'avif', 'mp3']))
    expect(formatsFound(formatIds, 'phone', english)).toEqual(expect.arrayContaining(['mp3', 'mp4', 'jpeg']))
    expect(formatsFound(formatIds, 'archive lossless', english)).toEqual(expect.arrayContaining(['flac', 'tiff', 'alac']))
    expect(formatsFound(formatIds, 'drucken', german)).toEqual(expect.arrayContaining(['tiff', 'pdf']))
    expect(formatsFound(formatIds, 'TELEFONO', spanish)).toContain('mp4')
    expect(formatsFound(formatIds, '印刷', japanese)).toContain('tiff')
  })

  it('the common ones of a kind come first, and none is lost', () => {
    const audio = offeredOf('audio', ['aac', 'opus', 'mp3', 'png'])
    expect(audio).toEqual({ common: ['mp3', 'opus'], more: ['aac'] })
    expect(formatIds.filter((id) => factsOf(id).family === 'audio').length).toBe(
      [...offeredOf('audio', formatIds).common, ...offeredOf('audio', formatIds).more].length,
    )
  })
})
