/** `beside history forget`. */
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { counted } from '../text.ts'

export async function forget(
  jobs: readonly number[] | 'all',
  words: { readonly json?: true },
  around: Around,
): Promise<ExitStatus> {
  const ids = jobs === 'all' ? jobs : [...jobs]
  const { forgotten } = await withSession(
    around,
    'look',
    async ({ ask }) => await ask((client) => client.history.forget({ ids })),
  )
  around.screen.print(
    words.json === true
      ? line('forgotten', { jobs: forgotten })
      : `${counted(forgotten, 'job')} forgotten. The files are where they were.`,
  )
  return exit.done
}
