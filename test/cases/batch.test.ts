/** Whole folders: what nobody means stays, every name gets through, and no result takes the place of another. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { mediaSource } from '../support/media.ts'
import { writeTone } from '../support/tone.ts'
import { until, watching } from '../support/watching.ts'
import { pdfBehind } from './make-recognise.ts'

/** A folder with these files, each a short sound, and the tone that they are copies of. */
async function folderWith(names: readonly string[]): Promise<{ readonly top: string; readonly folder: string }> {
  const top = await temporaryFolder()
  const folder = join(top, 'files')
  const tone = join(top, 'tone.wav')
  await writeTone(tone, 0.2)
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await copyFile(tone, join(folder, name))
  }
  return { top, folder }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()
}

describe('what nobody means by a folder', () => {
  it('is what servers, systems and browsers keep there, and none of it is converted', async () => {
    const rubbish = ['@eaDir/a.wav/x.wav', '#recycle/x.wav', '__MACOSX/x.wav', 'lost+found/x.wav', '$RECYCLE.BIN/x.wav']
    const more = ['.Trash-1000/x.wav', 'song.wav.download/song.wav', '#snapshot/x.wav', '._a.wav', 'talk.f140.m4a', 'a.temp.wav']
    const { top, folder } = await folderWith(['a.wav', 'b/c.wav', ...rubbish, ...more])
    const { convert } = await testBeside(top)

    const { jobs } = await convert([folder], 'mp3')

    expect(jobs.flatMap(outputsOf).map((path) => relative(folder, path))).toEqual(['a.mp3', 'b/c.mp3'])
  })

  it('is the small copies of cameras; the clip itself keeps its name', async () => {
    const { top, folder } = await folderWith([])
    await mkdir(folder)
    const film = await mediaSource('mp4')
    for (const name of ['GX010001.MP4', 'GL010001.LRV', 'GX010001.LRV', 'GX010001.THM']) await copyFile(film, join(folder, name))
    const { convert } = await testBeside(top)

    const { jobs, refused } = await convert([folder], 'mkv')

    expect(jobs.flatMap(outputsOf).map((path) => relative(folder, path))).toEqual(['GX010001.mkv'])
    expect(refused.map(({ why }) => why.code)).toEqual(['camera-companion', 'camera-companion', 'camera-companion'])
  })

  it('is taken where it is named outright', async () => {
    const { top, folder } = await folderWith(['@eaDir/x.wav', 'a.temp.wav'])
    const film = join(folder, 'GX010001.LRV')
    await copyFile(await mediaSource('mp4'), film)
    const { convert } = await testBeside(top)

    const { jobs } = await convert([join(folder, '@eaDir'), join(folder, 'a.temp.wav'), film], 'mp3')

    expect(jobs.map(endedInWords)).toEqual(['done', 'done', 'done'])
  })

  it('is a file that still arrives by a companion of it', async () => {
    const { top, folder } = await folderWith(['a.wav', 'b.wav'])
    await writeFile(join(folder, 'b.wav.aria2'), '')
    const { convert } = await testBeside(top)

    const { jobs, refused } = await convert([folder], 'mp3')

    expect([jobs.flatMap(outputsOf), refused.map(({ why }) => why.code).toSorted()]).toEqual([
      [join(folder, 'a.mp3')],
      ['partial-name', 'unfinished'],
    ])
  })

  it('is the folder for results, run after run, also where it is known by a link', async () => {
    const { top, folder } = await folderWith(['a.wav', 'sub/b.wav'])
    const link = join(top, 'link')
    await symlink(folder, link)
    const { convert } = await testBeside(top)

    for (const root of [folder, folder, link]) await convert([root], 'mp3', { out: join(folder, 'out'), ifExists: 'skip' })

    expect(await filesIn(folder)).toEqual(['a.wav', 'out/a.mp3', 'out/sub/b.mp3', 'sub/b.wav'])
  })
})

