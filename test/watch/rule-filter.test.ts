import { describe, expect, it } from 'vitest'
import { filterOf, isClosedFolder, nameTrouble, type Verdict } from '../../src/main/watch/rule-filter.ts'
import { plainRule, type Rule } from '../../src/shared/folders.ts'
import { formats, type FormatId } from '../../src/shared/formats.ts'

const nowMs = 1_800_000_000_000
const rule = plainRule('/in', [{ target: 'mp3', preset: null, options: {} }])
const isHeard = (format: FormatId) => ['audio', 'video'].includes(formats[format].family)

function verdict(path: string, change: Partial<Rule> = {}, file: { bytes?: number; ageMs?: number } = {}): string {
  const filter = filterOf({ ...rule, ...change }, ['mp3'], isHeard)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return inWord(filter.check({ path, name, bytes: file.bytes ?? 1000, mtimeMs: nowMs - (file.ageMs ?? 5000) }, nowMs))
}

function inWord(said: Verdict): string {
  return said.kind === 'take' ? 'take' : said.why.code
}

describe('names that nobody means', () => {
  it.each([
    [
      'partial-name',
      [
        'a.wav.part',
        'a.mp4.crdownload',
        'a.wav.filepart',
        'a.flac.!qB',
        'x.wav.aria2',
        '.a.wav.Xy12Ab',
        'Unconfirmed 12.crdownload',
      ],
    ],
    ['temporary-name', ['a.tmp', 'b.wav.temp', '~$letter.docx', 'x.swp', 'old.bak', 'a.wav~', 'tmp8f3kd92']],
    [
      'sync-name',
      ['.syncthing.a.wav.tmp', '~syncthing~a.wav.tmp', '.goutputstream-X1', '.nfs00000000abcd0001', '.fuse_hidden0001'],
    ],
    ['unpack-name', ['_UNPACK_album', 'a.wav.extracting']],
    ['system-name', ['.DS_Store', '._song.wav', 'Thumbs.db', 'desktop.ini', '.beside-folder']],
    ['hidden', ['.hidden.wav', '.wav']],
  ])('%s', (why, names) => expect(names.map(nameTrouble)).toEqual(names.map(() => why)))

  it('are few: whatever a person calls a file stays', () => {
    const good = [
      'song.wav',
      'part 1.wav',
      'My.Tmp.Song.wav',
      '-dash.wav',
      'a.b.c.flac',
      'Größe.mp3',
      'template.wav',
      'unpack.wav',
      'download.mp4',
      'tmp.wav',
    ]
    expect(good.filter((name) => nameTrouble(name) !== null)).toEqual([])
  })

  it('folders of systems and of half-done work are not entered', () => {
    const closed = [
      '.git',
      '__MACOSX',
      '$RECYCLE.BIN',
      'System Volume Information',
      'lost+found',
      '@eaDir',
      '#recycle',
      '_UNPACK_x',
    ]
    expect([...closed, 'Music', 'converted', '#1 hits'].filter(isClosedFolder)).toEqual(closed)
  })
})

describe('a rule', () => {
  it.each<[says: string, path: string, change: Partial<Rule>, file?: { bytes?: number; ageMs?: number }]>([
    ['take', 'a.wav', {}],
    ['pair-unsupported', 'a.txt', {}],
    ['source-unknown', 'a.xyz', {}],
    ['take', 'a.xyz', { include: ['*.xyz'] }],
    ['take', 'without ending', {}],
    ['already-target', 'a.mp3', {}],
    ['take', 'a.mp3', { out: '/out' }],
    ['not-included', 'a.wav', { include: ['*.flac'] }],
    ['take', 'A.FLAC', { include: ['*.flac'] }],
    ['take', 'new/a.wav', { include: ['new/*'] }],
    ['not-included', 'old/a.wav', { include: ['new/*'] }],
    ['excluded', 'a draft.wav', { exclude: ['*draft*'] }],
    ['excluded', 'a draft.wav', { include: ['*.wav'], exclude: ['*draft*'] }],
    ['other-kind', 'a.mp4', { kinds: ['audio'] }],
    ['take', 'a.mp4', { kinds: ['audio', 'mp4'] }],
    ['take', 'a.mp4', { kinds: ['video'] }],
    ['empty', 'a.wav', {}, { bytes: 0 }],
    ['too-small', 'a.wav', { size: { minBytes: 1001, maxBytes: null } }],
    ['too-big', 'a.wav', { size: { minBytes: null, maxBytes: 999 } }],
    ['too-young', 'a.wav', { age: { minMs: 6000, maxMs: null } }],
    ['too-old', 'a.wav', { age: { minMs: null, maxMs: 4000 } }],
    ['partial-name', 'a.wav.part', { include: ['*.part'] }],
  ])('says %s of %s', (says, path, change, file) => expect(verdict(path, change, file)).toBe(says))

  it('says when a young file is old enough', () => {
    const filter = filterOf({ ...rule, age: { minMs: 6000, maxMs: null } }, ['mp3'], isHeard)
    expect(filter.check({ path: 'a.wav', name: 'a.wav', bytes: 1, mtimeMs: nowMs - 5000 }, nowMs)).toMatchObject({
      kind: 'later',
      dueAtMs: nowMs + 1000,
    })
  })
})
