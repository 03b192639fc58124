/** Every ending of every step, as one table that can be read: a change to what becomes of jobs shows as a difference of `outcome-table.txt`. */
import { describe, expect, it } from 'vitest'
import { isPaid, outcomeOf, type Ending, type Outcome, type Resubmit } from '../../../src/main/engine/job/outcome.ts'
import { failure, failureCodes, type Failure, type FailureCode } from '../../../src/shared/failure.ts'
import type { Part, Work } from '../../../src/shared/job.ts'

const hourMs = 3_600_000
const ticket = { ids: { job: '7' }, submittedAtMs: 0, expiresAtMs: null }
const parts: Part[] = [{ temp: '/music/.beside-abcdef-1.0.part', name: null, format: 'mp3', bytes: 4 }]
const place = { step: 'place', parts, base: 'song', places: [] } satisfies Partial<Work>

const works: Readonly<Record<string, Work>> = {
  prepare: { step: 'prepare' },
  submit: { step: 'submit', key: 'k', notes: {} },
  'submit, in doubt': { step: 'submit', key: 'k', notes: {}, inDoubt: true },
  wait: { step: 'wait', ticket },
  fetch: { step: 'fetch', ticket },
  'verify, with a ticket': { step: 'verify', parts, ticket },
  'verify, without a ticket': { step: 'verify', parts, ticket: null },
  'place, with a ticket': { ...place, ticket },
  'place, without a ticket': { ...place, ticket: null },
  afterwards: { step: 'afterwards', outputs: [], notes: [] },
}
const resubmits = ['free', 'keyed', 'same-key', 'never'] as const satisfies readonly Resubmit[]

/** Whatever the code: the facts have no say. */
const failing = (code: FailureCode): Failure => failure(code as 'internal')

type Ended =
  | Extract<Ending, { kind: 'crashed' | 'stopped' }>
  | { readonly kind: 'failed'; readonly why: Failure; readonly tries: 'first' | 'over' }

function ended(as: Ended, work: Work, resubmit: Resubmit): Outcome {
  const isOver = as.kind === 'failed' && as.tries === 'over'
  return outcomeOf(
    as,
    { work, tries: isOver ? 100 : 1, provider: 'x', deadlineMs: 2 * hourMs },
    resubmit,
    (isOver ? 3 : 1) * hourMs,
    1,
  )
}

function shown({ event, discard, refund }: Outcome, work: Work, cause: FailureCode | null): string {
  const goesOn = 'work' in event ? event.work : work
  const doubtful = goesOn.step === 'submit' && goesOn.inDoubt === true ? ', in doubt' : ''
  const at = ['again', 'doubt', 'pause'].includes(event.type) ? ` at ${goesOn.step}${doubtful}` : ''
  const code = event.type === 'doubt' && event.why.code !== cause ? ` (${event.why.code})` : ''
  const sent = 'sent' in event && event.sent === true ? ' (sent)' : ''
  const when = event.type === 'again' && event.dueAtMs > 0 ? ' later' : ''
  return `${event.type}${code}${sent}${when}${at}${discard ? '' : ', files kept'}${refund ? ', no attempt' : ''}`
}

function afterFailure(code: FailureCode, work: Work, resubmit: Resubmit): string {
  const [first, over] = (['first', 'over'] as const).map((tries) =>
    shown(ended({ kind: 'failed', why: failing(code), tries }, work, resubmit), work, code),
  )
  return first === over ? String(first) : `${first} … ${over}`
}

/** One line where all kinds of resubmit agree, else one for each text. */
function cells(of: (resubmit: Resubmit) => string): string {
  const byText = Object.groupBy(resubmits, of)
  return Object.entries(byText)
    .map(([text, some = []]) => `    ${some.length === resubmits.length ? '' : `${some.join(', ')}: `}${text}`)
    .join('\n')
}

function section([name, work]: readonly [string, Work]): string {
  const lines = [name, '  crashed', cells((resubmit) => shown(ended({ kind: 'crashed' }, work, resubmit), work, null))]
  for (const by of ['shutdown', 'pause', 'cancel'] as const) {
    for (const code of ['internal', 'answer-lost'] as const) {
      const stopped = { kind: 'stopped', by, why: failing(code) } as const
      const what = code === 'internal' ? '' : ', and its answer was lost'
      lines.push(
        `  stopped by ${by}${what}`,
        cells((resubmit) => shown(ended(stopped, work, resubmit), work, null)),
      )
    }
  }
  const byCells = Object.groupBy(failureCodes, (code) => cells((resubmit) => afterFailure(code, work, resubmit)))
  const most = Math.max(...Object.values(byCells).map((codes = []) => codes.length))
  for (const [text, codes = []] of Object.entries(byCells)) {
    lines.push(`  failed: ${codes.length === most ? 'any other code' : codes.toSorted().join(' ')}`, text)
  }
  return lines.join('\n')
}

const legend = `What becomes of a job, by the step that it stood at, how that ended, and what the provider makes of a second submit.
Files: its temporary results, removed unless they are kept. No attempt: the claim is given back. “…” parts the first try from the last.
A doubt is about what the job failed with, unless it names another failure.`

describe('how a run ends', () => {
  it('is this, for every step, every ending and every failure', async () => {
    const table = [legend, ...Object.entries(works).map(section)].join('\n\n')
    await expect(`${table}\n`).toMatchFileSnapshot('./outcome-table.txt')
  })

  it('never keeps work whose files are removed, and never removes what is paid for without a word', () => {
    const broken = Object.entries(works).flatMap(([name, work]) =>
      resubmits.flatMap((resubmit) =>
        failureCodes.flatMap((code) =>
          (['first', 'over'] as const).flatMap((tries) => {
            const { event, discard } = ended({ kind: 'failed', why: failing(code), tries }, work, resubmit)
            const kept = 'work' in event ? event.work : event.type === 'doubt' ? work : undefined
            const isLost = discard && kept !== undefined && 'parts' in kept
            const isPaidAndSkipped = event.type === 'skip' && isPaid(work, resubmit)
            return isLost || isPaidAndSkipped ? [`${name}, ${resubmit}, ${code}`] : []
          }),
        ),
      ),
    )
    expect(broken).toEqual([])
  })
})
