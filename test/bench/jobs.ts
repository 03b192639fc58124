/** What a job costs the engine itself, of ten thousand that take a millisecond each; each time in a process of its own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { figure, type Figure } from './figures.ts'

const execute = promisify(execFile)
const program = fileURLToPath(new URL('./engine-jobs.ts', import.meta.url))

export async function jobs(runs: number, count: number): Promise<readonly Figure[]> {
  const found: { readonly engineMs: number; readonly wallMs: number }[] = []
  for (let run = 0; run < runs; run += 1) {
    const { stdout } = await execute(process.execPath, [program, String(count)])
    found.push(JSON.parse(stdout) as (typeof found)[number])
  }
  const label = `${count.toLocaleString('en')} jobs of 1 ms`
  return [
    figure(`${label}: processor time of the engine a job`, 'ms', found.map(({ engineMs }) => engineMs), '≤ 2, limit 4'), // prettier-ignore
    figure(`${label}: wall time a job`, 'ms', found.map(({ wallMs }) => wallMs)), // prettier-ignore
  ]
}
