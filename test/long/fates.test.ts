/**
 * The table of what conversions on this machine keep, cell by cell: a small source that holds the thing is converted into the format, by
 * the whole engine, and what is found in the result and said in the notes is held against the table.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fates, localTargets, type LocalTarget } from '../../src/main/providers/local/fates.ts'
import { localPairings } from '../../src/main/providers/local/pairings.ts'
import { contentsOf, missingIn } from '../../src/shared/contents.ts'
import { things, type Thing } from '../../src/shared/things.ts'
import { extensionOf, factsOf } from '../../src/shared/formats.ts'
import type { Job } from '../../src/shared/job.ts'
import type { MediaFacts } from '../../src/shared/media.ts'
import { thingSources, type ThingSource } from '../cases/make-things.ts'
import { never, startMachine } from '../providers/local/machine.ts'
import { ended, outputsOf, testBeside, type TestBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { knownDisagreements } from './known-fates.ts'

const { local } = startMachine()
const folder = mkdtempSync(join(tmpdir(), 'beside-things-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Cell {
  readonly thing: Thing
  readonly target: LocalTarget
  readonly source: ThingSource
}

const asked = things.flatMap((thing) =>
  localTargets.filter((target) => target !== 'amr' && fates[thing][target] !== 'unasked').map((target) => ({ thing, target })),
)
const cells = asked.flatMap(({ thing, target }): readonly Cell[] => {
  const able = (thingSources[thing] ?? []).filter(({ from }) => pairingOf(from, target) !== undefined)
  // What is of one kind with its target has all that the target can hold.
  const source = able.find(({ from }) => factsOf(from).family === factsOf(target).family) ?? able[0]
  return source === undefined ? [] : [{ thing, target, source }]
})

function pairingOf(from: ThingSource['from'], target: LocalTarget) {
  return localPairings.find((pairing) => pairing.from.includes(from) && pairing.to.includes(target))
}

const made = new Map<ThingSource, Promise<string>>()

/** Made once for all targets. */
async function pathOf(source: ThingSource, thing: Thing): Promise<string> {
  const known = made.get(source)
  if (known !== undefined) return await known
  const aside = join(folder, `${made.size}`)
  mkdirSync(aside)
  const path = join(aside, `${thing}.${extensionOf(source.from)}`)
  const making = source.make(path, aside).then(() => path)
  made.set(source, making)
  return await making
}

/** What became of the thing, as far as result and notes tell, or how the job ended. */
type Outcome = 'kept' | 'counted' | 'changed' | 'left' | (string & {})

async function outcomeOf({ thing, target, source }: Cell, beside: TestBeside, out: string): Promise<Outcome> {
  const path = await pathOf(source, thing)
  const before = contentsOf(await local.inspect(path, never))
  if (!before.some((content) => content.thing === thing)) return 'not seen in the source'
  const takes: readonly string[] = pairingOf(source.from, target)?.options ?? []
  const options = Object.fromEntries(Object.entries(source.options ?? {}).filter(([name]) => takes.includes(name)))
  const { jobs } = await beside.convert([path], target, { out, options })
  const [job] = jobs
  if (job?.state.phase !== 'done') return job === undefined ? 'refused' : ended(job)
  const after = contentsOf(await resultOf(job))
  const isMissing = missingIn(after, before).some((content) => content.thing === thing)
  const isNoted = job.state.notes.some((note) => note.what === 'left' && note.thing === thing)
  if (isNoted) return isMissing || overstating.has(target) ? 'left' : 'noted, and there'
  const count = (contents: typeof before) => contents.filter((content) => content.thing === thing).length
  // What a track says of itself goes with the track, which alone is worth a word.
  if (!isMissing) return count(after) < count(before) ? 'left' : 'kept'
  return count(after) >= count(before) ? 'counted' : 'changed'
}

/** By their headers they have finer samples than were written. */
const overstating: ReadonlySet<LocalTarget> = new Set(['exr', 'hdr'])

/** Pages that became files of their own are all there, if there are as many. */
async function resultOf(job: Job): Promise<MediaFacts> {
  const facts = await Promise.all(outputsOf(job).map(async (output) => await local.inspect(output, never)))
  const [first] = facts
  if (first === undefined) throw new Error('no result')
  if (first.image === null) return first
  return { ...first, image: { ...first.image, pages: facts.reduce((sum, { image }) => sum + (image?.pages ?? 0), 0) } }
}

const right: Readonly<Record<string, readonly Outcome[]>> = {
  kept: ['kept'],
  counted: ['kept', 'counted'],
  // What is changed may have come along as it was.
  changed: ['kept', 'counted', 'changed'],
  left: ['left'],
}

describe('what becomes of each thing', () => {
  // Hardly any FFmpeg writes AMR.
  it.each(localTargets.filter((target) => target !== 'amr'))(
    'in %s is what the table says',
    { timeout: 600_000 },
    async (target) => {
      const place = await temporaryFolder()
      const beside = await testBeside(place)
      const mine = cells.filter((cell) => cell.target === target)
      const outcomes = await Promise.all(
        mine.map(async (cell) => [cell, await outcomeOf(cell, beside, join(place, cell.thing))] as const),
      )
      const wrong = outcomes.filter(([{ thing }, outcome]) => !(right[fates[thing][target]] ?? []).includes(outcome))
      const found = Object.fromEntries(wrong.map(([{ thing }, outcome]) => [`${thing} → ${target}`, outcome]))
      const known = Object.entries(knownDisagreements).filter(([cell]) => cell.endsWith(` → ${target}`))
      expect(found).toEqual(Object.fromEntries(known))
    },
  )

  it('is tried in every cell that a conversion can reach', () => {
    const reached = new Set(cells.map(({ thing, target }) => `${thing} → ${target}`))
    const unreached = asked.filter(({ thing, target }) => !reached.has(`${thing} → ${target}`))
    const byThing = Map.groupBy(unreached, ({ thing }) => thing)
    const listed = Object.fromEntries([...byThing].map(([thing, some]) => [thing, some.map(({ target }) => target).join(' ')]))
    // ImageMagick makes no pictures of videos; only WAV has chunks of a recorder.
    const magick = 'bmp ico icns jxl jp2 psd tga ppm exr hdr dds pcx qoi'
    const pictures = `jpeg png webp avif tiff gif ${magick}`
    const films = 'avi wmv mpeg ts flv ogv 3gp mxf'
    expect(listed).toEqual({
      broadcast: `mp4 mov mkv ${films}`,
      'format-data': `mp4 mov mkv ${films}`,
      // There is no source of these two yet.
      'depth-map': pictures,
      motion: pictures,
      'colour-profile': `mp4 mov mkv webm ${films}`,
      hdr: magick,
      interlacing: magick,
      'pixel-shape': magick,
      rotation: magick,
      'frame-times': magick,
    })
  })
})
