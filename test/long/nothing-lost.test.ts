/**
 * Random videos with random tracks, tags, covers, chapters and fonts are converted into random formats. What was put in is either seen in
 * the result by FFprobe, or the job says that it was left: neither side of this is Beside's own reading.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type FormatId, factsOf } from '../../src/shared/formats.ts'
import type { Job } from '../../src/shared/job.ts'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { dice, type Dice } from '../support/dice.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffmpeg, ffprobe, type Probed } from '../support/media.ts'

const runs = 40
/** Not WAV, of whose two kinds of tags FFprobe reads the poorer one. */
const targets = ['mkv', 'mp4', 'mov', 'webm', 'mp3', 'm4a', 'flac', 'opus', 'ogg', 'aiff'] as const satisfies readonly FormatId[]
const languages = ['eng', 'fra', 'deu', 'jpn'] as const
const words = ['One', 'zwei; drei', 'quatre = 4', '五', 'back\\slash', 'two\nlines']
const tagNames = ['title', 'artist', 'album', 'genre', 'date', 'comment', 'copyright', 'MYFIELD', 'MOOD'] as const

interface Track {
  readonly language: string | null
  readonly title: string | null
}

/** What one file is made of. */
interface Recipe {
  readonly hasPicture: boolean
  readonly audio: readonly Track[]
  readonly subtitles: readonly Track[]
  readonly fonts: readonly string[]
  readonly hasCover: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly chapters: readonly string[]
}

function recipeOf({ next }: Dice): Recipe {
  const upTo = (max: number) => Math.floor(next() * (max + 1))
  const one = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T
  const some = <T>(max: number, item: (n: number) => T): readonly T[] => Array.from({ length: upTo(max) }, (_, n) => item(n))
  const track = (): Track => ({
    language: next() < 0.7 ? one(languages) : null,
    title: next() < 0.4 ? one(words.slice(0, 4)) : null,
  })
  return {
    hasPicture: next() < 0.8,
    audio: [track(), ...some(2, track)],
    subtitles: some(2, track),
    fonts: some(2, (n) => `font ${n}.ttf`),
    hasCover: next() < 0.5,
    tags: Object.fromEntries(some(5, () => [one(tagNames), one(words)])),
    chapters: some(3, (n) => `Chapter ${n} ${one(words.slice(0, 4))}`),
  }
}

