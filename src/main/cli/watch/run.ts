/** `beside watch run`: watches until it is told to stop. It holds the queue, or wakes up whoever does, and takes over when that one goes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describeWhy } from '../../../shared/folder-words.ts'
import type { Folder, FolderChange, Sighting } from '../../../shared/folders.ts'
import type { Client } from '../../api/client.ts'
import { isOffline, type Session } from '../../api/session.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { openHere } from '../open.ts'
import { line } from '../report/json.ts'
import { counted, shortPath, shown } from '../text.ts'
import { healthText } from './health.ts'

interface RunWords {
  readonly json?: true
}

export async function run(words: RunWords, around: Around): Promise<ExitStatus> {
  const session = await openHere(around, 'watch')
  const tell = words.json === true ? jsonTeller(around) : peopleTeller(around, session)
  if (words.json !== true && session.role() === 'client')
    around.screen.print('Another Beside watches already. This one tells what it does, and takes over when it ends.')
  try {
    await follow(session, tell, around.interruption)
    return exit.done
  } finally {
    await session.close()
  }
}

interface Teller {
  folders(folders: readonly Folder[]): void
  change(change: FolderChange): Promise<void>
}

async function follow(session: Session, tell: Teller, signal: AbortSignal): Promise<void> {
  const isOver = () => signal.aborted
  while (!isOver()) {
    try {
      const changes = await session.client.folders.changes(undefined, { signal })
      tell.folders(await session.client.folders.list())
      for await (const change of changes) await tell.change(change)
    } catch (error) {
      if (isOver()) return
      if (!isOffline(error)) throw error
    }
    if (isOver()) return
    await session.rejoin()
    // A holder ends its streams a moment before it hangs up.
    await sleep(20)
  }
}

function jsonTeller({ screen }: Around): Teller {
  return {
    folders: (folders) => {
      for (const folder of folders) screen.print(line('folder', { ...folder }))
    },
    change: async (change) => {
      if (change.type === 'folder') screen.print(line('folder', { ...change.folder }))
      else if (change.type === 'removed') screen.print(line('removed', { id: change.id }))
      else screen.print(line('sighting', { ...change.sighting, words: describeWhy(change.sighting.why) }))
    },
  }
}

function peopleTeller({ screen, cwd }: Around, { client }: Session): Teller {
  const healths = new Map<number, string>()
  const tellHealth = (folder: Folder) => {
    const text = healthText(folder)
    if (healths.get(folder.id) === text || folder.health.state === 'starting') return
    healths.set(folder.id, text)
    screen.print(`folder ${folder.id}: ${shortPath(folder.rule.path, cwd)}: ${text}`)
  }
  return {
    folders: (folders) => {
      if (folders.length === 0 && healths.size === 0)
        screen.print('No folder is watched yet. `beside watch add FOLDER --to FORMAT` adds one.')
      for (const folder of folders) tellHealth(folder)
    },
    change: async (change) => {
      if (change.type === 'folder') tellHealth(change.folder)
      else if (change.type === 'removed') healths.delete(change.id)
      else if (!change.sighting.gone) await tellSighting(change.sighting)
    },
  }

  async function tellSighting(sighting: Sighting): Promise<void> {
    const { state, why, attempts } = sighting
    const path = shortPath(sighting.path, cwd)
    if (state === 'done')
      screen.print(
        `converted: ${path} → ${(await resultsOf(sighting, client)).map((result) => shortPath(result, cwd)).join(' and ')}`,
      )
    if (state === 'failed') screen.warn(`failed (${counted(attempts, 'time')}, tried again): ${path}: ${shown(describeWhy(why))}`)
    if (state === 'quarantined') screen.warn(`given up: ${path}: ${shown(describeWhy(why))}`)
    if (state === 'queued' && why.code === 'waits-for-you') screen.warn(`waits for you: ${path}; see \`beside queue\``)
  }
}

async function resultsOf({ jobs }: Sighting, client: Client): Promise<readonly string[]> {
  const found = await Promise.all(jobs.map(async (id) => await client.jobs.get({ id })))
  return found.flatMap((job) => (job?.state.phase === 'done' ? job.state.outputs.map(({ path }) => path) : []))
}
