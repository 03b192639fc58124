import { describe, expect, it } from 'vitest'
import { isUnmeantFolder, whyUnmeant } from '../../src/shared/unmeant.ts'

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
    [
      'partial-name',
      [
        'talk.f137.mp4',
        'talk.f140.m4a',
        'talk.f140-drc.m4a',
        'talk.fhls-audio.mp4',
        'talk.f251.webm.part',
        'a.mp4.part-Frag12',
        'a.ytdl',
        'a.opdownload',
      ],
    ],
    ['temporary-name', ['talk.temp.mp4', 'talk.tmp.mkv', 'song.partial.mp3']],
    [
      'camera-companion',
      ['GX010001.LRV', 'GL010001.lrv', 'GX010001.THM', 'DJI_0001.LRF', 'C0001S03.MP4', 'LRV_20240102_101010_01_001.insv'],
    ],
    ['system-name', ['SYNOPHOTO_THUMB_XL.jpg', 'ehthumbs.db', 'AlbumArtSmall.jpg']],
  ])('%s', (why, names) => expect(names.map(whyUnmeant)).toEqual(names.map(() => why)))

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
      'GX010001.MP4',
      'DJI_0001.SRT',
      'C0001.MP4',
      'Epic2024S01.mp4',
      'Monaco.F1.mp4',
      'Take.f5.jpg',
      'my.part1.mp3',
    ]
    expect(good.filter((name) => whyUnmeant(name) !== null)).toEqual([])
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
      '.Trash-1000',
      '.AppleDouble',
      '.thumbnails',
      '#snapshot',
      'song.wav.download',
      'THMBNL',
      'Catalog Previews.lrdata',
    ]
    expect([...closed, 'Music', 'converted', '#1 hits', 'Downloads', 'download', 'part'].filter(isUnmeantFolder)).toEqual(closed)
  })
})
