/** How long a command takes that only prints: the whole process, against an empty Node. */
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, timed } from './scene.ts'

export async function startup(runs: number): Promise<readonly Figure[]> {
  const ours = async () => (await timed(process.execPath, [besideProgram, 'formats'])) * 1000
  const bare = async () => (await timed(process.execPath, ['-e', '0'])) * 1000
  return [await inTurns('start-up of beside formats', 'ms', runs, ours, bare, 'as near to node -e 0 as can be')]
}
