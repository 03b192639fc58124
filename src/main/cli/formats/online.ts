/** `beside formats --with PROVIDER` for an online one: its catalogue may have to be asked for, so the engine answers. */
import { describe } from '../../../shared/describe.ts'
import { JobError } from '../../../shared/failure.ts'
import type { ProviderId } from '../../../shared/job.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import type { FormatsWords } from './formats.ts'

export async function onlineFormats(words: FormatsWords & { readonly with: ProviderId }, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const { status, pairings } = await withSession(around, 'look', async ({ ask }) => ({
    status: (await ask((client) => client.providers.list())).find(({ id }) => id === words.with),
    pairings: (await ask((client) => client.formats())).filter(({ provider }) => provider === words.with),
  }))
  if (status?.unready) throw new JobError(status.unready.code, status.unready.facts)
  const wanted = pairings.filter(({ from }) => words.from === undefined || from.includes(words.from))
  for (const { from, to, options } of wanted) {
    if (words.json !== true) {
      screen.print(`${(words.from === undefined ? from : [words.from]).join(' ')} → ${to.join(' ')}`)
      if (options.length > 0) screen.print(screen.paint('dim', `  ${options.join(' ')}`))
      continue
    }
    for (const source of words.from === undefined ? from : [words.from]) {
      for (const target of to) {
        screen.print(
          JSON.stringify({
            type: 'pair',
            from: source,
            to: target,
            provider: words.with,
            options: options.map((name) => ({ name })),
          }),
        )
      }
    }
  }
  if (wanted.length === 0 && words.json !== true) {
    screen.print(
      describe({
        code: 'pair-unsupported',
        facts: { from: words.from ?? 'Nothing', target: 'anything', provider: status?.title ?? '' },
      }).message,
    )
  }
  return exit.done
}
