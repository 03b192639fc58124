/**
 * `npm run soak [-- MINUTES]`, an hour by default: files come, go, change and change their names in a watched folder, its disk goes away,
 * its Beside is stopped and killed, and now and then all of it is held against a model (watch-life.ts). Ends with a verdict, and with 1
 * where something was not as it must be; the folder is kept then. BESIDE_TEST_SEED=N has the same things happen again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dice } from '../support/dice.ts'
import { watchLife } from '../support/watch-life.ts'
import { hurriedTimings } from '../support/watch-timings.ts'

const stepsBetween = 60
const [word = '60'] = process.argv.slice(2)
const minutes = Number(word)
if (!(minutes > 0)) {
  console.error(`“${word}” is no number of minutes. Usage: npm run soak [-- MINUTES]`)
  process.exit(2)
}

const drawn = dice()
const top = await mkdtemp(join(tmpdir(), 'beside-soak-'))
console.log(`Soaking for ${minutes} minutes in ${top}. Seed ${drawn.seed}.`)
const life = await watchLife({ top, timings: hurriedTimings, dice: drawn, pauseMs: 200 })
const endMs = performance.now() + minutes * 60_000
let steps = 0
let checks = 0
let troubles: readonly string[] = []
while (performance.now() < endMs && troubles.length === 0) {
  for (let n = 0; n < stepsBetween && performance.now() < endMs; n += 1) {
    await life.step()
    steps += 1
  }
  troubles = await life.verdict()
  checks += 1
  console.log(`${steps} things have happened; ${troubles.length === 0 ? 'all is as it must be' : 'not all is as it must be'}`)
}
await life.end()
for (const [what, times] of life.happened) console.log(`  ${String(times).padStart(6)}  ${what}`)
for (const trouble of troubles) console.log(`  ${trouble}`)
if (troubles.length > 0) {
  console.log(`FAILED at seed ${drawn.seed}. The folder is kept: ${top}`)
  process.exit(1)
}
await rm(top, { recursive: true })
console.log(
  `PASSED: ${steps} things happened, and ${checks} times each file was converted once and whole, with nothing left behind.`,
)