describe('a watched folder', () => {
  it('takes the film that a downloader makes, and none of the parts that it makes it of', async () => {
    const { add, drop, files, lines, settled } = await watching()
    await add({ outputs: [{ target: 'mkv', preset: null, options: {} }] })
    const [film, sound] = [await mediaSource('mp4'), await mediaSource('m4a')]
    await copyFile(film, join(drop, 'talk.f137.mp4'))
    await copyFile(sound, join(drop, 'talk.f140.m4a'))
    await until(() => lines().length === 2)
    await settled()
    await copyFile(film, join(drop, 'talk.temp.mp4'))
    await until(() => lines().length === 3)
    await settled()
    const parts = lines().map(({ why }) => why.code)
    await rename(join(drop, 'talk.temp.mp4'), join(drop, 'talk.mp4'))
    await until(() => lines().some(({ path, state }) => path === join(drop, 'talk.mp4') && state === 'done'))
    for (const name of ['talk.f137.mp4', 'talk.f140.m4a']) await rm(join(drop, name))
    await settled()
    expect({ files: await files(), parts: parts.toSorted() }).toEqual({
      files: ['talk.mkv', 'talk.mp4'],
      parts: ['partial-name', 'partial-name', 'temporary-name'],
    })
  })

  it('enters no half file of a browser and no folder of results, and says why', async () => {
    const { add, drop, tone, files, settled, looked, folders } = await watching()
    for (const name of ['song.wav.download', 'out']) {
      await mkdir(join(drop, name))
      await copyFile(tone, join(drop, name, 'song.wav'))
    }
    await copyFile(tone, join(drop, 'a.wav'))
    await add({ recursive: true, out: join(drop, 'out') })
    await settled()
    await looked()
    const why = async (path: string) => (await folders.why(join(drop, path))).map((reason) => reason.why.code)
    expect({
      files: await files(),
      why: [await why('song.wav.download/song.wav'), await why('out/song.wav')],
    }).toEqual({
      files: ['a.wav', 'out/a.mp3', 'out/song.wav', 'song.wav.download/song.wav'],
      why: [['closed-folder'], ['results-folder']],
    })
  })
})

describe('a name that is no text', () => {
  it('is said to be so, of files and of folders, and the other files go on', async () => {
    const { top, folder } = await folderWith(['ok.wav', 'sub/inner.wav'])
    const raw = (name: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')])
    execFileSync('cp', [join(folder, 'ok.wav'), join(folder, 'plain')])
    const { renameSync } = await import('node:fs')
    renameSync(join(folder, 'plain'), raw('caf\xe9.wav'))
    renameSync(join(folder, 'sub'), raw('d\xe9j\xe0'))
    const { convert } = await testBeside(top)

    const { jobs, refused } = await convert([folder], 'mp3')
    const outright = await convert([join(folder, 'caf\uFFFD.wav'), join(folder, 'd\uFFFDj\uFFFD', 'inner.wav')], 'mp3')

    expect(jobs.flatMap(outputsOf)).toEqual([join(folder, 'ok.mp3')])
    const said = { code: 'source-unreadable', facts: { because: 'name-not-text' } }
    expect([...refused, ...outright.refused].map(({ why }) => why)).toMatchObject([said, said, said, said])
    await rm(folder, { recursive: true })
  })
})

describe('a name as long as names can be', () => {
  it.for(['o'.repeat(251), '字'.repeat(83)])('gives way to a number, to a page and to the archive: %s', async (name) => {
    const { top, folder } = await folderWith([`${name}.wav`, `${name}.mp3`, `converted/${name}.wav`])
    await writeFile(join(folder, `${name}.pdf`), pdfBehind('', 3))
    const { convert } = await testBeside(top)
    const song = await convert([join(folder, `${name}.wav`)], 'mp3', { afterwards: 'archive' })
    const pages = await convert([join(folder, `${name}.pdf`)], 'png')

    const jobs = [...song.jobs, ...pages.jobs]
    expect(jobs.map(endedInWords)).toEqual(['done', 'done'])
    const [letter = ''] = name
    const ends = (path: string) => path.slice(path.lastIndexOf(letter) + 1)
    expect(jobs.flatMap(outputsOf).map(ends)).toEqual([' (2).mp3', '.1.png', '.2.png', '.3.png'])
    expect((await readdir(join(folder, 'converted'))).map(ends).toSorted()).toEqual([' (2).wav', '.wav'])
    expect(jobs.map(({ state }) => state.phase === 'done' && state.notes)).toEqual([[], []])
  })
})

describe('results of one batch', () => {
  it('never replace each other, though they have one name and are to overwrite', async () => {
    const { top, folder } = await folderWith([])
    await mkdir(folder)
    const formats = ['wav', 'flac', 'aiff', 'mp3', 'ogg', 'opus', 'm4a', 'aac', 'ac3', 'mp2', 'au', 'caf'] as const
    for (const format of formats) await copyFile(await mediaSource(format), join(folder, `take.${format}`))
    const { convert } = await testBeside(top)

    for (const run of ['first', 'second']) {
      const { jobs } = await convert([folder], 'wav', { out: join(top, run), ifExists: 'overwrite' })

      expect(jobs.map(endedInWords)).toEqual(formats.map(() => 'done'))
      expect((await readdir(join(top, run))).toSorted()).toEqual(
        jobs
          .flatMap(outputsOf)
          .map((path) => basename(path))
          .toSorted(),
      )
      expect(new Set(jobs.flatMap(outputsOf)).size).toBe(formats.length)
    }
  })

  it('replace those of the batch before, and no source that waits', async () => {
    const { top, folder } = await folderWith(['a.wav', 'b.wav'])
    const { convert } = await testBeside(top)
    await convert([folder], 'mp3')
    await convert([folder], 'mp3', { ifExists: 'overwrite', include: ['*.wav'] })
    expect(await filesIn(folder)).toEqual(['a.mp3', 'a.wav', 'b.mp3', 'b.wav'])
  })
})
