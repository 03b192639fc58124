/** What every PDF that is written here has in common. Apart, as all ways to one end in it. */
import { JobError } from '../../../../shared/failure.ts'
import type { TaskContext } from '../children/task-table.ts'
import { opened } from './drawing.ts'

export const written: readonly string[] = ['--object-streams=generate', '--compress-streams=y']

/** Without a password to set, one that was given to open it goes. */
export function protection(password: string | undefined, protect: string | undefined): readonly string[] {
  if (protect !== undefined) return ['--encrypt', protect, protect, '256', '--']
  return password === undefined ? [] : ['--decrypt']
}

/** By another reader than its writer. @throws JobError `output-bad` where it does not open, or has another number of pages. */
export async function verify(path: string, expected: number, password: string | undefined, context: TaskContext): Promise<void> {
  const { pages: actual } = await opened({ path, password }, context).catch((cause: unknown) => {
    throw new JobError('output-bad', { because: 'output-unreadable' }, { cause })
  })
  if (actual !== expected) throw new JobError('output-bad', { because: 'pages-missing', expected, actual })
}
