/**
 * What is seen, held against the ledger: each file that is there gets its line, new, followed or changed. It decides and writes, and
 * neither waits for files nor hands them over.
 */
import type { Line } from '../store/ledger.ts'
import { decide, type Decision, type Sight } from './decide.ts'
import type { LedgerPorts } from './ground.ts'
import type { Entry } from './listing.ts'
import { createTroubles } from './troubles.ts'

/** A file that waits, with its line as it stands now. */
export interface Waiting {
  readonly line: Line
  readonly entry: Entry
}

export interface Survey {
  readonly waiting: readonly Waiting[]
  /** Lines whose jobs are for contents that are no more. */
  readonly withdrawn: readonly number[]
  /** Lines whose jobs look for the file where it is no more. */
  readonly recalled: readonly number[]
  /** Lines of files that were not among what was seen. */
  readonly missing: readonly Line[]
  /** Lines that have another value now. */
  readonly written: readonly Line[]
  /** Names of files of which nothing could be decided: their lines are as they were. */
  readonly troubled: readonly string[]
}

/** Lines written in one transaction. */
const atOnce = 1000

/**
 * @param seen files of one folder, as they look now.
 * @param lines those of them that the ledger has; what is not among `seen` is missing.
 */
export async function survey(
  dir: string,
  seen: readonly Entry[],
  lines: readonly Line[],
  sight: Sight,
  ports: LedgerPorts,
  signal: AbortSignal,
): Promise<Survey> {
  const troubles = createTroubles(ports.log, signal)
  const troubled: string[] = []
  const byName = new Map(lines.map((line) => [line.name, line]))
  const waiting: Waiting[] = []
  const withdrawn: number[] = []
  const recalled: number[] = []
  const all: Line[] = []
  /** Lines that are among what is to be written. */
  const touched = new Set<number>()
  const idsOf = ({ entries }: Decision) => entries.flatMap(({ id }) => (id === null ? [] : [id]))
  let pending: { readonly entry: Entry; readonly decision: Decision }[] = []
  const commit = async () => {
    const written = ports.sightings.write(
      pending.flatMap(({ decision }) => decision.entries),
      ports.clock.nowMs(),
    )
    all.push(...written)
    let end = 0
    for (const { entry, decision } of pending) {
      end += decision.entries.length
      withdrawn.push(...decision.withdrawn)
      recalled.push(...decision.recalled)
      // The last of its entries is its own line.
      const line = written[end - 1]
      if (line?.state === 'waiting') waiting.push({ line, entry })
    }
    pending = []
    touched.clear()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const entry of seen) {
    const here = byName.get(entry.name) ?? null
    byName.delete(entry.name)
    if (here !== null && isKnown(here, entry, sight)) {
      if (here.state === 'waiting') waiting.push({ line: here, entry })
      continue
    }
    // What cannot be read at the moment is as it was.
    if (here !== null && entry.trouble?.code === 'source-unreadable') continue
    // Its other name may be among what is not yet written.
    if (entry.links > 1 && pending.length > 0) await commit()
    const first = await troubles.within(entry.name, async () => await decide(dir, entry, here, sight, ports))
    let decision = first
    if (first !== undefined && idsOf(first).some((id) => touched.has(id))) {
      await commit()
      decision = await troubles.within(
        entry.name,
        async () => await decide(dir, entry, ports.sightings.at(sight.ground.folder.id, dir, entry.name), sight, ports),
      )
    }
    if (decision === undefined) {
      troubled.push(entry.name)
      continue
    }
    if (decision.entries.length === 0) continue
    pending.push({ entry, decision })
    for (const id of idsOf(decision)) touched.add(id)
    if (pending.length >= atOnce) await commit()
  }
  if (pending.length > 0) await commit()
  troubles.report()
  return { waiting, withdrawn, recalled, missing: [...byName.values()], written: all, troubled }
}

/** By far the most files of a look: nothing about them is new. */
function isKnown(line: Line, entry: Entry, { ground }: Sight): boolean {
  const same = line.inode === entry.inode && line.bytes === entry.bytes && line.mtimeMs === entry.mtimeMs
  return same && line.version === ground.folder.version && line.why.code !== 'same-file'
}
