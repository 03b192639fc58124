/** Each line of the crash table: a real process, a real SIGKILL at that point, and a second process that goes on. */
import { execFileSync } from 'node:child_process'
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/shared/job.ts'
import { run, type Ran } from '../support/crash-run.ts'
import { temporaryFolder } from '../support/folder.ts'
import { remoteServer } from '../support/remote-server.ts'

async function scene(seconds = 1) {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  const media = join(folder, 'media')
  await mkdir(media)
  const source = join(media, 'song.wav')
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `sine=duration=${seconds}`, source])
  return { home, media, source, local: { home, sources: [source], remote: null, dieAt: null } }
}

/** What stands in the folder after all, and how the one job ended. */
async function ending(ran: Ran, media: string) {
  const jobs: readonly Job[] = [...ran.live, ...ran.finished]
  return {
    killedBy: ran.killedBy,
    jobs: jobs.map((job) => `${job.state.phase}, attempt ${job.attempt}`),
    files: (await readdir(media)).toSorted(),
  }
}

const converted = { killedBy: null, jobs: ['done, attempt 1'], files: ['song.mp3', 'song.wav'] }

const deaths = [
  ['before the claim', 'added'],
  ['right after the claim', 'claimed'],
  ['before it was said that it begins', 'before submit'],
  ['when it had been said that it begins', 'after submit'],
  ['when it was converted and that was not yet said', 'before verify'],
  ['when it was converted', 'after verify'],
  ['before it was said where it goes', 'before naming'],
  ['when it had been said where it goes', 'after naming'],
  ['when it had its name and that was not yet said', 'before afterwards'],
  ['when it had its name', 'after afterwards'],
  ['before it was said to be done', 'before finish'],
  ['when it was done', 'after finish'],
] as const

describe('a local conversion killed', () => {
  it.each(deaths)('%s goes on: one whole output, no temporary file, one attempt', async (_, dieAt) => {
    const { home, media, local } = await scene()
    const first = await run({ ...local, dieAt })
    const second = await run({ ...local, home, sources: [] })
    expect([first.killedBy, await ending(second, media)]).toEqual(['SIGKILL', converted])
  })

  it.each([
    ['before it was said that the result is too large', 'write 7'],
    ['when it had been said', 'write 8'],
    ['before the job was said to be skipped', 'before skip'],
    ['when it was skipped', 'after skip'],
  ])('%s is skipped all the same: no result, no temporary file, one attempt', async (_, dieAt) => {
    const { media, local } = await scene()
    const plan = { ...local, target: 'wav' as const, options: { onlyIfSmaller: 0, sampleRate: 192_000 } }
    const first = await run({ ...plan, dieAt })
    const second = await run({ ...local, sources: [] })
    expect([first.killedBy, await ending(second, media)]).toEqual([
      'SIGKILL',
      { killedBy: null, jobs: ['skipped, attempt 1'], files: ['song.wav'] },
    ])
  })

  it('in the middle of the conversion leaves a temporary file that the next start removes', async () => {
    // Long enough that the fastest machine has said how far it is before it is through.
    const { media, local } = await scene(1800)
    const first = await run({ ...local, dieAt: 'progress' })
    const between = await readdir(media)
    const second = await run({ ...local, sources: [] })
    expect([first.killedBy, between.length, await ending(second, media)]).toEqual(['SIGKILL', 2, converted])
  })

  it('between the passes of a film that has to fit leaves a folder that the next start removes', async () => {
    const { media, local, source } = await scene()
    const film = join(media, 'film.mkv')
    const picture = 'testsrc2=s=640x360:r=25:d=20,noise=alls=20:allf=t'
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', picture, '-i', source, '-c:v', 'mpeg4', '-q:v', '2', film])
    const takesNotes = async () => (await readdir(media, { recursive: true })).some((name) => name.includes('pass-'))
    const plan = { ...local, sources: [film], target: 'mp4' as const, options: { maxSize: 400_000 } }
    const first = await run(plan, expect.poll(takesNotes).toBe(true))
    const between = await readdir(media)
    const second = await run({ ...local, sources: [] })
    expect([first.killedBy, between.length, await ending(second, media), (await stat(join(media, 'film.mp4'))).size]).toEqual([
      'SIGKILL',
      3,
      { ...converted, files: ['film.mkv', 'film.mp4', 'song.wav'] },
      expect.toSatisfy((bytes: number) => bytes <= 400_000),
    ])
  })

  it('among the samples of a film that has to look near enough leaves a folder that the next start removes', async () => {
    const { media, local, source } = await scene()
    const film = join(media, 'film.mkv')
    const picture = 'testsrc2=s=320x180:r=25:d=3,noise=alls=8:allf=t'
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', picture, '-i', source, '-c:v', 'mpeg4', '-q:v', '2', film])
    const isSampled = async () => (await readdir(media, { recursive: true })).some((name) => name.endsWith('-0.part'))
    const plan = { ...local, sources: [film], target: 'mp4' as const, options: { matchQuality: 90 } }
    const first = await run(plan, expect.poll(isSampled, { timeout: 60_000 }).toBe(true))
    const between = await readdir(media)
    const second = await run({ ...local, sources: [] })
    expect([first.killedBy, between.length, await ending(second, media)]).toEqual([
      'SIGKILL',
      3,
      { ...converted, files: ['film.mkv', 'film.mp4', 'song.wav'] },
    ])
  })

  it('between its final name and the end of its temporary one is one output, not two', async () => {
    const { media, local } = await scene()
    await run({ ...local, dieAt: 'after naming' })
    const temp = (await readdir(media)).find((name) => name.startsWith('.beside-')) ?? ''
    await link(join(media, temp), join(media, 'song.mp3'))
    expect(await ending(await run({ ...local, sources: [] }), media)).toEqual(converted)
  })

  it('before its name was taken by a stranger gets the next number and leaves the stranger alone', async () => {
    const { media, local, source } = await scene()
    await run({ ...local, dieAt: 'after naming' })
    await link(source, join(media, 'song.mp3'))
    const { files } = await ending(await run({ ...local, sources: [] }), media)
    expect([files, (await readFile(join(media, 'song.mp3'))).equals(await readFile(source))]).toEqual([
      ['song (2).mp3', 'song.mp3', 'song.wav'],
      true,
    ])
  })

  it('around the archiving of its source archives it once', async () => {
    for (const dieAt of ['after afterwards', 'before finish']) {
      const { media, local } = await scene()
      await run({ ...local, afterwards: 'archive', dieAt })
      const second = await run({ ...local, sources: [] })
      expect([await ending(second, media), await readdir(join(media, 'converted'))]).toEqual([
        { ...converted, files: ['converted', 'song.mp3'] },
        ['song.wav'],
      ])
    }
  })
})

