/** Formats that nobody here converts, or nobody here knows: they go where a catalogue lists them, and come back as what was asked for. */
import { readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import { outputsOf } from '../support/beside.ts'
import { onlineScene } from '../support/online-beside.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { madeOf } from '../support/servers/converter-app-catalogue.ts'

leavesNothingOpen()

async function scene() {
  const online = await onlineScene('converter-app')
  const file = async (name: string, content: Buffer | string) => {
    const path = join(online.media, name)
    await writeFile(path, content)
    return path
  }
  const result = async (name: string) => await readFile(join(online.media, name))
  return { ...online, file, result }
}

/** Of a kind that nobody recognises, and one that is known by its beginning to be a drawing. */
const strange = Buffer.from('\u0000\u0001\u0002 of somebody else')
const drawing = Buffer.from('AC1032\u0000\u0001 a drawing of somebody else')

describe('a provider that lists a pair', () => {
  it('makes it of a document, of a recording, and of what nobody here has ever heard of', async () => {
    const { agreed, file, files, result, 'converter-app': app } = await scene()
    const words = Buffer.from('words of somebody')
    const report = await file('report.docx', await madeOf(words, 'xyz', 'docx'))
    const other = await file('strange.XYZ', strange)
    const plan = await file('plan.dwg', drawing)
    const outcomes = [
      await agreed([report], 'pdf', { with: 'converter-app' }),
      await agreed([await app.source(join(report, '..'))], 'text', { with: 'converter-app' }),
      await agreed([other], 'qqq'),
      await agreed([plan], 'dxf'),
      await agreed([other], 'zip'),
    ]
    expect(outcomes.flatMap(({ jobs, refused }) => [...jobs.map(({ state }) => state.phase), ...refused])).toEqual(
      outcomes.map(() => 'done'),
    )
    expect(app.server.jobs.map((job) => (job as { pair: string }).pair)).toEqual([
      'docx2pdf',
      'wav2text',
      'xyz2qqq',
      'dwg2dxf',
      'xyz2zip',
    ])
    expect((await files()).filter((name) => !/\.(docx|xyz|dwg|wav)$/i.test(name))).toEqual([
      'plan.dxf',
      'report.pdf',
      'song.txt',
      'strange.qqq',
      'strange.zip',
    ])
    expect([
      (await result('report.pdf')).toString('latin1', 0, 5),
      (await result('strange.zip')).toString('latin1', 0, 2),
    ]).toEqual(['%PDF-', 'PK'])
  })

  it('may send several, which are told from a document that is an archive itself', async () => {
    const { agreed, file, 'converter-app': app } = await scene()
    const other = await file('strange.xyz', strange)
    const paid = await agreed([other], 'odt')
    Object.assign(app.server, { results: 2 })
    const several = await agreed([other], 'qqq')
    expect([...paid.jobs, ...several.jobs].map(({ state }) => state.phase)).toEqual(['done', 'done'])
    expect([...paid.jobs, ...several.jobs].map((job) => outputsOf(job).map((path) => extname(path)))).toEqual([
      ['.odt'],
      ['.qqq', '.qqq'],
    ])
  })

  it('is not asked for what it does not list, and a message of it is never saved as the result', async () => {
    const { agreed, file, files, 'converter-app': app } = await scene()
    const other = await file('strange.xyz', strange)
    const unlisted = await agreed([other], 'rrr')
    app.server.misbehave('sync', { kind: 'instead', reply: { body: '{"error":"not here"}' } })
    const { jobs } = await agreed([other], 'qqq')
    const phases = jobs.map(({ state }) => [state.phase, 'why' in state ? state.why.code : null])
    expect([unlisted.jobs, unlisted.refused.map(({ why }) => why.code), phases, await files()]).toEqual([
      [],
      ['source-unknown'],
      [['failed', 'answer-bad']],
      ['strange.xyz'],
    ])
  })
})

describe('a format that nobody lists any more', () => {
  it('stays what it was in the queue, the history and presets, and cannot be asked for anew', async () => {
    const { agreed, convert, engine, file, later, 'converter-app': app } = await scene()
    const other = await file('strange.xyz', strange)
    const { jobs } = await agreed([other], 'qqq')
    const asking = await convert([await file('second.xyz', strange)], 'qqq')
    engine.presets.save({ name: 'odd', target: 'qqq' as FormatId, options: {} })
    app.server.ownPairs = { supported_pairs: [{ from: 'wav', to: 'mp3' }] }

    const after = await later(2 * 86_400_000)
    const [done] = after.engine.history.page({ text: 'strange' }, null, 10).jobs
    const waiting = after.engine.job(asking.jobs[0]?.id ?? 0)
    const again = await after.convert([other], 'qqq', { repeats: jobs[0]?.id ?? 0 })
    const ids = { kind: 'ids' as const, ids: [waiting?.id ?? 0] }
    const changed = await after.engine.changeOrders(ids, { target: 'step' as FormatId }, new AbortController().signal)
    expect([done, waiting].map((job) => [job?.order.from, job?.order.target, job?.state.phase])).toEqual([
      ['xyz', 'qqq', 'done'],
      ['xyz', 'qqq', 'waiting'],
    ])
    expect(after.engine.presets.list().find(({ name }) => name === 'odd')?.target).toBe('qqq')
    expect([again.jobs, again.refused.map(({ why }) => why.code)]).toEqual([[], ['source-unknown']])
    expect(changed).toMatchObject({ changed: 0, refused: 1, reasons: [{ why: { code: 'pair-unsupported' } }] })
  })
})
