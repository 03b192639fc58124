/** `beside undo`: the results of a batch go, what has changed since stays. */
import { describe } from '../../../shared/describe.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { failureObject, line } from '../report/json.ts'
import { counted, shortPath, shown } from '../text.ts'

export async function undo(id: number, words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const { screen, cwd } = around
  const { removed, kept } = await withSession(around, 'look', async ({ client }) => await client.batches.undo({ id }))
  if (words.json === true) {
    for (const path of removed) screen.print(line('removed', { path }))
    for (const { path, why } of kept) screen.print(line('kept', { path, failure: failureObject(why) }))
  } else {
    for (const { path, why } of kept) {
      const { message, action } = describe(why)
      screen.warn(`${screen.paintWarning('yellow', 'kept:')} ${shortPath(path, cwd)}: ${shown(message)}\n    ${shown(action)}`)
    }
    screen.print(
      `${counted(removed.length, 'result')} of batch ${id} removed${kept.length === 0 ? '' : `, ${kept.length} kept`}.`,
    )
  }
  return kept.length === 0 ? exit.done : exit.failed
}
