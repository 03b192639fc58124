/** `npm run bench [-- SECTION ...]`: prints a table and writes results.json beside this file. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { machine, printed, type Figure } from './figures.ts'

const runs = 3

const sections: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  conversions: async () => await (await import('./conversions.ts')).conversions(runs),
  pdf: async () => await (await import('./pdf.ts')).pdf(runs),
  intake: async () => await (await import('./intake.ts')).intake(),
  claims: async () => await (await import('./claims.ts')).claims(),
  cancel: async () => await (await import('./cancel.ts')).cancel(),
  history: async () => await (await import('./history.ts')).history(),
  transfer: async () => await (await import('./transfer.ts')).transfer(3),
  window: async () => await (await import('./window.ts')).window(),
  'looking-on': async () => await (await import('./window.ts')).lookingOn(),
  watch: async () => await (await import('./watch.ts')).watch(),
  startup: async () => await (await import('./startup.ts')).startup(runs * 3),
  ocr: async () => await (await import('./ocr.ts')).ocr(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(', ')}. Sections: ${Object.keys(sections).join(', ')}`)
  process.exit(2)
}
const results: Record<string, readonly Figure[]> = {}
for (const [name, measure] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`${name} …`)
  results[name] = await measure()
}
const facts = machine()
console.log(Object.values(facts).join(' · '))
console.log(printed(Object.values(results).flat()))
const file = new URL('./results.json', import.meta.url)
const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { results?: object }).results : {}
const date = new Date().toISOString().slice(0, 10)
// Sections that were not asked for keep what they last came to.
writeFileSync(file, `${JSON.stringify({ machine: facts, date, results: { ...before, ...results } }, null, 2)}\n`)
