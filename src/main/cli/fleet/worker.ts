/** `beside worker`: this machine renders for a fleet until it is interrupted. It has no queue of its own and opens no data folder. */
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describe } from '../../../shared/describe.ts'
import type { Hours } from '../../../shared/hours.ts'
import { parseHours } from '../arguments.ts'
import { version, type CliContext, type JsonArgs, type Start } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { timestampText } from '../labels.ts'
import { shown } from '../terminal/text.ts'
import type { Resting, WorkerNews } from '../../worker/worker.ts'
import { checkText } from './texts.ts'

export function defineWorker(program: Command, start: Start): void {
  program
    .command('worker')
    .summary('convert for a fleet on this machine')
    .description(
      'Renders what the queue of a fleet hands out, on storage that this machine sees as well. It needs no data folder and no keys of online providers.',
    )
    .requiredOption(
      '--join <line>',
      'the line that `beside fleet start` printed; BESIDE_JOIN has it as well',
      process.env['BESIDE_JOIN'],
    )
    .option('--storage <folder...>', 'where the shared storage is on this machine', [])
    .option('--name <name>', 'what the machine is called; its host name by default')
    .option('--hours <hours>', 'when it works, like mon-fri 22:00-06:00; always by default', parseHours)
    .option('--on-mains', 'only while it is plugged in')
    .option('--json', 'print JSON, one object per line')
    .addHelpText(
      'after',
      `
Ctrl-C lets it end what it has and take no more; pressed again, it gives back what it has, and other machines begin that anew.
`,
    )
    .action(async (args: WorkerArgs) => await start(async (context) => await work(args, context)))
}

interface WorkerArgs extends JsonArgs {
  readonly join: string
  readonly storage: readonly string[]
  readonly name?: string
  readonly hours?: readonly Hours[]
  readonly onMains?: true
}

async function work(
  { join, storage, name = hostname(), hours = [], onMains, json }: WorkerArgs,
  context: CliContext,
): Promise<ExitStatus> {
  const { screen, cwd, env } = context
  if (storage.length === 0)
    throw new UsageError('A machine needs to see the shared storage.', 'Say where it is on this machine: --storage /mnt/media.')
  const [{ composeWorker }, { homePath }] = await Promise.all([import('../../compose-worker.ts'), import('../../home.ts')])
  const worker = await composeWorker({
    joinLine: join,
    storage: storage.map((path) => resolve(cwd, path)),
    name,
    version,
    hours,
    onMainsOnly: onMains === true,
    home: homePath(env, cwd),
    env,
    log: silentLog,
    told: (news) => {
      if (json === true) screen.print(JSON.stringify({ type: news.what, ...news }))
      else tell(news, context)
    },
  })
  const onInterrupt = () => {
    worker.drain()
    // By itself, the second signal would end the process where it stands.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.removeAllListeners(signal)
      process.once(signal, () => void worker.stop())
    }
    screen.warn('Ends what it has and takes no more. Ctrl-C again gives it back.')
  }
  if (context.interruption.aborted) onInterrupt()
  else context.interruption.addEventListener('abort', onInterrupt, { once: true })
  try {
    await worker.over
    return exit.done
  } finally {
    await worker.stop()
  }
}

function tell(news: WorkerNews, { screen }: CliContext): void {
  switch (news.what) {
    case 'checked':
      for (const each of news.lines) screen.print(checkText(each))
      return
    case 'state': {
      const texts = {
        working: 'Takes work.',
        draining: 'Takes no more work.',
        resting: `Rests ${restingText(news.because)}.`,
        unfit: 'Takes no work until all of this is right; tries again.',
      }
      screen.print(texts[news.state])
      return
    }
    case 'taken':
      return
    case 'answered':
      screen.print(news.why === null ? `done: ${shown(news.name)}` : `failed: ${shown(news.name)}: ${describe(news.why).message}`)
      return
    case 'given-back':
      screen.print(`given back: ${shown(news.name)}`)
      return
    case 'lost':
      screen.print(`taken away: ${shown(news.name)}`)
      return
    case 'away':
      screen.warn(`The shared queue is away; it is tried again. ${describe(news.why).message}`)
  }
}

function restingText(because: Resting | null): string {
  if (because === null) return ''
  return because.by === 'battery' ? 'while on battery' : `until ${timestampText(because.untilMs)}`
}

const quiet = () => undefined
const silentLog = { debug: quiet, info: quiet, warn: quiet, error: quiet }