describe('several results of one source, killed', () => {
  const outputs = (['mp3', 'flac', 'opus'] as const).map((target) => ({ target, preset: null, options: {} }))

  it.each([...deaths, ['when the others had been claimed with it', 'claimed with it'] as const])(
    '%s are all there once, and the source goes with the last of them',
    async (_, dieAt) => {
      const { media, local } = await scene()
      const first = await run({ ...local, outputs, afterwards: 'archive', dieAt })
      const second = await run({ ...local, sources: [] })
      expect([first.killedBy, await ending(second, media), await readdir(join(media, 'converted'))]).toEqual([
        'SIGKILL',
        {
          killedBy: null,
          jobs: Array.from({ length: 3 }, () => 'done, attempt 1'),
          files: ['converted', 'song.flac', 'song.mp3', 'song.opus'],
        },
        ['song.wav'],
      ])
    },
  )

  it('in the middle of the one run leave nothing that the next start does not remove', async () => {
    const { media, local } = await scene(1800)
    const first = await run({ ...local, outputs, afterwards: 'archive', dieAt: 'progress' })
    const { files } = await ending(await run({ ...local, sources: [] }), media)
    expect([first.killedBy, files]).toEqual(['SIGKILL', ['converted', 'song.flac', 'song.mp3', 'song.opus']])
  })
})

