import { describe, expect, it } from 'vitest'
import { clockReads, importsOf, sourcesUnder, type Import } from './support/sources.ts'

interface Layer {
  readonly sentence: string
  /** Folders, or single files. */
  readonly places: readonly string[]
  /** Beginnings of what may be imported: own paths end in a slash or are files, packages are whole names, `node:` is all of Node. */
  readonly may: readonly string[]
  readonly mayTypes?: readonly string[]
  /** Packages that one file alone may use. */
  readonly only?: Readonly<Record<string, readonly string[]>>
}

const main = 'src/main/'
const shared = 'src/shared/'

/** What a way in stands on: the engine behind its API, and where its things are. */
const belowFaces = [
  `${main}api/`,
  `${main}compose.ts`,
  `${main}compose-worker.ts`,
  `${main}home.ts`,
  `${main}log.ts`,
  `${main}menus/`,
  `${main}packed.ts`,
  `${main}secrets.ts`,
  `${main}served/http/server.ts`,
  'package.json',
]

const layers: readonly Layer[] = [
  {
    sentence: 'shared imports itself and zod, so that it runs anywhere; the wire is written in oRPC',
    places: [shared],
    may: [shared, 'zod'],
    only: { 'src/shared/wire/': ['@orpc/contract', '@orpc/client'] },
  },
  {
    sentence: 'what any part of main needs of the file system imports shared and Node',
    places: [`${main}files/`],
    may: [shared, `${main}files/`, 'node:'],
  },
  {
    sentence: 'the engine imports shared, files, Node and a glob matcher; of store and providers it knows the types alone',
    places: [`${main}engine/`],
    may: [shared, `${main}engine/`, `${main}files/`, 'node:', 'picomatch'],
    mayTypes: [`${main}store/`, `${main}providers/`],
  },
  {
    sentence:
      'providers import shared, themselves, Node and zod; the media libraries belong to the local one, got to http/client.ts',
    places: [`${main}providers/`],
    may: [shared, `${main}providers/`, `${main}files/`, 'node:', 'zod'],
    mayTypes: [`${main}engine/ports.ts`],
    only: {
      'src/main/providers/http/client.ts': ['got'],
      'src/main/providers/http/files/zip.ts': ['yauzl'],
      'src/main/providers/http/files/names.ts': ['content-disposition'],
      'src/main/providers/http/addresses.ts': ['ipaddr.js'],
      'src/main/providers/local/pdf/': ['@hyzyla/pdfium', '@neslinesli93/qpdf-wasm', 'pdf-lib'],
      'src/main/providers/local/fonts/': ['wawoff2'],
      'src/main/providers/local/ocr/': ['@neslinesli93/qpdf-wasm'],
      'src/main/providers/local/office/': ['yauzl', 'csv-parse', 'chardet', 'iconv-lite', '@e965/xlsx'],
      'src/main/providers/local/magick/': ['@imagemagick/magick-wasm'],
      'src/main/providers/local/': ['sharp', 'libheif-js', 'music-metadata', 'exifreader', 'file-type', 'strtok3', 'taglib-wasm'],
      'src/main/providers/local/text/': ['chardet', 'iconv-lite', 'yauzl', '@mixmark-io/domino'],
      'src/main/providers/local/data/': ['@e965/xlsx', 'fast-xml-parser', 'smol-toml', 'yaml', 'yazl'],
      'src/main/providers/local/markup/': ['marked', 'turndown', '@joplin/turndown-plugin-gfm', 'mammoth'],
      'src/main/providers/local/books/': ['yazl'],
      'src/main/providers/local/archives/': ['yauzl', 'yazl', 'tar-stream', 'chardet', 'iconv-lite'],
      'src/main/providers/local/subtitles/': ['fast-xml-parser'],
    },
  },
  {
    sentence:
      'the fleet imports shared, Node, zod, what marks folders, names of temporary files and the pairings of this machine; pg-boss belongs to its broker',
    places: [`${main}fleet/`],
    may: [
      shared,
      `${main}fleet/`,
      `${main}files/`,
      `${main}watch/root-check.ts`,
      `${main}engine/job/temp-names.ts`,
      `${main}providers/local/pairings.ts`,
      'node:',
      'zod',
    ],
    only: { 'src/main/fleet/broker.ts': ['pg-boss'] },
    mayTypes: [`${main}engine/ports.ts`, `${main}providers/provider.ts`],
  },
  {
    sentence: 'a machine of a fleet imports shared, Node, the fleet, names of temporary files and the pairings of this machine',
    places: [`${main}worker/`],
    may: [
      shared,
      `${main}worker/`,
      `${main}fleet/`,
      `${main}files/`,
      `${main}engine/job/temp-names.ts`,
      `${main}providers/local/pairings.ts`,
      'node:',
    ],
    mayTypes: [`${main}engine/ports.ts`, `${main}providers/provider.ts`],
  },
  {
    sentence: 'watched folders import shared, Node, p-map, what the engine knows of names, and the types of engine and store',
    places: [`${main}watch/`],
    may: [
      shared,
      `${main}watch/`,
      'node:',
      'p-map',
      `${main}engine/intake/walk.ts`,
      `${main}engine/job/temp-names.ts`,
      `${main}files/`,
      `${main}engine/queue/fanout.ts`,
    ],
    mayTypes: [`${main}engine/`, `${main}store/`],
  },
  {
    sentence: 'the store imports shared, Node and better-sqlite3',
    places: [`${main}store/`],
    may: [shared, `${main}store/`, 'node:', 'better-sqlite3'],
    mayTypes: [`${main}engine/ports.ts`],
  },
  {
    sentence:
      'what is for whoever looks for a fault imports shared, Node, a writer of ZIPs, and the types of the engine, of hooks and of watched folders',
    places: [`${main}support/`],
    may: [shared, `${main}support/`, `${main}log.ts`, `${main}secrets.ts`, 'node:', 'zod', 'yazl'],
    mayTypes: [`${main}engine/`, `${main}hooks/hooks-api.ts`, `${main}watch/folders-api.ts`],
  },
  {
    sentence: 'what brings FFmpeg imports shared, Node, zod, a reader of ZIPs, the pinned builds, and the ports of the engine',
    places: [`${main}ffmpeg/`],
    may: [shared, `${main}ffmpeg/`, `${main}files/`, 'build/ffmpeg.json', 'node:', 'zod', 'yauzl'],
    mayTypes: [`${main}engine/ports.ts`],
  },
  {
    sentence: 'the webhook receiver imports shared and Node, and the types of engine and providers',
    places: [`${main}webhooks/`],
    may: [shared, `${main}webhooks/`, 'node:'],
    mayTypes: [`${main}engine/`, `${main}providers/provider.ts`],
  },
  {
    sentence:
      'hooks import shared, Node, what runs programs and knows addresses, a stream of changes, and the types of engine and store',
    places: [`${main}hooks/`],
    may: [
      shared,
      `${main}hooks/`,
      'node:',
      `${main}engine/queue/fanout.ts`,
      `${main}providers/http/addresses.ts`,
      `${main}providers/http/failures.ts`,
      `${main}providers/local/process/programs.ts`,
    ],
    mayTypes: [`${main}engine/`, `${main}store/`],
  },
  {
    sentence:
      'the api imports shared, oRPC, ws, zod, Node, and the types of the engine, of watched folders, of hooks, of the fleet and of what brings FFmpeg',
    places: [`${main}api/`],
    may: [shared, `${main}api/`, `${main}files/`, 'node:', '@orpc/', 'ws', 'zod'],
    only: { 'src/main/api/web/': ['content-disposition'], 'src/main/api/web/outputs.ts': ['yazl'] },
    mayTypes: [
      `${main}engine/`,
      `${main}ffmpeg/supply.ts`,
      `${main}fleet/fleet.ts`,
      `${main}hooks/hooks-api.ts`,
      `${main}served/served.ts`,
      `${main}support/support.ts`,
      `${main}watch/folders-api.ts`,
      `${main}worker/lending.ts`,
    ],
  },
  {
    sentence:
      'what converts for others imports shared, files, Node, what the engine knows of temporary names, and the types of engine and store; its HTTP also what the browser shell takes in and gives out',
    places: [`${main}served/`],
    may: [shared, `${main}served/`, `${main}files/`, `${main}engine/job/temp-names.ts`, 'node:'],
    mayTypes: [`${main}engine/`, `${main}store/served.ts`, `${main}providers/provider.ts`, `${main}api/session.ts`],
    only: {
      'src/main/served/http/': [`${main}api/web/inbox.ts`, `${main}api/web/outputs.ts`, `${main}api/web/page.ts`],
      'src/main/served/http/upload.ts': ['@fastify/busboy'],
    },
  },
  {
    sentence: 'compose imports all of main but the app and the command line',
    places: [`${main}compose.ts`, `${main}compose-worker.ts`],
    may: [
      shared,
      'package.json',
      `${main}engine/`,
      `${main}ffmpeg/`,
      `${main}files/`,
      `${main}fleet/`,
      `${main}worker/`,
      `${main}providers/`,
      `${main}store/`,
      `${main}watch/`,
      `${main}webhooks/`,
      `${main}hooks/`,
      `${main}api/`,
      `${main}served/`,
      `${main}support/`,
      `${main}sample.ts`,
      `${main}system.ts`,
      `${main}packed.ts`,
      'node:',
    ],
    mayTypes: [`${main}log.ts`],
  },
  {
    sentence:
      'what is particular to the machine (clock, dice, trash, power, data folder, log, keys, where it is installed) knows shared and the ports of the engine',
    places: [`${main}sample.ts`, `${main}system.ts`, `${main}home.ts`, `${main}log.ts`, `${main}packed.ts`, `${main}secrets.ts`],
    may: [shared, 'node:', 'env-paths', 'trash', 'zod'],
    mayTypes: [`${main}engine/ports.ts`],
  },
  {
    sentence: 'the menus of file managers import shared, Node, and what this machine converts, as data',
    places: [`${main}menus/`],
    may: [shared, `${main}menus/`, `${main}providers/local/pairings.ts`, 'node:'],
    mayTypes: [`${main}providers/provider.ts`],
  },
  {
    sentence: 'the app imports electron, compose, the api and shared',
    places: [`${main}app/`],
    may: [shared, `${main}app/`, ...belowFaces, 'electron', 'electron-updater', 'node:', 'zod'],
    mayTypes: [`${main}engine/ports.ts`],
  },
  {
    sentence: 'the command line imports compose, the api, the data folder, shared, Node and its own libraries',
    places: [`${main}cli/`],
    may: [shared, `${main}cli/`, ...belowFaces, 'node:', 'commander', 'fastest-levenshtein', 'string-width', 'cli-truncate'],
    mayTypes: [`${main}providers/provider.ts`, `${main}worker/worker.ts`],
    only: {
      'src/main/cli/formats.ts': [
        'src/main/providers/local/pairings.ts',
        'src/main/files/install-line.ts',
        'src/main/files/on-path.ts',
      ],
      'src/main/cli/mcp/': ['@modelcontextprotocol/server', 'picomatch', 'zod', 'src/main/files/', 'src/main/engine/ports.ts'],
    },
  },
  {
    sentence: 'the window imports shared, React and interface libraries',
    places: ['src/renderer/'],
    may: [
      shared,
      'src/renderer/',
      'react',
      'react-dom',
      '@mantine/',
      '@tanstack/',
      '@orpc/',
      '@tabler/icons-react',
      '@fontsource-variable/',
      'get-nonce',
      'i18next',
      'react-i18next',
      'zod',
      'zustand',
    ],
  },
]

