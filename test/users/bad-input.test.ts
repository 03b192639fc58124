/** What goes wrong with sources and folders: a clear refusal, no result, nothing left behind, and everything else goes on. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Change } from '../../src/shared/wire/contract.ts'
import { ended, endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'

async function scene() {
  const folder = await temporaryFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const beside = await testBeside(folder)
  return { folder, media, ...beside }
}

function sound(path: string, seconds = 1): string {
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `sine=duration=${seconds}`, path])
  return path
}

describe('a bad source', () => {
  it('that is empty, not there, a pipe, a dangling link or a link loop is refused with its reason', async () => {
    const { media, convert } = await scene()
    await writeFile(join(media, 'empty.wav'), '')
    execFileSync('mkfifo', [join(media, 'pipe.wav')])
    await symlink('nowhere.wav', join(media, 'dangling.wav'))
    await symlink('loop.wav', join(media, 'loop.wav'))
    const names = ['empty.wav', 'gone.wav', 'pipe.wav', 'dangling.wav', 'loop.wav', `${'x'.repeat(10_000)}.wav`]
    const { refused } = await convert(
      names.map((name) => join(media, name)),
      'mp3',
    )
    expect(refused.map(({ why }) => why.code)).toEqual([
      'source-empty',
      'source-missing',
      'source-not-file',
      'source-missing',
      'link-loop',
      'name-too-long',
    ])
  })

  it('that is text called .mp3, noise called .wav, or noise called .jpg fails, and the good one beside it is converted', async () => {
    const { media, convert } = await scene()
    await writeFile(join(media, 'text.mp3'), 'This is no music at all. '.repeat(100))
    await writeFile(join(media, 'noise.wav'), Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 251)))
    await writeFile(join(media, 'noise.jpg'), Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 104_729) % 253)))
    sound(join(media, 'good.wav'))
    const sounds = await convert([media], 'flac')
    const pictures = await convert([join(media, 'noise.jpg')], 'png')
    const endings = Object.fromEntries(
      [...sounds.jobs, ...pictures.jobs].map((job) => [
        job.order.source.kind === 'file' ? job.order.source.path.slice(media.length + 1) : '',
        ended(job),
      ]),
    )
    expect(endings).toMatchObject({ 'good.wav': 'done' })
    for (const name of ['text.mp3', 'noise.wav', 'noise.jpg']) expect(endings[name]).toMatch(/^failed: source-(damaged|unknown)$/)
    expect((await readdir(media)).toSorted()).toEqual(['good.flac', 'good.wav', 'noise.jpg', 'noise.wav', 'text.mp3'])
  })

  it('that was cut off is not taken for a whole one', async () => {
    const { media, convert } = await scene()
    const film = join(media, 'film.mp4')
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc=duration=5',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=5',
      '-movflags',
      '+faststart',
      film,
    ])
    await truncate(film, 30_000)
    const picture = join(media, 'picture.jpg')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'mandelbrot=size=640x480', '-frames:v', '1', picture])
    await truncate(picture, 20_000)
    const long = sound(join(media, 'long.flac'), 20)
    await truncate(long, 60_000)
    const { jobs } = await convert([film, long], 'mp3')
    const { jobs: pictures } = await convert([picture], 'webp')
    expect([...jobs, ...pictures].map(ended)).toEqual([
      'failed: source-damaged',
      'failed: source-damaged',
      'failed: source-damaged',
    ])
    expect((await readdir(media)).toSorted()).toEqual(['film.mp4', 'long.flac', 'picture.jpg'])
  })

  it('that is a folder called song.wav is walked like any folder', async () => {
    const { media, convert } = await scene()
    await mkdir(join(media, 'song.wav'))
    sound(join(media, 'song.wav', 'inside.wav'))
    const { jobs } = await convert([join(media, 'song.wav')], 'mp3')
    expect(jobs.flatMap(outputsOf)).toEqual([join(media, 'song.wav', 'inside.mp3')])
  })

  it('that changes while it is converted is converted again as it is then', async () => {
    const { media, convert, engine } = await scene()
    const path = sound(join(media, 'song.wav'), 120)
    const following = new AbortController()
    onTestFinished(() => following.abort())
    const changes = engine.changes(following.signal)
    const touching = (async () => {
      for await (const portion of changes) {
        if (!portion.some((change) => change.type === 'progress' && change.progress.progress !== null)) continue
        sound(join(media, 'other.wav'), 3)
        await rename(join(media, 'other.wav'), path)
        return
      }
    })()
    const { jobs } = await convert([path], 'mp3')
    await touching
    expect([jobs.map(ended), jobs.map((job) => job.attempt)]).toEqual([['done'], [2]])
  })
})

describe('a folder for results', () => {
  it('that is gone by then fails the job and makes nothing up', async () => {
    const { media, convert, engine } = await scene()
    const inner = join(media, 'inner')
    await mkdir(inner)
    sound(join(inner, 'song.wav'))
    engine.pauseAll()
    const batch = convert([join(inner, 'song.wav')], 'mp3')
    const following = new AbortController()
    for await (const portion of engine.changes(following.signal)) if (portion.some(({ type }) => type === 'batch')) break
    await rm(inner, { recursive: true })
    engine.resumeAll()
    expect([(await batch).jobs.map(ended), await readdir(media)]).toEqual([['failed: source-missing'], []])
  })

  it('that is swapped for another one of its name while FFmpeg begins gets nothing, and the job says so', async () => {
    const { folder, media, engine, stop } = await scene()
    const [song, copy, unmounted] = [join(media, 'song.wav'), join(folder, 'song.wav'), join(folder, 'unmounted')]
    sound(song)
    // The source is open before the result is, and a disk may go in between.
    const swap = `cp '${song}' '${copy}'; mv '${media}' '${unmounted}'; mkdir '${media}'`
    const open = `for each; do shift; case "$each" in *song.wav) each='${copy}';; esac; set -- "$@" "$each"; done`
    const programs = join(folder, 'programs')
    await mkdir(programs)
    await writeFile(join(programs, 'ffmpeg'), `#!/bin/sh\ncase "$*" in *.part*) ${swap}; ${open};; esac\nexec ffmpeg "$@"\n`)
    await writeFile(join(programs, 'ffprobe'), '#!/bin/sh\nexec ffprobe "$@"\n')
    for (const name of ['ffmpeg', 'ffprobe']) await chmod(join(programs, name), 0o755)
    engine.change({ ffmpegPath: join(programs, 'ffmpeg') })
    await stop()
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([song], 'mp3')
    expect([jobs.map(ended), await readdir(media), await readdir(unmounted)]).toEqual([
      ['failed: folder-missing'],
      [],
      ['song.wav'],
    ])
  })

  it('that is a file is said to be none', async () => {
    const { media, convert } = await scene()
    await writeFile(join(media, 'out'), 'a file')
    const { jobs } = await convert([sound(join(media, 'song.wav'))], 'mp3', { out: join(media, 'out') })
    expect(jobs.map(ended)).toEqual(['failed: folder-missing'])
  })

  it('that is missing in a mirrored tree is made', async () => {
    const { media, convert } = await scene()
    await mkdir(join(media, 'a', 'b'), { recursive: true })
    sound(join(media, 'a', 'b', 'song.wav'))
    const { jobs } = await convert([media], 'mp3', { out: join(media, '..', 'out') })
    expect(jobs.flatMap(outputsOf)).toEqual([join(media, '..', 'out', 'a', 'b', 'song.mp3')])
  })

  it('mirrors the tree of files that somebody else found in a folder, and of those alone', async () => {
    const { media, convert } = await scene()
    await mkdir(join(media, 'a', 'b'), { recursive: true })
    const inside = sound(join(media, 'a', 'b', 'song.wav'))
    const outside = sound(join(media, 'other.wav'))
    const { jobs } = await convert([inside, outside], 'mp3', { out: join(media, '..', 'out'), root: join(media, 'a') })
    expect(jobs.flatMap(outputsOf).toSorted()).toEqual([
      join(media, '..', 'out', 'b', 'song.mp3'),
      join(media, '..', 'out', 'other.mp3'),
    ])
  })
})

describe('two files that want one name', () => {
  it('both get a name, whatever the policy', async () => {
    for (const ifExists of ['number', 'skip', 'overwrite'] as const) {
      const { media, convert } = await scene()
      sound(join(media, 'song.wav'))
      sound(join(media, 'song.flac'))
      const { jobs } = await convert([media], 'mp3', { ifExists })
      expect([jobs.map(ended), (await readdir(media)).toSorted()]).toEqual([
        ['done', 'done'],
        ['song (2).mp3', 'song.flac', 'song.mp3', 'song.wav'],
      ])
    }
  })

  it('leave a file alone that was there before', async () => {
    const { media, convert } = await scene()
    sound(join(media, 'song.wav'))
    await writeFile(join(media, 'song.mp3'), 'mine')
    const skipped = await convert([media], 'mp3', { ifExists: 'skip', include: ['*.wav'] })
    const numbered = await convert([media], 'mp3', { include: ['*.wav'] })
    expect([skipped.jobs.map(ended), numbered.jobs.flatMap(outputsOf), await readFile(join(media, 'song.mp3'), 'utf8')]).toEqual([
      ['skipped: output-exists'],
      [join(media, 'song (2).mp3')],
      'mine',
    ])
  })

  it('never replace the source', async () => {
    const { media, convert } = await scene()
    sound(join(media, 'song.mp3'))
    const before = await readFile(join(media, 'song.mp3'))
    const over = await convert([media], 'mp3', { ifExists: 'overwrite' })
    const beside = await convert([media], 'mp3', { options: { bitrate: 64 } })
    expect([
      over.jobs.map(ended),
      beside.jobs.flatMap(outputsOf),
      (await readFile(join(media, 'song.mp3'))).equals(before),
    ]).toEqual([['failed: source-is-target'], [join(media, 'song (2).mp3')], true])
  })

  it('wait for the user where the policy is to ask', async () => {
    const { media, convert, engine } = await scene()
    sound(join(media, 'song.wav'))
    await writeFile(join(media, 'song.mp3'), 'mine')
    const { batchId, jobs } = await convert([media], 'mp3', { ifExists: 'ask', include: ['*.wav'] })
    const following = new AbortController()
    const changes = engine.changes(following.signal)
    await engine.settleNameConflicts({ kind: 'batch', batchId }, 'number')
    const isDone = (change: Change) => change.type === 'job' && change.job.state.phase === 'done'
    for await (const portion of changes) if (portion.some(isDone)) break
    expect([jobs.map(ended), (await readdir(media)).toSorted()]).toEqual([
      ['waiting: output-exists'],
      ['song (2).mp3', 'song.mp3', 'song.wav'],
    ])
  })
})

describe('what was asked for', () => {
  it('is refused in words where it cannot be done', async () => {
    const { media, convert } = await scene()
    sound(join(media, 'song.wav'))
    const wrong = await convert([join(media, 'song.wav')], 'png')
    const option = await convert([join(media, 'song.wav')], 'mp3', { options: { crf: 20 } })
    expect([...wrong.refused, ...option.refused].map(({ why }) => why.code)).toEqual(['pair-unsupported', 'option-unsupported'])
  })

  it('keeps the date of the source', async () => {
    const { media, convert } = await scene()
    const path = sound(join(media, 'song.wav'))
    await utimes(path, 1_000_000_000, 1_000_000_000)
    const { jobs } = await convert([path], 'mp3')
    expect(jobs.map((job) => (job.state.phase === 'done' ? job.state.outputs[0]?.mtimeMs : endedInWords(job)))).toEqual([
      1_000_000_000_000,
    ])
  })
})
