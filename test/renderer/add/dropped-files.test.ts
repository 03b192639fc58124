import { describe, expect, it } from 'vitest'
import { filesOf, filesOfInput } from '../../../src/renderer/add/dropped-files.ts'
import { factsOf } from '../../../src/shared/failure.ts'

/** Entries as a page gets them with a drop. */
function file(name: string, trouble?: string): FileSystemEntry {
  const give = (done: (file: File) => void, fail: (error: DOMException) => void) =>
    trouble === undefined ? done(new File([], name)) : fail(new DOMException('', trouble))
  return { name, isFile: true, isDirectory: false, file: give } as unknown as FileSystemEntry
}

/** Gives its entries in two portions; with a trouble, the second one does not come. */
function folder(name: string, entries: readonly FileSystemEntry[], trouble?: string): FileSystemEntry {
  const createReader = () => {
    const portions = [entries.slice(0, 1), entries.slice(1), []].filter((some, index) => some.length > 0 || index === 2)
    const readEntries = (done: (some: readonly FileSystemEntry[]) => void, fail: (error: DOMException) => void) =>
      portions.length === 1 && trouble !== undefined ? fail(new DOMException('', trouble)) : done(portions.shift() ?? [])
    return { readEntries }
  }
  return { name, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry
}

/** What is dragged: entries, and what a program holds in memory. */
function drop(...items: readonly (FileSystemEntry | File)[]): DataTransfer {
  const given = items.map((item) => ({
    kind: 'file',
    webkitGetAsEntry: () => (item instanceof File ? null : item),
    getAsFile: () => (item instanceof File ? item : new File([], item.name)),
  }))
  const text = { kind: 'string', webkitGetAsEntry: () => null, getAsFile: () => null }
  return { items: [text, ...given] } as unknown as DataTransfer
}

async function found(data: DataTransfer) {
  const { files, refused } = await filesOf(data)
  return [
    files.map(({ path }) => path),
    refused.map(({ source, why }) => `${source}: ${why.code} ${factsOf(why)['reason'] ?? ''}`),
  ]
}

describe('a drop', () => {
  it('holds the files of its folders, without what systems keep in them', async () => {
    const holiday = folder('Holiday', [
      file('.DS_Store'),
      file('a.wav'),
      folder('.git', [file('b.wav')]),
      folder('day 1', [file('c.wav'), file('Thumbs.db')]),
    ])
    expect(await found(drop(holiday, file('d.wav')))).toEqual([['Holiday/a.wav', 'Holiday/day 1/c.wav', 'd.wav'], []])
  })

  it('takes what was dropped itself, hidden or held in memory', async () => {
    expect(await found(drop(file('.take.wav'), folder('.takes', [file('a.wav')]), new File([], 'memory.png')))).toEqual([
      ['.take.wav', '.takes/a.wav', 'memory.png'],
      [],
    ])
  })

  it('loses nothing but what cannot be read, and names that', async () => {
    const locked = folder('locked', [file('b.wav'), file('c.wav')], 'NotReadableError')
    const holiday = folder('Holiday', [file('a.wav'), locked, file('gone.wav', 'NotFoundError'), file('z.wav')])
    expect(await found(drop(holiday, file('d.wav')))).toEqual([
      ['Holiday/a.wav', 'Holiday/locked/b.wav', 'Holiday/locked/c.wav', 'Holiday/z.wav', 'd.wav'],
      ['Holiday/locked: source-unreadable NotReadableError', 'Holiday/gone.wav: source-unreadable NotFoundError'],
    ])
  })

  it('names a folder that holds nothing', async () => {
    expect(await found(drop(folder('Empty', [folder('deeper', [])]), folder('Locked', [], 'NotReadableError')))).toEqual([
      [],
      ['Empty: nothing-found ', 'Locked: source-unreadable NotReadableError'],
    ])
  })

  it('of a dialog leaves out hidden files of a chosen folder, and takes one that was chosen itself', () => {
    const files = [
      ['Holiday/a.wav', 'a.wav'],
      ['Holiday/.cache/b.wav', 'b.wav'],
      ['.hidden/c.wav', 'c.wav'],
      ['', '.d.wav'],
    ].map(([webkitRelativePath, name]) => ({ webkitRelativePath, name }))
    const { files: taken } = filesOfInput({ files } as unknown as HTMLInputElement)
    expect(taken.map(({ path }) => path)).toEqual(['Holiday/a.wav', '.hidden/c.wav', '.d.wav'])
  })
})
