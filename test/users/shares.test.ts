/** Results on a network share that loses answers, counts its files anew, or remembers what was not there. */
import { copyFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { partsAreThere } from '../../src/main/engine/job/destination.ts'
import { statIfThere } from '../../src/main/files/identity.ts'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { run } from '../support/crash-run.ts'
import { ffprobe, mediaSource } from '../support/media.ts'
import { mountedShare, sharesCanBeMade, type Share } from '../support/share.ts'
import { temporaryFolder } from '../support/folder.ts'
import { writeTone } from '../support/tone.ts'

async function scene(...faults: readonly string[]) {
  const folder = await temporaryFolder()
  const source = join(folder, 'song.wav')
  await writeTone(source, 0.5)
  return { folder, source, share: await mountedShare(...faults) }
}

/** What really lies behind the share, by number: a file with two names would be there twice. */
async function behind({ back }: Share): Promise<readonly string[]> {
  const names = await readdir(back)
  const files = await Promise.all(names.map(async (name) => ({ name, links: (await stat(join(back, name))).nlink })))
  return files.map(({ name, links }) => (links === 1 ? name : `${name} ×${links}`)).toSorted()
}

describe.skipIf(!sharesCanBeMade)('a network share', () => {
  it.for([
    ['the answer to a link', 'lost-link', 'number'],
    ['the answer to a rename', 'lost-rename', 'overwrite'],
    ['the answer to a rename, without links', 'no-links lost-rename', 'number'],
    ['nothing, but has no links', 'no-links', 'number'],
    ['nothing, but shows dates late', 'late', 'number'],
  ] as const)('that loses %s gets each result once', async ([, faults, ifExists]) => {
    const { folder, source, share } = await scene(...faults.split(' '))
    const { convert } = await testBeside(folder)

    const first = await convert([source], 'mp3', { out: share.folder, ifExists })
    const second = await convert([source], 'mp3', { out: share.folder, ifExists })

    const jobs = [...first.jobs, ...second.jobs]
    expect(jobs.map(endedInWords)).toEqual(['done', 'done'])
    const names = ifExists === 'overwrite' ? ['song.mp3'] : ['song (2).mp3', 'song.mp3']
    expect(await behind(share)).toEqual(names)
    expect(jobs.flatMap(outputsOf)).toEqual([join(share.folder, 'song.mp3'), join(share.folder, names[0] ?? '')])
  })

  it('from which a source is archived, and which loses the answer, keeps one', async () => {
    const { folder, share } = await scene('lost-link')
    const source = join(share.folder, 'take.wav')
    await writeTone(source, 0.5)
    const { convert } = await testBeside(folder)

    const { jobs } = await convert([source], 'mp3', { afterwards: 'archive' })

    expect([jobs.map(({ state }) => state.phase === 'done' && state.notes), await behind(share)]).toEqual([
      [[]],
      ['converted ×2', 'take.mp3'],
    ])
    expect(await readdir(join(share.back, 'converted'))).toEqual(['take.wav'])
  })

  it('that takes no notice of letter case keeps both results of a batch whose names differ in that alone', async () => {
    const { folder, share } = await scene('caseless')
    const names = ['Take.wav', 'take.flac']
    for (const name of names) await copyFile(await mediaSource(name.endsWith('wav') ? 'wav' : 'flac'), join(folder, name))
    const { convert, settled } = await testBeside(folder)
    const [first = '', second = ''] = names.map((name) => join(folder, name))
    const more = { out: share.folder, ifExists: 'overwrite' } as const

    const { batchId } = await convert([first], 'mp3', more)
    await convert([second], 'mp3', { ...more, batchId })

    const jobs = await settled(batchId)
    expect([jobs.map(endedInWords), (await behind(share)).map((name) => name.toLowerCase()).toSorted()]).toEqual([
      ['done', 'done'],
      ['take (2).mp3', 'take.mp3'],
    ])
  })

  it('with short names gets shorter ones', async () => {
    const { folder, share } = await scene('short')
    const source = join(folder, `${'o'.repeat(200)}.wav`)
    await writeTone(source, 0.5)
    const { convert } = await testBeside(folder)

    const { jobs } = await convert([source], 'mp3', { out: share.folder })

    expect([jobs.map(endedInWords), await behind(share)]).toEqual([['done'], [`${'o'.repeat(139)}.mp3`]])
  })

  it('that remembers what was not there is listed before a part is missed that another machine has made', async () => {
    const { share } = await scene('stale')
    const temp = join(share.folder, '.beside-abcdef-1.0.part')
    const part = { temp, name: null, format: 'mp3', bytes: 4 } as const
    const before = await partsAreThere([part], share.folder)
    await writeFile(join(share.back, '.beside-abcdef-1.0.part'), 'part')

    const remembered = await statIfThere(temp)
    expect([before, remembered, await partsAreThere([part], share.folder)]).toEqual([false, null, true])
  })

  it('counts its files anew when it is mounted anew, and a result that has its name keeps it', async () => {
    const { folder, source, share } = await scene()
    const plan = { home: join(folder, 'home'), remote: null, out: share.folder }
    await run({ ...plan, sources: [source], dieAt: 'before afterwards' })
    const between = await behind(share)
    await share.faults('new-numbers')
    await share.again()

    const { finished } = await run({ ...plan, sources: [], dieAt: null })

    expect([between, finished.map(({ state }) => state.phase), await behind(share)]).toEqual([
      ['song.mp3'],
      ['done'],
      ['song.mp3'],
    ])
  })

  it('leaves no empty file where a crash came between the reservation of a name and the result', async () => {
    const { folder, source, share } = await scene('no-links', 'kill')
    const plan = { home: join(folder, 'home'), remote: null, out: share.folder }
    const { killedBy } = await run({ ...plan, sources: [source], dieAt: null })
    const between = (await behind(share)).filter((name) => !name.startsWith('.'))
    await share.faults('no-links')

    const { finished } = await run({ ...plan, sources: [], dieAt: null })

    expect([killedBy, between, finished.map(({ state }) => state.phase), await behind(share)]).toEqual([
      'SIGKILL',
      ['song.mp3'],
      ['done'],
      ['song.mp3'],
    ])
    expect((await ffprobe(join(share.back, 'song.mp3'))).streams.map(({ codec_name }) => codec_name)).toEqual(['mp3'])
  })
})
