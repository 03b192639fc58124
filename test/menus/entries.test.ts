import { describe, expect, it } from 'vitest'
import { menuFamilies, menuText } from '../../src/main/menus/entries.ts'
import { embeddedPairings as embedded } from '../../src/main/providers/local/pairings.ts'
import type { Pairing } from '../../src/main/providers/provider.ts'
import { formatNamed, formatOfName, formats } from '../../src/shared/formats.ts'
import { languageTags } from '../../src/shared/language.ts'

const entries = (pairings = embedded) =>
  menuFamilies(pairings).map(({ family, entries: lines }) => [family, lines.map(({ id }) => id).join(' ')])

describe('the menu of file managers', () => {
  it('offers for each family what people convert it to, the format used last, and the choice', () => {
    expect(entries().slice(0, 3)).toEqual([
      ['audio', 'mp3 m4a flac wav opus ogg last choose'],
      ['video', 'mp4 mkv webm mov mp3 m4a flac wav opus ogg gif last choose'],
      ['image', expect.stringMatching(/^jpeg png webp .*last choose$/)],
    ])
  })

  it('is no shorter for a format of which hardly anything can be made: that is not in it', () => {
    const office: readonly Pairing[] = [
      { from: ['docx', 'odt', 'pdf'], to: ['docx', 'odt', 'pdf', 'text'], options: [] },
      { from: ['djvu'], to: ['text'], options: [] },
      { from: ['xlsx', 'csv'], to: ['xlsx', 'csv', 'pdf'], options: [] },
      { from: ['pptx'], to: ['pdf'], options: [] },
      { from: ['epub'], to: ['pdf', 'text'], options: [] },
    ]
    expect(entries(office)).toEqual([
      ['document', 'pdf docx odt text last choose'],
      ['spreadsheet', 'pdf xlsx csv last choose'],
      ['presentation', 'pdf pptx last choose'],
      ['book', 'pdf epub text last choose'],
    ])
    const documents = menuFamilies(office)[0]?.extensions ?? []
    expect(['docx', 'odt', 'pdf', 'djvu'].map((ending) => documents.includes(ending))).toEqual([true, true, true, false])
  })

  it('offers nothing that this machine could not write from every file of the family', () => {
    const withoutMp3 = embedded.filter(({ to }) => !to.includes('mp3'))
    expect(entries(withoutMp3).flat().join(' ')).not.toContain('mp3')
    for (const { family, extensions, entries: lines } of menuFamilies()) {
      for (const { id, args } of lines.slice(0, -2)) {
        const target = formatNamed(args[1] ?? '')
        expect([family, id, args[0], target]).toEqual([family, id, '--to', id])
        for (const extension of extensions) {
          const source = formatOfName(`x.${extension}`)
          const can = embedded.some(({ from, to }) => from.some((one) => one === source) && to.some((one) => one === target))
          expect([extension, id, source === target || can]).toEqual([extension, id, true])
        }
      }
    }
  })

  it('is in the menu of what Beside reads, and not in that of TypeScript', () => {
    const extensions = menuFamilies().flatMap((family) => family.extensions)
    expect(extensions).toEqual(expect.arrayContaining(['mp3', 'm4v', 'jfif', 'heic', 'pdf']))
    expect(extensions.filter((extension) => ['ts', 'mts', 'txt'].includes(extension))).toEqual([])
    expect(new Set(extensions).size).toBe(extensions.length)
    for (const { family, mimes } of menuFamilies())
      for (const mime of mimes)
        expect(Object.values(formats).some((one) => one.family === family && one.mime === mime)).toBe(true)
  })

  it('has a name of its own in each language', () => {
    expect(new Set(languageTags.map((tag) => menuText('convertWith', tag))).size).toBe(languageTags.length)
  })
})
