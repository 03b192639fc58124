/** LibreOffice where its package was left out of the copy of Beside, with and without an installed one. */
import { expect, it } from 'vitest'
import { engineTable, type EngineId } from '../../../../src/main/providers/local/engine-table.ts'
import type { LocalEngine } from '../../../../src/main/providers/local/engine.ts'
import { createEngines } from '../../../../src/main/providers/local/engines.ts'
import { createByOffice } from '../../../../src/main/providers/local/markup/by-office.ts'
import { createOffice } from '../../../../src/main/providers/local/office/office.ts'
import { createPagePictures } from '../../../../src/main/providers/local/office/page-pictures.ts'
import type { Programs } from '../../../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../../../src/main/system.ts'
import { JobError } from '../../../../src/shared/failure.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import { testLog } from '../../../support/log.ts'
import { orderIn } from '../../../support/order.ts'

const never = new AbortController().signal
const absent: LocalEngine = {
  version: async () => null,
  isInstalled: () => false,
  convert: async () => {
    throw new Error('is not here')
  },
  stop: async () => {},
}

/** @param installed what `soffice --version` prints; null where there is none. */
function engines(installed: string | null) {
  const programs: Programs = {
    run: async () => {
      if (installed === null) throw new JobError('tool-missing')
      return { code: 0, signal: null, errors: '', output: Buffer.from(installed) }
    },
    stop: async () => {},
  }
  const pool = { clock: systemClock, log: testLog, priority: 0 }
  const context = { programs, clock: systemClock, log: testLog, pool, width: () => 1 }
  const { engine, soffice: real } = createOffice(context, async () => false)
  const soffice: LocalEngine = { ...real, isInstalled: () => installed !== null }
  const others = Object.fromEntries(engineTable.map(({ id }) => [id, absent])) as Record<EngineId, LocalEngine>
  const all = {
    ...others,
    office: engine,
    soffice,
    byOffice: createByOffice({ office: engine, texts: absent, books: absent }),
    bySoffice: createByOffice({ office: soffice, texts: absent, books: absent }),
    pagePictures: createPagePictures({ office: engine, pdf: absent }),
    pagePicturesBySoffice: createPagePictures({ office: soffice, pdf: absent }),
  }
  return createEngines(all, systemClock)
}

const pairs: readonly (readonly [from: FormatId, to: FormatId])[] = [
  ['docx', 'pdf'],
  ['md', 'pdf'],
  ['epub', 'docx'],
  ['pptx', 'png'],
]

it('is told as missing, with what brings the installed one', async () => {
  const beside = engines(null)
  const { here, missing } = await beside.pairings(never)
  for (const [from, to] of pairs) {
    const makes = (pairing: { readonly from: readonly FormatId[]; readonly to: readonly FormatId[] }): boolean =>
      pairing.from.includes(from) && pairing.to.includes(to)
    expect([from, to, here.some(makes)]).toEqual([from, to, false])
    expect(missing.filter(makes).map(({ program }) => program)).toContain('LibreOffice')
    const source = { kind: 'file', path: '/nowhere', bytes: 1, mtimeMs: 0 } as const
    const { order } = orderIn('/nowhere', { source, from, target: to, options: {}, facts: null })
    const failure = { code: 'tool-missing', facts: { because: 'program-missing', program: 'LibreOffice' } }
    await expect(beside.convert(order, () => {}, never)).rejects.toMatchObject({ failure })
  }
  const checks = await beside.checks(never)
  const office = checks.filter(({ facts }) => String(facts['title']).startsWith('LibreOffice'))
  expect(office.map(({ facts, state, why }) => [facts['title'], state, why?.facts])).toMatchObject([
    ['LibreOffice (built in)', 'missing', { because: 'not-packed', program: 'LibreOffice' }],
    ['LibreOffice', 'missing', { because: 'program-missing', program: 'LibreOffice' }],
  ])
})

it('leaves all of its work to the installed one', async () => {
  const { here } = await engines('LibreOffice 7.4.7.2 40(Build:2)\n').pairings(never)
  for (const [from, to] of pairs)
    expect([from, to, here.some((pairing) => pairing.from.includes(from) && pairing.to.includes(to))]).toEqual([from, to, true])
})
