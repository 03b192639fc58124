import { describe, expect, it } from 'vitest'
import { extensionOf, families, formatIds, formatNamed, formatOfName, isFormatId, factsOf } from '../../src/shared/formats.ts'

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
      expect(factsOf(id).mime).toMatch(/^(audio|video|image|text|application)\/[\w.+-]+$/)
    }
    expect(new Set(formatIds.map((id) => factsOf(id).title)).size).toBe(formatIds.length)
  })

  it('is one of the table and nothing that objects bring along', () => {
    expect([isFormatId('wav'), isFormatId('jpg'), isFormatId('constructor'), isFormatId(null), isFormatId(['wav'])]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })
})
