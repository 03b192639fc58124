/** How a folder is doing, in one line. */
import { describeWhy } from '../../../shared/describe-why.ts'
import type { Folder, Health } from '../../../shared/folders.ts'
import { shown } from '../text.ts'

const stateWords: Readonly<Record<Health['state'], string>> = {
  off: 'off',
  undecided: 'off',
  unwatched: 'on, but nothing watches',
  starting: 'starting',
  watching: 'watching',
  offline: 'offline',
  trouble: 'trouble',
}

export function healthText({ health, id }: Folder): string {
  const { state, how, why } = health
  const reason = why === null ? '' : ` (${shown(describeWhy(why))})`
  const polled = state === 'watching' && how === 'polling' ? ', by looking now and then' : ''
  return `${stateWords[state]}${polled}${reason}${hint(health, id)}`
}

/** What to do about it. */
function hint({ state, why }: Health, id: number): string {
  if (state === 'unwatched') return ': start `beside watch run`'
  if (state === 'undecided') return `: \`beside watch on ${id} --existing convert\`, or ignore`
  if (why?.code === 'folder-other' || why?.code === 'folder-empty')
    return `; if it is the right one: \`beside watch accept ${id}\``
  return ''
}
