import { describe, expect, it } from 'vitest'
import {
  anyFormatNamed,
  endingOf,
  extensionOf,
  families,
  formatIds,
  formatNamed,
  formatOfName,
  isFormatId,
  factsOf,
} from '../../src/shared/formats.ts'

describe('a format', () => {
  it.each([
    ['mp3', 'mp3'],
    ['.MP3', 'mp3'],
    [' jpg ', 'jpeg'],
    ['JPEG', 'jpeg'],
    ['tif', 'tiff'],
    ['vorbis', 'ogg'],
    ['matroska', 'mkv'],
    ['m4a', 'm4a'],
    ['alac', 'alac'],
    ['heif', 'heic'],
    ['txt', 'text'],
    ['mp17', null],
    ['', null],
    ['constructor', null],
    ['toString', null],
  ])('is meant by %j: %j', (name, id) => {
    expect(formatNamed(name)).toBe(id)
  })

  it.each([
    ['song.WAV', 'wav'],
    ['IMG_1234.final.jpeg', 'jpeg'],
    ['clip.m2ts', 'ts'],
    ['book.m4b', 'm4a'],
    ['.mp3', null],
    ['mp3', null],
    ['song.', null],
    ['song.constructor', null],
    ['', null],
  ])('stands behind the file name %j: %j', (name, id) => {
    expect(formatOfName(name)).toBe(id)
  })

  it('is found by its own name and by each of its endings', () => {
    for (const id of formatIds) {
      expect(formatNamed(id)).toBe(id)
      for (const extension of factsOf(id).extensions)
        expect(factsOf(formatOfName(`x.${extension}`) ?? 'text').family).toBe(factsOf(id).family)
      expect(extensionOf(id)).toBe(factsOf(id).extensions[0])
    }
  })

  it('has a title, a family and a type of its own', () => {
    for (const id of formatIds) {
      expect(families).toContain(factsOf(id).family)
      expect(factsOf(id).mime).toMatch(/^(audio|video|image|text|font|message|application)\/[\w.+-]+$/)
    }
    expect(new Set(formatIds.map((id) => factsOf(id).title)).size).toBe(formatIds.length)
  })

  it('is any name in lower case that leads nowhere', () => {
    const names = ['wav', 'qqq', 'tar.gz', 'constructor', '7z', 'c++', 'JPG', '../x', '.mp3', '-rf', 'a b', '', null, ['wav']]
    expect(names.filter(isFormatId)).toEqual(['wav', 'qqq', 'tar.gz', 'constructor', '7z', 'c++'])
  })

  it('is what its name says where nothing else is known of it, whatever objects bring along', () => {
    for (const name of ['qqq', 'constructor', 'tostring']) {
      const id = anyFormatNamed(` .${name.toUpperCase()}`)
      expect(id).toBe(name)
      expect(id !== null && factsOf(id)).toEqual({
        title: name.toUpperCase(),
        family: 'other',
        extensions: [name],
        mime: 'application/octet-stream',
      })
    }
    expect([anyFormatNamed('jpg'), anyFormatNamed('word'), anyFormatNamed('a/b'), anyFormatNamed('')]).toEqual([
      'jpeg',
      'docx',
      null,
      null,
    ])
  })

  it.each([
    ['a/b.c/report.DOCX', 'docx'],
    ['backup.tar.gz', 'tar.gz'],
    ['.tar.gz', 'gz'],
    ['C:\\x.y\\name', null],
    ['strange.xyz', 'xyz'],
    ['.hidden', null],
  ])('ends in the name %j as %j', (name, ending) => {
    expect(endingOf(name)).toBe(ending)
  })
})