const sources = sourcesUnder('src')

describe('who may import what', () => {
  it.each(layers)('$sentence', (layer) => {
    const trespasses = sources
      .filter(({ path }) => standsIn(layer, path))
      .flatMap((source) =>
        importsOf(source)
          .filter((found) => !allowed(layer, source.path, found))
          .map((found) => `${source.path} → ${found.target}${found.typeOnly ? ' (type)' : ''}`),
      )
    expect(trespasses).toEqual([])
  })

  it('every file of src stands in a folder that has a rule', () => {
    expect(sources.map(({ path }) => path).filter((path) => !layers.some((layer) => standsIn(layer, path)))).toEqual([])
  })

  it('only the store names better-sqlite3, only the app names electron, and but two files of it for its types alone', () => {
    const users = (name: string): string[] =>
      sources.filter((source) => importsOf(source).some(({ target }) => target === name)).map(({ path }) => path)
    expect(users('better-sqlite3').filter((path) => !path.startsWith(`${main}store/`))).toEqual([])
    expect(users('electron').filter((path) => !path.startsWith(`${main}app/`))).toEqual([])
    const runs = sources.filter((source) =>
      importsOf(source).some(({ target, typeOnly }) => target.startsWith('electron') && !typeOnly),
    )
    expect(runs.map(({ path }) => path).toSorted()).toEqual([`${main}app/main.ts`, `${main}app/preload.ts`])
  })

  it('no files of shared import each other in a circle: which of them comes first would decide whether the program starts', () => {
    const files = new Map(sources.filter(({ path }) => path.startsWith(shared)).map((source) => [source.path, source]))
    const circles: string[] = []
    const done = new Set<string>()
    const follow = (path: string, way: readonly string[]): void => {
      const source = files.get(path)
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '))
      if (source === undefined || done.has(path) || way.includes(path)) return
      for (const { target, typeOnly } of importsOf(source)) if (!typeOnly) follow(target, [...way, path])
      done.add(path)
    }
    for (const path of files.keys()) follow(path, [])
    expect(circles).toEqual([])
  })

  it('nothing in src imports a test or a tool', () => {
    const targets = sources.flatMap(importsOf).map(({ target }) => target)
    expect(targets.filter((target) => /^(test|tools|bin)\//.test(target))).toEqual([])
  })

  it('sees every way there is to import', () => {
    const text = `
      import { a } from '../../shared/job.ts'
      import type { B } from './b.ts'
      export * from './c.ts'
      export type { D } from './d.ts'
      type E = import('./e.ts').E
      const f = await import('node:fs')
      const g = await import(name)
      new Worker(new URL('./h.ts', import.meta.url))
    `
    expect(importsOf({ path: 'src/main/engine/x.ts', text })).toEqual([
      { target: 'src/shared/job.ts', typeOnly: false },
      { target: 'src/main/engine/b.ts', typeOnly: true },
      { target: 'src/main/engine/c.ts', typeOnly: false },
      { target: 'src/main/engine/d.ts', typeOnly: true },
      { target: 'src/main/engine/e.ts', typeOnly: true },
      { target: 'node:fs', typeOnly: false },
      { target: '(computed)', typeOnly: false },
      { target: 'src/main/engine/h.ts', typeOnly: false },
    ])
  })
})

describe('the shape of files', () => {
  const own = [...sources, ...sourcesUnder('test', 'tools', 'bin')]

  it('no file is longer than 400 lines', () => {
    expect(own.filter(({ text }) => text.split('\n').length > 401).map(({ path }) => path)).toEqual([])
  })

  it('a file under 80 lines with a single importer says in its first comment why it is alone', () => {
    const importers = new Map<string, Set<string>>()
    for (const source of sources)
      for (const { target } of importsOf(source)) importers.set(target, (importers.get(target) ?? new Set()).add(source.path))
    const crumbs = sources.filter(({ path, text }) => importers.get(path)?.size === 1 && text.split('\n').length <= 80)
    const unexplained = crumbs.filter(({ text }) => !/\b(Apart|Alone)\b/.test(text.slice(0, text.indexOf('*/'))))
    expect(unexplained.map(({ path }) => path)).toEqual([])
  })

  it('no file is named after what it is not: a place for anything', () => {
    const vague = /(^|[-./])(utils?|helpers?|manager|common|types|constants|misc)\.(ts|tsx|mjs)$/
    expect(own.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([])
  })

  it('time comes in from outside: engine, providers, watch, store, hooks and shared never ask for the date of now', () => {
    const still = sources.filter(({ path }) => /^src\/(shared|main\/(engine|providers|watch|store|hooks))\//.test(path))
    expect(still.filter((source) => clockReads(source) > 0).map(({ path }) => path)).toEqual([])
    expect(clockReads({ path: 'x.ts', text: 'new Date(); Date(); new Date(5); Date.parse("x")' })).toBe(2)
  })
})

function standsIn({ places }: Layer, path: string): boolean {
  return places.some((place) => path.startsWith(place))
}

function allowed(layer: Layer, path: string, { target, typeOnly }: Import): boolean {
  const own = Object.entries(layer.only ?? {}).flatMap(([where, packages]) => (path.startsWith(where) ? packages : []))
  const list = [...layer.may, ...own, ...(typeOnly ? (layer.mayTypes ?? []) : [])]
  return list.some((item) => (/[:/]$/.test(item) ? target.startsWith(item) : target === item || target.startsWith(`${item}/`)))
}
