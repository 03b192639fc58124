/** `beside watch run`: watches until it is told to stop. It holds the queue, or wakes up whoever does, and takes over when that one goes. */
import { describeWhy } from '../../../shared/describe-why.ts'
import type { Folder, FolderChange, Sighting } from '../../../shared/folders.ts'
import type { Client } from '../../api/client.ts'
import type { Session } from '../../api/session.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { follow } from '../follow.ts'
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
    const following = {
      changes: async (client: Client, signal: AbortSignal) => await client.folders.changes({ restMs: 0 }, { signal }),
      snapshot: async (client: Client) => tell.folders(await client.folders.list()),
      change: async (change: FolderChange) => await tell.change(change),
    }
    await follow(session, following, around.interruption)
    return exit.done
  } finally {
    await session.close()
  }
}

interface Teller {
  folders(folders: readonly Folder[]): void
  change(change: FolderChange): Promise<void>
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
    const words = shown(describeWhy(why))
    // What is not the file's fault counts as no attempt.
    const isPutOff = (state === 'failed' && attempts === 0) || (state === 'waiting' && why.code === 'not-now')
    if (state === 'done')
      screen.print(
        `converted: ${path} → ${(await resultsOf(sighting, client)).map((result) => shortPath(result, cwd)).join(' and ')}`,
      )
    else if (isPutOff) screen.warn(`not converted yet, tried again later: ${path}: ${words}`)
    else if (state === 'failed') screen.warn(`failed (${counted(attempts, 'time')}, tried again): ${path}: ${words}`)
    else if (state === 'quarantined') screen.warn(`given up: ${path}: ${words}`)
    else if (state === 'queued' && why.code === 'spend-cap')
      screen.warn(`waits: ${path}: ${words} It goes on with a new day or a higher cap.`)
    else if (state === 'queued' && why.code === 'waits-for-you') screen.warn(`waits for you: ${path}; see \`beside queue\``)
  }
}

async function resultsOf({ jobs }: Sighting, client: Client): Promise<readonly string[]> {
  const found = await Promise.all(jobs.map(async (id) => await client.jobs.get({ id })))
  return found.flatMap((job) => (job?.state.phase === 'done' ? job.state.outputs.map(({ path }) => path) : []))
}
