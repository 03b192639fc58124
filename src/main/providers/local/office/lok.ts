/**
 * LibreOffice as WebAssembly, in a process of its own: started once, then asked for one document after the other. It sees a disk that is in memory
 * alone, and there is no network. Its start reads every font it has, through a thread that is answered twenty times a second: those that only make
 * it slow are taken away first.
 */
// oxlint-disable no-underscore-dangle -- functions in C, by the names that Emscripten exports them under
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import type { CpuInfo } from 'node:os'
import { JobError } from '../../../../shared/failure.ts'
import { cjkFont } from './fonts.ts'

interface FileSystem {
  readdir(path: string): string[]
  mkdir(path: string): void
  unlink(path: string): void
  writeFile(path: string, bytes: Uint8Array): void
  readFile(path: string): Uint8Array
}

/** What is called of it, in C: pointers are numbers, 0 is none. */
interface LibreOfficeModule {
  readonly FS: FileSystem
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _libreofficekit_hook(program: number): number
  _lok_getError(office: number): number
  _lok_documentLoadWithOptions(office: number, url: number, options: number): number
  _lok_documentSaveAs(document: number, url: number, format: number, options: number): number
  _lok_documentDestroy(document: number): void
  _lok_documentGetDocumentType(document: number): number
  _lok_documentGetParts(document: number): number
  _lok_documentGetPartPageRectangles(document: number): number
}

export const kinds = ['text', 'spreadsheet', 'presentation', 'drawing'] as const
export type DocumentKind = (typeof kinds)[number] | 'other'

export interface OpenDocument {
  readonly kind: DocumentKind
  /** As it is laid out; null for what is cut into pages when it is printed. */
  pages(): number | null
  /** @param ending which of its filters writes it. @throws JobError `tool-failed` */
  save(ending: string, options: string): Buffer
}

export interface LibreOffice {
  /**
   * @param options of the filter that reads it
   * @throws JobError `source-damaged` where it cannot be read; whatever else it throws has broken it.
   */
  open<T>(
    source: { readonly bytes: Buffer; readonly ending: string; readonly load: string },
    path: string,
    use: (document: OpenDocument) => T,
  ): T
}

const tool = 'LibreOffice'
const installed = '/instdir/program'
const fontFolder = '/instdir/share/fonts/truetype'
/** Those that measure as the ones of Office do, one with the signs of most scripts, and one with symbols. */
const kept = /^(Liberation(Sans|Serif|Mono)-|Carlito-|Caladea-|DejaVuSans(-(Bold|Oblique|BoldOblique))?\.ttf|opens)/
const sourceFolder = '/tmp/in'
const resultFolder = '/tmp/out'

let starting: Promise<LibreOffice> | null = null

/** The one of this process; the first call starts it, which takes seconds. */
export async function libreOffice(): Promise<LibreOffice> {
  starting ??= start()
  return await starting
}

async function start(): Promise<LibreOffice> {
  const require = createRequire(import.meta.url)
  // It works in its own folder, which in an installed app is beside the archive of the app and not in it.
  const loader = require.resolve('@matbee/libreoffice-converter/wasm/loader').replace(/app\.asar(?=[/\\])/, 'app.asar.unpacked')
  // It makes as many threads as there are processors, and has four ready. Further ones start when the call that waits for them is over.
  const system = require('node:os') as { cpus(): readonly CpuInfo[] }
  const [first] = system.cpus()
  system.cpus = () => (first === undefined ? [] : [first])
  const { createModule } = require(loader) as { createModule(config: object): Promise<LibreOfficeModule> }
  const module = await createModule({})
  const { FS: fs } = module
  for (const name of fs.readdir(fontFolder)) if (/\.(ttf|otf)$/.test(name) && !kept.test(name)) fs.unlink(`${fontFolder}/${name}`)
  const extra = cjkFont(existsSync)
  if (extra !== null) fs.writeFile(`${fontFolder}/cjk${extra.slice(extra.lastIndexOf('.'))}`, readFileSync(extra))
  fs.mkdir(sourceFolder)
  fs.mkdir(resultFolder)
  const office = withText(module, [installed], (program = 0) => module._libreofficekit_hook(program))
  if (office === 0) throw new JobError('tool-failed', { tool, because: 'does-not-start' })
  return { open: (source, path, use) => open(module, office, source, path, use) }
}

function open<T>(
  module: LibreOfficeModule,
  office: number,
  { bytes, ending, load }: Parameters<LibreOffice['open']>[0],
  path: string,
  use: (document: OpenDocument) => T,
): T {
  const { FS: fs } = module
  const source = `${sourceFolder}/document.${ending}`
  fs.writeFile(source, bytes)
  const document = withText(module, [`file://${source}`, load], (url = 0, options = 0) =>
    module._lok_documentLoadWithOptions(office, url, options),
  )
  if (document === 0) {
    fs.unlink(source)
    throw new JobError('source-damaged', { path, because: 'not-decodable', tool, reason: errorOf(module, office) })
  }
  try {
    return use(documentOf(module, office, document))
  } finally {
    module._lok_documentDestroy(document)
    fs.unlink(source)
  }
}

function documentOf(module: LibreOfficeModule, office: number, document: number): OpenDocument {
  const kind = kinds[module._lok_documentGetDocumentType(document)] ?? 'other'
  const { FS: fs } = module
  return {
    kind,
    pages: () => {
      if (kind === 'presentation') return module._lok_documentGetParts(document)
      if (kind !== 'text') return null
      const pages = textAt(module, module._lok_documentGetPartPageRectangles(document))
      return pages === '' ? null : pages.split(';').filter((page) => page.trim() !== '').length
    },
    save: (ending, options) => {
      const result = `${resultFolder}/result.${ending}`
      const isSaved = withText(module, [`file://${result}`, ending, options], (url = 0, format = 0, data = 0) =>
        module._lok_documentSaveAs(document, url, format, data),
      )
      if (isSaved === 0) throw new JobError('tool-failed', { tool, reason: errorOf(module, office) })
      const files = fs.readdir(resultFolder).filter((name) => !/^\.{1,2}$/.test(name))
      const written = files.find((name) => name.startsWith('result') && name.endsWith(`.${ending}`))
      const bytes = written === undefined ? Buffer.alloc(0) : Buffer.from(fs.readFile(`${resultFolder}/${written}`))
      for (const name of files) fs.unlink(`${resultFolder}/${name}`)
      if (bytes.length === 0) throw new JobError('tool-failed', { tool, because: 'no-result-file' })
      return bytes
    },
  }
}

/** Calls with texts as C has them, which are gone afterwards. */
function withText<T>(module: LibreOfficeModule, texts: readonly string[], call: (...pointers: number[]) => T): T {
  const pointers = texts.map((text) => {
    const bytes = Buffer.from(`${text}\0`)
    const pointer = module._malloc(bytes.length)
    module.HEAPU8.set(bytes, pointer)
    return pointer
  })
  try {
    return call(...pointers)
  } finally {
    for (const pointer of pointers) module._free(pointer)
  }
}

function textAt(module: LibreOfficeModule, pointer: number): string {
  if (pointer === 0) return ''
  const heap = module.HEAPU8
  return Buffer.from(heap.slice(pointer, heap.indexOf(0, pointer))).toString('utf8')
}

function errorOf(module: LibreOfficeModule, office: number): string {
  return textAt(module, module._lok_getError(office)).slice(0, 200)
}
