/** Files whose jobs wait because their folder may spend no more, and a rule that says otherwise. */
import type { Rule, Why } from '../../shared/folders.ts'
import { recall, type RecallPorts } from './recall.ts'

const atOnce = 500

/** Who asks the user may ask about a price that nobody tells, which no allowance covers. */
const unpaid: ReadonlySet<Why['code']> = new Set(['spend-cap', 'waits-for-you'])

/** They are ordered anew where the rule has other words about money or about who converts. A new day is seen to by the engine. */
export async function reconsiderUnpaid(
  folderId: number,
  before: Rule,
  now: Rule,
  ports: RecallPorts,
  nowMs: number,
): Promise<void> {
  if (wordsOf(before) === wordsOf(now)) return
  for (let after = 0; ;) {
    const lines = ports.sightings.inState(folderId, 'queued', after, atOnce)
    for (const { id, why } of lines) {
      if (!unpaid.has(why.code) || !(await recall(id, ports))) continue
      ports.sightings.write([{ id, change: { state: 'waiting', why: { code: 'settling', facts: {} }, dueAtMs: null } }], nowMs)
    }
    const last = lines.at(-1)
    if (last === undefined || lines.length < atOnce) return
    after = last.id
  }
}

function wordsOf({ spend, with: by, localOnly }: Rule): string {
  return JSON.stringify([spend, by, localOnly])
}
