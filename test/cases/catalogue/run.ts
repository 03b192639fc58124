/** The pairs of an engine through the whole of Beside, and what is found in the results beside what should be. Apart from the tests, which share it. */
import { localEngines } from '../../../src/main/providers/local/pairings.ts'
import type { EngineId } from '../../../src/main/providers/local/engine-table.ts'
import { type FormatId, factsOf } from '../../../src/shared/formats.ts'
import type { Job } from '../../../src/shared/job.ts'
import { endedInWords, outputsOf, type TestBeside } from '../../support/beside.ts'
import { type Pair, planOf } from './plan.ts'
import { pagesSeen, pictureSeen, textOf, wordsOf } from './seen.ts'

export interface Ran {
  readonly found: Readonly<Record<string, string>>
  readonly expected: Readonly<Record<string, string>>
}

/** All sources of a target in one call. */
export async function run(
  id: EngineId,
  convert: TestBeside['convert'],
  sourceOf: (format: FormatId, target: FormatId) => Promise<string>,
  out: string,
): Promise<Ran> {
  const plan = planOf(id)
  const found: Record<string, string> = {}
  for (const target of new Set(plan.map(({ to }) => to))) {
    const pairs = plan.filter(({ to }) => to === target)
    const sources: string[] = []
    for (const { from } of pairs) sources.push(await sourceOf(from, target))
    const { jobs, refused } = await convert(sources, target, { out: `${out}/${id} ${target}` })
    for (const [n, pair] of pairs.entries()) {
      const job = jobs[n]
      found[named(pair)] = job === undefined ? JSON.stringify(refused) : seen(id, job, pair)
    }
  }
  return { found, expected: Object.fromEntries(plan.map((pair) => [named(pair), expected(pair)])) }
}

const named = ({ from, to }: Pair) => `${from} → ${to}`

function seen(id: EngineId, job: Job, { from, to }: Pair): string {
  const [path] = outputsOf(job)
  if (path === undefined || job.state.phase !== 'done') return endedInWords(job)
  const [part] = job.state.outputs
  return `${makerOf(id, part?.by)}${contentSeen(path, from, to)}`
}

/** Who makes what an engine cannot, or should not, though it stands first. */
const leftTo: Readonly<Partial<Record<EngineId, RegExp>>> = { pandoc: /^(LibreOffice|Beside)/, pdf: /^LibreOffice/ }

/** Empty where it was this engine. */
function makerOf(id: EngineId, by: string | null | undefined): string {
  const { title = '' } = localEngines.find((engine) => engine.id === id) ?? {}
  const isIts = by === null || by === undefined || by.startsWith(title.replace(' (built in)', ''))
  return isIts || leftTo[id]?.test(by) === true ? '' : `by ${by}: `
}

function contentSeen(path: string, from: FormatId, to: FormatId): string {
  try {
    if (factsOf(to).family === 'image') return pictureSeen(path)
    if (isDrawn(from) && to === 'pdf') return pagesSeen(path)
    const text = textOf(path, to)
    return wordsOf(from)
      .filter((word) => text.includes(word))
      .join(' ')
  } catch (error) {
    return String(error).slice(0, 200)
  }
}

/** Without words that could be found. */
function isDrawn(from: FormatId): boolean {
  return from === 'djvu' || (from !== 'eps' && factsOf(from).family === 'image')
}

function expected({ from, to }: Pair): string {
  if (factsOf(to).family === 'image') return to
  if (isDrawn(from) && to === 'pdf') return '1 page'
  return wordsOf(from).join(' ')
}
