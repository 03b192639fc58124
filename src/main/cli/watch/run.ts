/** `beside watch run`: watches until it is told to stop. It holds the queue, or wakes up whoever does, and takes over when that one goes. */
import { describeWhy } from '../../../shared/describe-why.ts'
import type { Folder, FolderChange, Sighting } from '../../../shared/folders.ts'
import type { Client } from '../../../shared/wire/client.ts'
import type { Session } from '../../api/session.ts'
import { openContextSession, type CliContext, type JsonArgs } from '../context.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { follow } from '../report/follow.ts'
import { line } from '../report/json.ts'
import { counted, shortPath, shown } from '../terminal/text.ts'
import { healthText } from './rule.ts'

export async function run(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const session = await openContextSession(context, 'watch')
  const reporter = args.json === true ? jsonReporter(context) : peopleReporter(context, session)
  if (args.json !== true && session.role() === 'guest')
    context.screen.print('Another Beside is already watching. This one reports what it does and takes over when it ends.')
  try {
    const following = {
      changes: async (client: Client, signal: AbortSignal) => await client.folders.changes({ restMs: 0 }, { signal }),
      snapshot: async (client: Client) => reporter.folders(await client.folders.list()),
      change: async (change: FolderChange) => await reporter.change(change),
    }
    await follow(session, following, context.interruption)
    return exit.done
  } finally {
    await session.close()
  }
}

interface Reporter {
  folders(folders: readonly Folder[]): void
  change(change: FolderChange): Promise<void>
}

function jsonReporter({ screen }: CliContext): Reporter {
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

function peopleReporter({ screen, cwd }: CliContext, { client }: Session): Reporter {
  const healths = new Map<number, string>()
  const reportHealth = (folder: Folder) => {
    const text = healthText(folder)
    if (healths.get(folder.id) === text || folder.health.state === 'starting') return
    healths.set(folder.id, text)
    screen.print(`folder ${folder.id}: ${shortPath(folder.rule.path, cwd)}: ${text}`)
  }
  return {
    folders: (folders) => {
      if (folders.length === 0 && healths.size === 0)
        screen.print('No folders are watched yet. `beside watch add FOLDER --to FORMAT` adds one.')
      for (const folder of folders) reportHealth(folder)
    },
    change: async (change) => {
      if (change.type === 'folder') reportHealth(change.folder)
      else if (change.type === 'removed') healths.delete(change.id)
      else if (!change.sighting.gone) await reportSighting(change.sighting)
    },
  }

  async function reportSighting(sighting: Sighting): Promise<void> {
    const { state, why, attempts } = sighting
    const path = shortPath(sighting.path, cwd)
    const reason = shown(describeWhy(why))
    // What is not the file's fault counts as no attempt.
    const isPutOff = (state === 'failed' && attempts === 0) || (state === 'waiting' && why.code === 'not-now')
    if (state === 'done')
      screen.print(
        `converted: ${path} → ${(await resultsOf(sighting, client)).map((result) => shortPath(result, cwd)).join(' and ')}`,
      )
    else if (isPutOff) screen.warn(`not converted yet, will retry: ${path}: ${reason}`)
    else if (state === 'failed') screen.warn(`failed (${counted(attempts, 'time')}, will retry): ${path}: ${reason}`)
    else if (state === 'quarantined') screen.warn(`given up: ${path}: ${reason}`)
    else if (state === 'queued' && why.code === 'spend-cap')
      screen.warn(`waiting: ${path}: ${reason} It continues when the next period begins or the limit is raised.`)
    else if (state === 'queued' && why.code === 'waits-for-you') screen.warn(`needs attention: ${path}; see \`beside queue\``)
  }
}

async function resultsOf({ jobs }: Sighting, client: Client): Promise<readonly string[]> {
  const found = await Promise.all(jobs.map(async (id) => await client.jobs.get({ id })))
  return found.flatMap((job) => (job?.state.phase === 'done' ? job.state.outputs.map(({ path }) => path) : []))
}