describe('several files on their way to one, killed', () => {
  const contents = ['first', 'second', 'third']

  async function letters() {
    const folder = await temporaryFolder()
    const media = join(folder, 'media')
    await mkdir(media)
    const sources = contents.map((name) => join(media, `${name}.txt`))
    for (const [index, path] of sources.entries()) await writeFile(path, contents[index] ?? '')
    // Archiving was asked for: what became part of something larger stays all the same.
    const plan = { home: join(folder, 'home'), sources, remote: null, together: 'album', afterwards: 'archive' as const }
    return { media, sources, plan }
  }

  const whole = {
    killedBy: null,
    jobs: ['done, attempt 1'],
    files: ['album.zip', 'first.txt', 'second.txt', 'third.txt'],
  }

  it.each(deaths)('%s go on: one whole result of all in their order, every source as it was', async (_, dieAt) => {
    const { media, sources, plan } = await letters()
    const first = await run({ ...plan, target: 'zip', dieAt })
    const second = await run({ ...plan, target: 'zip', sources: [], dieAt: null })
    const texts = await Promise.all(sources.map(async (path) => await readFile(path, 'utf8')))
    expect([first.killedBy, await ending(second, media), membersOf(join(media, 'album.zip')), texts]).toEqual([
      'SIGKILL',
      whole,
      contents.map((name) => `${name}.txt`),
      contents,
    ])
  })

  it.each(deaths.filter(([, dieAt]) => /^(after submit|before verify|after naming)$/.test(dieAt)))(
    '%s as images go on: one PDF with each of them once',
    async (_, dieAt) => {
      const { media, sources, plan } = await letters()
      for (const [index, path] of sources.entries()) {
        execFileSync('ffmpeg', [
          '-v',
          'error',
          '-f',
          'lavfi',
          '-i',
          `testsrc=s=${100 * (index + 1)}x100`,
          '-frames:v',
          '1',
          `${path}.png`,
        ])
        await rm(path)
      }
      const images = sources.map((path) => `${path}.png`)
      const first = await run({ ...plan, sources: images, target: 'pdf', dieAt })
      const second = await run({ ...plan, sources: [], target: 'pdf', dieAt: null })
      const widths = execFileSync('pdfimages', ['-list', join(media, 'album.pdf')], { encoding: 'utf8' })
      expect([first.killedBy, await ending(second, media), widths.match(/(?<= image +)\d+/g)]).toEqual([
        'SIGKILL',
        { ...whole, files: ['album.pdf', ...images.map((path) => basename(path))] },
        ['100', '200', '300'],
      ])
    },
    180_000,
  )

  it('when one of them was taken away before the restart end in one clear failure, and nothing lies about', async () => {
    const { media, sources, plan } = await letters()
    await run({ ...plan, target: 'zip', dieAt: 'claimed' })
    await rm(sources[1] ?? '')
    const { live, finished } = await run({ ...plan, sources: [], target: 'zip', dieAt: null })
    const [job] = [...live, ...finished]
    expect([job?.state, (await readdir(media)).toSorted()]).toMatchObject([
      { phase: 'failed', why: { code: 'source-missing', facts: { path: sources[1] } } },
      ['first.txt', 'third.txt'],
    ])
  })
})

function membersOf(path: string): readonly string[] {
  return execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n')
}

describe('a remote conversion killed', () => {
  async function remote(resubmit: 'same-key' | 'never') {
    const { home, media, source } = await scene()
    const result = join(home, '..', 'result.mp3')
    execFileSync('ffmpeg', ['-v', 'error', '-i', source, result])
    const server = await remoteServer(await readFile(result), resubmit === 'same-key')
    const plan = { home, sources: [source], remote: { base: server.base, resubmit }, dieAt: null }
    return { media, server, plan }
  }

  it('during the submit is submitted again under the same key, and charged once', async () => {
    const { media, server, plan } = await remote('same-key')
    await run(plan, server.hangAt('submit'))
    const second = await run({ ...plan, sources: [] })
    expect([await ending(second, media), server.charged.length]).toEqual([converted, 1])
  })

  it('during the submit, without keys, is left to the user, and charged once', async () => {
    const { media, server, plan } = await remote('never')
    await run(plan, server.hangAt('submit'))
    const second = await run({ ...plan, sources: [] })
    expect([await ending(second, media), server.charged.length]).toEqual([
      { killedBy: null, jobs: ['uncertain, attempt 1'], files: ['song.wav'] },
      1,
    ])
  })

  it('after the ticket goes on asking and pays nothing twice', async () => {
    const { media, server, plan } = await remote('never')
    const first = await run({ ...plan, dieAt: 'after wait' })
    const second = await run({ ...plan, sources: [] })
    expect([first.killedBy, await ending(second, media), server.charged.length]).toEqual(['SIGKILL', converted, 1])
  })

  it('half-way through a download fetches again and pays nothing twice', async () => {
    const { media, server, plan } = await remote('never')
    await run(plan, server.hangAt('result'))
    const second = await run({ ...plan, sources: [] })
    expect([await ending(second, media), server.charged.length]).toEqual([converted, 1])
  })

  it('with its result fetched and its temporary file lost fetches again instead of paying again', async () => {
    const { media, server, plan } = await remote('never')
    await run({ ...plan, dieAt: 'after verify' })
    const temp = (await readdir(media)).find((name) => name.startsWith('.beside-')) ?? ''
    execFileSync('rm', [join(media, temp)])
    const second = await run({ ...plan, sources: [] })
    expect([await ending(second, media), server.charged.length]).toEqual([converted, 1])
  })
})
