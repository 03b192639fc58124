/**
 * `npm run bench [-- SECTION ...]`: prints a table and writes results.json beside this file. `SECTION=SIZE` is a trial of another size, of so
 * many files, pages or rows: it is printed and not kept.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { machine, printed, type Figure } from './figures.ts'

const runs = 5

const sections: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  songs: async () => await (await import('./conversions.ts')).songs(runs, sizeOf('songs', 300)),
  photos: async () => await (await import('./conversions.ts')).photos(runs, sizeOf('photos', 100)),
  film: async () => await (await import('./film.ts')).film(runs, sizeOf('film', 60)),
  jobs: async () => await (await import('./jobs.ts')).jobs(runs, sizeOf('jobs', 10_000)),
  several: async () => await (await import('./several.ts')).several(runs, sizeOf('several', 10)),
  intake: async () => await (await import('./intake.ts')).intake(),
  claims: async () => await (await import('./claims.ts')).claims(),
  cancel: async () => await (await import('./cancel.ts')).cancel(),
  history: async () => await (await import('./history.ts')).history(),
  transfer: async () => await (await import('./transfer.ts')).transfer(runs),
  window: async () => await (await import('./window.ts')).window(),
  'looking-on': async () => await (await import('./window.ts')).lookingOn(),
  watch: async () => await (await import('./watch.ts')).watch(5, sizeOf('watch', 100_000)),
  startup: async () => await (await import('./startup.ts')).startup(runs * 3),
  documents: async () => await (await import('./documents.ts')).documents(runs, sizeOf('documents', 100)),
  pdf: async () => await (await import('./pdf.ts')).pdf(runs, sizeOf('pdf', 100)),
  // Once takes minutes by soffice.
  sheets: async () => await (await import('./sheets.ts')).sheets(1, sizeOf('sheets', 1_000_000)),
  speeds: async () => await (await import('./speeds.ts')).speeds(sizeOf('speeds', 10)),
  hardware: async () => await (await import('./hardware.ts')).hardware(sizeOf('hardware', 4)),
  fleet: async () => await (await import('./fleet.ts')).fleet(sizeOf('fleet', 3_000)),
  ocr: async () => await (await import('./ocr.ts')).ocr(runs, sizeOf('ocr', 10)),
}

const asked = new Map(
  process.argv.slice(2).map((word): [name: string, size: string | undefined] => {
    const [name = '', size] = word.split('=')
    return [name, size]
  }),
)
const unknown = [...asked.keys()].filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(', ')}. Sections: ${Object.keys(sections).join(', ')}`)
  process.exit(2)
}

/** How many there are, unless another number is asked for. */
function sizeOf(name: string, usual: number): number {
  return Number(asked.get(name) ?? usual)
}

const all: Figure[] = []
const facts = machine()
const date = new Date().toISOString().slice(0, 10)
/** Each with the machine that it was measured on: sections are measured one by one. */
const results: Record<string, { readonly machine: typeof facts; readonly date: string; readonly figures: readonly Figure[] }> = {}
for (const [name, measure] of Object.entries(sections)) {
  if (asked.size > 0 && !asked.has(name)) continue
  console.error(`${name} …`)
  const figures = await measure()
  all.push(...figures)
  if (asked.get(name) === undefined) results[name] = { machine: facts, date, figures }
}
console.log(Object.values(facts).join(' · '))
console.log(printed(all))
if (Object.keys(results).length > 0) {
  const file = new URL('./results.json', import.meta.url)
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {}
  // Sections that were not asked for keep what they last came to.
  writeFileSync(file, `${JSON.stringify({ ...before, ...results }, null, 2)}\n`)
}
