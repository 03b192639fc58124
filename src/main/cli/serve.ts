/** `beside serve`: the window in a browser, for as long as nobody interrupts it. Apart, as each command is. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { openContextSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { interrupted, isLoopback, parsePort, portError } from './listening.ts'

export function defineServe(program: Command, start: Start): void {
  program
    .command('serve')
    .summary('use Beside in a browser')
    .description(
      'Serves the window to a browser and converts what is queued, until interrupted. Anyone who has the printed address can use Beside: keep it to yourself.',
    )
    .option('--port <number>', 'port to listen on; any free port by default', parsePort, 0)
    .option('--host <address>', 'address to listen on, for access from other machines', '127.0.0.1')
    .option('--json', 'print the address as JSON')
    .action(async (args: ServeArgs) => await start(async (context) => serve(args, context)))
}

interface ServeArgs extends JsonArgs {
  readonly port: number
  readonly host: string
}

async function serve({ port, host, json }: ServeArgs, context: CliContext): Promise<ExitStatus> {
  const pages = builtWindow()
  const [{ serveWeb }, { homePath, openHome }, { fileLog }] = await Promise.all([
    import('../api/web/web.ts'),
    import('../home.ts'),
    import('../log.ts'),
  ])
  const home = openHome(homePath(context.env, context.cwd))
  const session = await openContextSession(context, 'watch')
  try {
    const web = await serveWeb({ session, home, pages, host, port, log: fileLog(home, 'info') }).catch((error: unknown) => {
      throw portError(error, host, port)
    })
    context.screen.print(json ? JSON.stringify({ type: 'address', address: web.address }) : `Beside is at ${web.address}`)
    if (!isLoopback(host))
      context.screen.warn(
        'Anyone who can reach this machine and has this address can use Beside. The connection is not encrypted.',
      )
    if (!json && context.screen.isLive) context.screen.warn('Press Ctrl-C to stop. What is left then stays in the queue.')
    try {
      await interrupted(context.interruption)
    } finally {
      await web.stop()
    }
    return exit.done
  } finally {
    await session.close()
  }
}

/** Where the build puts the window, seen from the bundled program and from its source. */
function builtWindow(): string {
  const places = ['../out/renderer/', '../../../out/renderer/'].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = places.find((place) => existsSync(`${place}/index.html`))
  if (found !== undefined) return found
  throw new UsageError('The window has not been built.', 'Run `npm run build`, or `npm start`, which builds it.')
}
