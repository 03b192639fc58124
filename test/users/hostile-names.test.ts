/** Names that break careless programs. Each is a real file, and each is converted. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'

const bases = [
  '-i',
  '--to',
  "it's",
  'say "hello"',
  'two\nlines',
  'tab\there',
  '100%',
  '%03d',
  '%(title)s',
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned',
  '$HOME',
  'concat:a|b',
  'file:song',
  'http:__example.org',
  'pipe:1',
  'subfile,,start,0,end,9,,:x',
  'a*b?[c]',
  '{name}',
  'back\\slash',
  'long'.repeat(50),
  'Zoë'.normalize('NFC'),
  'Zoë'.normalize('NFD'),
  ' leading blank',
  'trailing blank ',
  'dots...',
  '日本語の歌',
  'emoji 🎵🏳️‍🌈',
  'CON',
  'a&b|c<d>e',
  '~',
]

describe('hostile names', () => {
  it('of sounds are all converted, beside their sources, and nothing else happens', async () => {
    const folder = await temporaryFolder()
    const media = join(folder, 'media')
    await mkdir(media)
    const tone = join(folder, 'tone.wav')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=0.2', tone])
    for (const base of bases) await copyFile(tone, join(media, `${base}.wav`))
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([media], 'mp3')
    expect([new Set(jobs.map(ended)), (await readdir(media)).toSorted()]).toEqual([
      new Set(['done']),
      bases.flatMap((base) => [`${base}.mp3`, `${base}.wav`]).toSorted(),
    ])
    expect(await readdir(folder)).not.toContain('pwned')
  })

  it('of pictures are all converted as well', async () => {
    const folder = await temporaryFolder()
    const media = join(folder, 'media')
    await mkdir(media)
    const picture = join(folder, 'picture.png')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=16x16', '-frames:v', '1', picture])
    for (const base of bases) await copyFile(picture, join(media, `${base}.png`))
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([media], 'webp')
    expect([new Set(jobs.map(ended)), jobs.length]).toEqual([new Set(['done']), bases.length])
    for (const base of bases) expect((await stat(join(media, `${base}.webp`))).size).toBeGreaterThan(0)
  })
})
