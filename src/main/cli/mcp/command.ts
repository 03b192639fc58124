/** `beside mcp`: converts for an assistant that speaks the Model Context Protocol over standard input and output. */
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { addressesOf, handshake } from '../../api/carriers/address.ts'
import { parseTexts } from '../arguments.ts'
import { openContextSession, type CliContext, type Start } from '../context.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { workInBackground } from '../queue/run.ts'
import { allowedFolders } from './allowed.ts'
import { createConversions } from './conversions.ts'
import { createShownJobs } from './listing.ts'
import { takeOutput } from './protocol-output.ts'
import { createQueueAccess } from './queue-access.ts'

/** Most clients give up on a call after a minute. */
const usualWaitSeconds = 50

interface McpArgs {
  readonly allow?: readonly string[]
  readonly online?: true
  readonly wait: number
}

export function defineMcp(program: Command, start: Start): void {
  program
    .command('mcp')
    .summary('let an assistant convert files')
    .description(
      'Serves an assistant over the Model Context Protocol, on standard input and output. It is started by the program that the assistant runs in. The assistant can convert, list and inspect files in the folders that you allow, and touches nothing else.',
    )
    .option('--allow <folder>', 'a folder that may be used, with all that is in it; can be repeated', parseTexts)
    .option('--online', 'online providers may be used, within your limits; without this, nothing leaves this machine')
    .option(
      '--wait <seconds>',
      'how long a call waits for conversions before it lets them go on in the background',
      parseWait,
      usualWaitSeconds,
    )
    .addHelpText(
      'after',
      `
Examples:
  beside mcp --allow ~/Music --allow ~/Pictures
  beside mcp --allow ~/Documents --online

In the settings of an assistant's program:
  { "mcpServers": { "beside": { "command": "beside", "args": ["mcp", "--allow", "~/Music"] } } }

It ends when standard input does. Conversions that are still running then go on in the background.`,
    )
    .action(async (args: McpArgs) => await start(async (context) => await serve(args, context)))
}

function parseWait(text: string): number {
  const seconds = Number(text)
  if (!/^\d{1,5}$/.test(text) || seconds < 1) throw new InvalidArgumentError('Use a number of seconds from 1.')
  return seconds
}

async function serve({ allow = [], online, wait }: McpArgs, context: CliContext): Promise<ExitStatus> {
  const [{ serveStdio, StdioServerTransport }, { createServer }, { homePath, openHome }, { fileLog }] = await Promise.all([
    import('@modelcontextprotocol/server/stdio'),
    import('./server.ts'),
    import('../../home.ts'),
    import('../../log.ts'),
  ])
  const { input, screen, interruption } = context
  const home = openHome(homePath(context.env, context.cwd))
  const allowed = await allowedFolders(allow, { cwd: context.cwd, home })
  for (const folder of allowed.missing)
    screen.warn(`There is no folder ${folder}: it cannot be used until this server is restarted.`)
  const log = fileLog(home, context.env['BESIDE_LOG'] === 'debug' ? 'debug' : 'info')
  const output = takeOutput(process.stdout, log)
  // From here on somebody reads the protocol.
  if (input.isTTY) screen.warn('This command is for assistants’ programs, see `beside mcp --help`. Press Ctrl-C to stop.')

  const ended = new AbortController()
  const end = () => ended.abort()
  const ending = AbortSignal.any([ended.signal, interruption])
  for (const event of ['end', 'close', 'error'] as const) input.once(event, end)
  output.once('error', end)

  const queue = createQueueAccess(async (mode) => await openContextSession(context, mode))
  const goOn = async () => await workInBackground(context)
  const conversions = createConversions({ queue, ending, goOn, held: async () => await heldBySomebody(home) })
  const ports = {
    allowed,
    queue,
    conversions,
    listing: createShownJobs(allowed),
    log,
    online: online === true ? ('allowed' as const) : ('never' as const),
    waitSeconds: wait,
    ending,
  }
  log.info('serving an assistant', { allowed: allowed.text, online: ports.online })
  const transport = new StdioServerTransport(input, output)
  const connection = serveStdio(() => createServer(ports), {
    transport,
    onerror: (error) => log.warn('the protocol with an assistant', { error: error.message }),
  })
  // It also hangs up by itself, on a message without an end.
  const { onclose } = transport
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no target of events
  transport.onclose = () => {
    end()
    onclose?.()
  }
  await aborted(ending)
  log.info('the assistant has gone')
  await connection.close()
  await queue.quiet()
  return exit.done
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

const betweenLooksMs = 50
const patienceMs = 5000

async function heldBySomebody(home: string): Promise<void> {
  const giveUpAtMs = performance.now() + patienceMs
  do {
    const there = await handshake(addressesOf(home, 'beside'))
    there?.destroy()
    if (there !== null) return
    await sleep(betweenLooksMs)
  } while (performance.now() < giveUpAtMs)
}