/** As Matroska, which holds everything. */
async function make(folder: string, recipe: Recipe): Promise<string> {
  const [path, meta, subtitles, cover] = ['all.mkv', 'meta.txt', 'words.srt', 'cover.png'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  const escaped = (text: string) => text.replaceAll(/[=;#\\\n]/g, (found) => `\\${found}`)
  const chapters = recipe.chapters.map(
    (title, n) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${n * 250}\nEND=${(n + 1) * 250}\ntitle=${escaped(title)}\n`,
  )
  const tags = Object.entries(recipe.tags).map(([name, text]) => `${name}=${escaped(text)}\n`)
  await writeFile(meta, `;FFMETADATA1\n${tags.join('')}${chapters.join('')}`)
  await writeFile(subtitles, '1\n00:00:00,100 --> 00:00:00,800\nWords\n')
  await ffmpeg(['-f', 'lavfi', '-i', 'color=red:s=32x32', '-frames:v', '1', cover])
  for (const font of recipe.fonts) await writeFile(join(folder, font), 'a font')
  const described = (kind: string, tracks: readonly Track[]) =>
    tracks.flatMap(({ language, title }, n) => [
      ...(language === null ? [] : [`-metadata:s:${kind}:${n}`, `language=${language}`]),
      ...(title === null ? [] : [`-metadata:s:${kind}:${n}`, `title=${title}`]),
    ])
  const attached = [
    ...recipe.fonts.map((name) => [join(folder, name), 'font/ttf']),
    ...(recipe.hasCover ? [[cover, 'image/png']] : []),
  ]
  await ffmpeg([
    ...['-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=1', '-f', 'lavfi', '-i', 'sine=d=1', '-i', subtitles, '-i', meta],
    ...(recipe.hasPicture ? ['-map', '0:v', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] : []),
    ...recipe.audio.flatMap(() => ['-map', '1:a']),
    ...recipe.subtitles.flatMap(() => ['-map', '2:s']),
    ...['-c:a', 'aac', '-c:s', 'srt', '-map_metadata', '3', '-map_chapters', '3'],
    ...[...described('a', recipe.audio), ...described('s', recipe.subtitles)],
    ...attached.flatMap(([file = '', type = ''], n) => ['-attach', file, `-metadata:s:t:${n}`, `mimetype=${type}`]),
    path,
  ])
  return path
}

/** What was put in, is not seen in the result, and is not said to be left. */
function silentlyLost(recipe: Recipe, target: FormatId, result: Probed, job: Job): readonly string[] {
  const notes = job.state.phase === 'done' ? job.state.notes.flatMap((note) => (note.what === 'left' ? [note.thing] : [])) : []
  const lost = (thing: (typeof notes)[number], isThere: boolean) => (isThere || notes.includes(thing) ? [] : [thing])
  const { streams, format, chapters } = result
  const of = (type: string) => streams.filter((stream) => stream.codec_type === type)
  const isPicture = (stream: Probed['streams'][number]) =>
    stream.disposition.attached_pic === 1 || stream.codec_type === 'attachment'
  const dictionaries = [format.tags ?? {}, ...streams.map(({ tags = {} }) => tags)]
  const plain = (text: string) => text.replaceAll('\r', '').trim()
  const holds = (name: string, text: string) =>
    dictionaries.some((tags) => Object.entries(tags).some(([own, value]) => isName(own, name) && plain(value) === plain(text)))
  const isVideo = factsOf(target).family === 'video'
  return [
    ...Object.entries(recipe.tags).flatMap(([name, text]) => lost('tag', holds(name, text)).map((thing) => `${thing} ${name}`)),
    ...lost('chapters', chapters.length >= recipe.chapters.length),
    ...(recipe.hasCover ? lost('picture', streams.some(isPicture)) : []),
    ...lost('audio-track', of('audio').length >= recipe.audio.length),
    ...(isVideo ? lost('subtitles', of('subtitle').length >= recipe.subtitles.length) : []),
    ...(isVideo ? lost('attachment', of('attachment').length >= recipe.fonts.length) : []),
    ...(isVideo && recipe.hasPicture ? lost('video-track', of('video').length > 0) : []),
    ...(isVideo ? languagesLost(recipe, dictionaries).flatMap((language) => lost('language', language === null)) : []),
  ]
}

function isName(own: string, name: string): boolean {
  const known: Readonly<Record<string, readonly string[]>> = {
    date: ['date', 'year', 'creation_time'],
    comment: ['comment', 'description'],
    MOOD: ['mood', 'tmoo'],
  }
  return (known[name] ?? [name.toLowerCase()]).includes(own.toLowerCase().replace(/-[a-z]{3}$/, ''))
}

/** The two codes that some languages have. */
const sameLanguages: Readonly<Record<string, string>> = { ger: 'deu', fre: 'fra' }

function languagesLost(
  { audio, subtitles }: Recipe,
  dictionaries: readonly Readonly<Record<string, string>>[],
): readonly (string | null)[] {
  const found = new Set(dictionaries.map(({ language = '' }) => sameLanguages[language] ?? language))
  return [...audio, ...subtitles].map(({ language }) => (language === null || found.has(language) ? null : language))
}

it(`${runs} random files lose nothing without a word`, { timeout: 900_000 }, async () => {
  const throws = dice()
  console.log(`BESIDE_TEST_SEED=${throws.seed}`)
  const troubles: string[] = []
  const folder = await temporaryFolder()
  const beside = await testBeside(folder)
  for (let n = 0; n < runs; n += 1) {
    const recipe = recipeOf(throws)
    const own = await temporaryFolder()
    const source = await make(own, recipe)
    const target = targets[Math.floor(throws.next() * targets.length)] ?? 'mkv'
    if (!recipe.hasPicture && factsOf(target).family === 'video' && target !== 'webm') continue
    const { jobs } = await beside.convert([source], target, { out: join(own, 'out') })
    const [job] = jobs
    const [path] = job === undefined ? [] : outputsOf(job)
    const told = `run ${n}, ${target}, ${JSON.stringify(recipe)}`
    if (job === undefined || path === undefined) troubles.push(`${job === undefined ? 'refused' : ended(job)}: ${told}`)
    else troubles.push(...silentlyLost(recipe, target, await ffprobe(path), job).map((thing) => `${thing}: ${told}`))
  }
  expect({ seed: throws.seed, troubles }).toEqual({ seed: throws.seed, troubles: [] })
})
