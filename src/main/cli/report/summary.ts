/** The last words of a command that waited for jobs: how many, how large, where they are, and what is left. */
import { sep } from 'node:path'
import type { Screen } from '../screen.ts'
import { bytesText, counted, durationText, numberText, shortPath } from '../text.ts'
import { heldText } from '../words.ts'
import type { Ending } from './report.ts'

export function summary({ tally, tookMs, batchId }: Ending, screen: Screen, cwd: string): readonly string[] {
  const { done, skipped, waiting, ...sum } = tally.sum()
  const cancelled = tally.cancelled()
  const failed = sum.failed - cancelled
  const { sourceBytes, outputBytes, folders } = tally.size()
  const parts = [
    screen.paint(done > 0 ? 'green' : 'dim', `${numberText(done)} done`),
    ...(skipped > 0 ? [`${numberText(skipped)} skipped`] : []),
    ...(failed > 0 ? [screen.paint('red', `${numberText(failed)} failed`)] : []),
    ...(cancelled > 0 ? [`${numberText(cancelled)} cancelled`] : []),
    ...(waiting > 0 ? [screen.paint('yellow', `${numberText(waiting)} waiting for you`)] : []),
  ]
  const lines = [`${parts.join(', ')} in ${durationText(tookMs)}${done > 0 ? `, ${sizeText(sourceBytes, outputBytes)}` : ''}`]
  if (done > 0 && folders.size > 0) lines.push(`Results in ${foldersText([...folders], cwd)}`)
  // On a terminal they may have gone out of sight among those that went well.
  if (failed > 0 && done > 10 && batchId !== null) lines.push(`What failed: beside history --batch ${batchId} --outcome failed`)
  if (done > 0 && batchId !== null) lines.push(screen.paint('dim', `To take them back: beside undo ${batchId}`))
  return lines
}

/** What is left, and how it goes on. */
export function afterword({ tally, batchId, interrupted, goesOn }: Ending): string | null {
  const left = tally.left()
  if (interrupted && left === 0) return 'Interrupted.'
  if (interrupted) {
    if (goesOn === 'later') {
      return `Interrupted. ${counted(left, 'file')} left in the queue: \`beside queue run\`, or any other Beside, goes on.`
    }
    const stop = batchId === null ? '' : ` \`beside queue cancel --batch ${batchId}\` stops that.`
    return `Interrupted here. The Beside that holds the queue goes on with ${counted(left, 'file')}.${stop}`
  }
  if (tally.standing() === 'held') {
    const held = tally.heldBy()
    if (held === null || held === 'paused')
      return `Paused: ${counted(left, 'file')} left in the queue. \`beside queue resume\` and \`beside queue run\` go on.`
    return `Held, ${heldText(held)}: ${counted(left, 'file')} left in the queue. \`beside queue run\` goes on then.`
  }
  return tally.sum().waiting > 0 ? '`beside queue` shows what waits and why.' : null
}

function sizeText(sourceBytes: number, outputBytes: number): string {
  if (sourceBytes === 0) return bytesText(outputBytes)
  return `${bytesText(sourceBytes)} → ${bytesText(outputBytes)} (${Math.round((outputBytes / sourceBytes) * 100)}%)`
}

function foldersText(folders: readonly string[], cwd: string): string {
  const [first = '', second] = folders
  const where = (path: string) => (path === cwd ? 'this folder' : `${shortPath(path, cwd).replace(/[\\/]$/, '')}${sep}`)
  if (second === undefined) return where(first)
  return folders.length === 2 ? `${where(first)} and ${where(second)}` : `${where(first)} and ${folders.length - 1} more folders`
}
