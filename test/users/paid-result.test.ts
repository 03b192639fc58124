/** A result that is paid for and cannot get its name: it is kept or had again, never thrown away and never bought twice. */
import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, endedInWords, outputsOf } from '../support/beside.ts'
import { onlineSceneAround, songs, type OnlineScene } from '../support/online-beside.ts'
import { strikingAtPlacing } from '../support/placing.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { mountOn } from '../support/small-disk.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

/** Whether the provider answers with a ticket, or with the result itself, which can never be asked for again. */
const kinds = { 'that is asked for by a ticket': 'ticket', 'that came with the answer': 'at once' } as const
type Kind = (typeof kinds)[keyof typeof kinds]

interface Fault {
  readonly strike: (media: string) => void
  readonly repair: (media: string) => void
  /** What the question to the user says of it. */
  readonly reason: RegExp
  readonly onDisk?: true
}

const faults: Readonly<Record<string, Fault>> = {
  'the folder is gone': {
    strike: (media) => renameSync(media, `${media} away`),
    repair: (media) => renameSync(`${media} away`, media),
    reason: /The folder was not found/,
  },
  'another thing stands where the folder was': {
    strike: (media) => {
      renameSync(media, `${media} away`)
      writeFileSync(media, 'a file')
    },
    repair: (media) => {
      renameSync(media, `${media} of another`)
      renameSync(`${media} away`, media)
    },
    reason: /The folder was not found/,
  },
  'the disk is full': {
    strike: (media) => {
      for (let n = 0; ; n += 1) {
        try {
          mkdirSync(join(media, `filler ${n}`))
        } catch {
          return
        }
      }
    },
    repair: (media) => rmdirSync(join(media, 'filler 0')),
    reason: /not enough space on the disk/,
    onDisk: true,
  },
}

async function sources(scene: OnlineScene, kind: Kind): Promise<readonly string[]> {
  if (kind === 'ticket') return await songs(scene, 1)
  const path = join(scene.media, 'song.wav')
  // Short enough to be converted within the request.
  await writeTone(path, 0.3)
  return [path]
}

async function struck(kind: Kind, fault: Fault) {
  const scene = await onlineSceneAround((store, media) => strikingAtPlacing(store, () => fault.strike(media)), ['converter-app'])
  if (fault.onDisk === true && !mountOn(scene.media, 'size=2m,nr_inodes=20')) return null
  const outcome = await scene.convert(await sources(scene, kind), 'mp3', { with: 'converter-app' })
  return {
    scene,
    outcome,
    submits: () => (['submit', 'sync'] as const).flatMap((route) => scene['converter-app'].server.asked(route)).length,
  }
}

describe.each(Object.entries(kinds))('a paid result %s', (_, kind) => {
  it.for(Object.entries(faults))('is had after all when it cannot be placed because %s', async ([, fault], context) => {
    const found = await struck(kind, fault)
    if (found === null) return context.skip('no mount is allowed here')
    const { scene, outcome, submits } = found
    const question = outcome.jobs.map(endedInWords)[0]
    const spentBefore = (await scene.status('converter-app')).spent.day
    fault.repair(scene.media)
    scene.engine.resolve(outcome.jobs[0]?.id ?? 0, 'again')
    const jobs = await scene.settled(outcome.batchId)
    expect({
      question,
      ended: jobs.map(ended),
      outputs: jobs.flatMap(outputsOf),
      temporary: (await readdir(scene.media)).filter((name) => name.endsWith('.part')),
      submits: submits(),
      spent: [spentBefore, (await scene.status('converter-app')).spent.day],
    }).toEqual({
      question: expect.stringMatching(/^uncertain: .*paid for.*nothing is charged twice/),
      ended: ['done'],
      outputs: [join(scene.media, 'song.mp3')],
      temporary: [],
      submits: 1,
      spent: [1, 1],
    })
    expect(question).toMatch(fault.reason)
  })

  it('gets a number where a file took its name at the last moment, though such sources are to be skipped', async () => {
    const strike = (media: string) => writeFileSync(join(media, 'song.mp3'), 'theirs')
    const scene = await onlineSceneAround((store, media) => strikingAtPlacing(store, () => strike(media)), ['converter-app'])
    const { jobs } = await scene.convert(await sources(scene, kind), 'mp3', { with: 'converter-app', ifExists: 'skip' })
    expect({ ended: jobs.map(ended), outputs: jobs.flatMap(outputsOf) }).toEqual({
      ended: ['done'],
      outputs: [join(scene.media, 'song (2).mp3')],
    })
  })

  it('leaves no temporary file when the user gives it up', async () => {
    const fault = faults['the folder is gone']
    const found = fault === undefined ? null : await struck(kind, fault)
    fault?.repair(found?.scene.media ?? '')
    found?.scene.engine.resolve(found.outcome.jobs[0]?.id ?? 0, 'forget')
    await found?.scene.stop()
    expect(await readdir(found?.scene.media ?? '')).toEqual(['song.wav'])
  })
})
