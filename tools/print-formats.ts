/**
 * `npm run formats`: prints which engine makes what of what into `docs/FORMATS.md`, from the table that conversions follow. Online providers are not
 * in it: what they have is theirs to say, and `beside formats --with PROVIDER` asks them.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { localEngines } from '../src/main/providers/local/pairings.ts'
import type { EngineFacts } from '../src/main/providers/local/engine.ts'
import { families, inTableOrder, type FormatId, factsOf } from '../src/shared/formats.ts'
import english from '../src/shared/text/en.json' with { type: 'json' }

export const formatsPath = fileURLToPath(new URL('../docs/FORMATS.md', import.meta.url))

/** Any file can be put into an archive: that is said once, and not of each format. */
const engines = localEngines.map((engine) => ({ ...engine, pairings: engine.pairings.filter(({ packs }) => packs !== true) }))

/** What comes with Beside, what it fetches, and what somebody installs. */
function whence({ needs }: EngineFacts): string {
  if (needs === null) return 'embedded'
  return needs.program === 'ffmpeg' ? 'fetched by Beside' : 'program'
}

function makers(from: FormatId, to: FormatId): readonly EngineFacts[] {
  return engines.filter(({ pairings }) => pairings.some((each) => each.from.includes(from) && each.to.includes(to)))
}

function targetsOf(from: FormatId): readonly FormatId[] {
  return inTableOrder(engines.flatMap(({ pairings }) => pairings.flatMap((each) => (each.from.includes(from) ? each.to : []))))
}

/** What the same engines make in the same order stands in one line, and so do sources of which the same is made. */
function rowsOf(sources: readonly FormatId[]): readonly string[] {
  const rows = sources.flatMap((from) => {
    const byMakers = Map.groupBy(targetsOf(from), (to) => byText(makers(from, to)))
    return [...byMakers].map(([by, targets]) => ({ from, rest: `${targets.join(' ')} | ${by}` }))
  })
  return [...Map.groupBy(rows, ({ rest }) => rest)].map(([rest, own]) => `| ${own.map(({ from }) => from).join(' ')} | ${rest} |`)
}

function byText(own: readonly EngineFacts[]): string {
  return own.map((engine) => `${engine.title} (${whence(engine)})`).join(', ')
}

export function formatsPage(): string {
  const sources = inTableOrder(engines.flatMap(({ pairings }) => pairings.flatMap(({ from }) => from)))
  const pairs = sources.flatMap((from) => targetsOf(from).map((to) => makers(from, to)[0]))
  const embedded = pairs.filter((first) => first !== undefined && first.needs === null).length
  const fetched = pairs.filter((first) => first?.needs?.program === 'ffmpeg').length
  const tables = families.flatMap((family) => {
    const own = sources.filter((id) => factsOf(id).family === family)
    if (own.length === 0) return []
    return [
      `## ${english.labels.family[family]}`,
      '',
      '| from | to | by, the first choice first |',
      '| --- | --- | --- |',
      ...rowsOf(own),
      '',
    ]
  })
  return [
    '<!-- Printed by `npm run formats` from the table of engines. -->',
    '',
    '# What becomes what on this machine',
    '',
    `${pairs.length} pairs: ${embedded} by what comes with Beside, ${fetched} by FFmpeg, which Beside fetches, and ${pairs.length - embedded - fetched} by programs that somebody has installed (\`beside doctor\` says which are there and how to get the others). Of the engines that are there, the first one that takes all options of the job does it.`,
    '',
    'Any file, and several together, can become an archive: zip, 7z, tar, tar.gz, tar.xz, tar.zst, tar.bz2.',
    '',
    'Online providers make more: `beside formats --with converter-app` asks one what it has. Formats that are not in the table are taken by the name that a provider gives them.',
    '',
    ...tables,
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(formatsPath, formatsPage())
