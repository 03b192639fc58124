/** `beside worker`: this machine renders for a fleet until it is interrupted. It has no queue of its own and opens no data folder. */
import { hostname } from 'node:os'
import { Option, type Command } from 'commander'
import { describe } from '../../../shared/describe.ts'
import { version, type CliContext, type Start } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { shown } from '../terminal/text.ts'
import type { WorkerNews } from '../../worker/worker.ts'
import { addMachineOptions, storagePaths, type MachineArgs } from './machine-arguments.ts'
import { checkText, restingText } from './texts.ts'

export function defineWorker(program: Command, start: Start): void {
  const command = program
    .command('worker')
    .summary('convert for a fleet on this machine')
    .description(
      'Renders what the queue of a fleet hands out, on storage that this machine sees as well. It needs no data folder and no keys of online providers.',
    )
    .addOption(new Option('--join <line>', 'the line that `beside fleet start` printed').env('BESIDE_JOIN').makeOptionMandatory())
  addMachineOptions(command)
    .addHelpText(
      'after',
      `
Ctrl-C lets it end what it has and take no more; pressed again, it gives back what it has, and other machines begin that anew.
`,
    )
    .action(async (args: WorkerArgs) => await start(async (context) => await work(args, context)))
}

interface WorkerArgs extends MachineArgs {
  readonly join: string
}

async function work(args: WorkerArgs, context: CliContext): Promise<ExitStatus> {
  const { join, name = hostname(), hours = [], onMains = false, json } = args
  const { screen, cwd, env } = context
  const storage = storagePaths(args, cwd)
  if (storage.length === 0)
    throw new UsageError('A machine needs to see the shared storage.', 'Say where it is on this machine: --storage /mnt/media.')
  const [{ composeWorker }, { homePath }] = await Promise.all([import('../../compose-worker.ts'), import('../../home.ts')])
  const worker = await composeWorker({
    joinLine: join,
    ...{ storage, name, version, hours, onMains },
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
        resting: news.because === null ? '' : `Rests ${restingText(news.because)}.`,
        unfit: 'Takes no work until all of this is right; tries again.',
      }
      screen.print(texts[news.state])
      return
    }
    case 'taken':
    case 'busy':
    case 'idle':
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
      screen.warn(`${describe(news.why).message} It is tried again.`)
  }
}

const quiet = () => undefined
const silentLog = { debug: quiet, info: quiet, warn: quiet, error: quiet }
