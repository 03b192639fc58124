/** `beside serve` as the command line knows it. */
import { InvalidArgumentError, type Command } from 'commander'
import type { Go } from '../go.ts'

export function defineServe(program: Command, go: Go): void {
  program
    .command('serve')
    .summary('the window in a browser')
    .description(
      'Shows the window in a browser and converts what is queued, until it is interrupted. The printed address is the key: keep it to yourself.',
    )
    .option('--port <number>', 'which port; any free one unless set', portOf, 0)
    .option('--host <address>', 'which address of this machine to listen at, for others to reach', '127.0.0.1')
    .option('--json', 'the address as JSON, for programs')
    .action(
      async (words: { port: number; host: string; json?: true }) =>
        await go(async (around) => (await import('./serve.ts')).serve(words, around)),
    )
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number up to 65535.')
  return port
}
