/**
 * Text of pictures and of pages that have none, as text or as a PDF that can be searched. Each page is read in a process of its own, several at
 * a time; one on its side or on its head is turned. Who reads them is Tesseract: the one that comes with Beside, or an installed one.
 */
import { writeFile } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import { type Options, pagesIn } from '../../../../shared/options.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import { createTasks, type Tasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext } from '../engine.ts'
import { single } from '../result.ts'
import { languageData, type LanguageData, type LanguagePlaces } from './languages.ts'
import { isOcrSource, type OcrSource } from './pairings.ts'
import { installedReader, tesseractVersion } from './installed.ts'
import type { PageLayer } from './layers.ts'
import type { SheetAsked, Turn } from './sheet.ts'
import type { PageAsked, PageFound, PageRead } from './tasks.ts'

/** Of one page, once. */
const pageLimitMs = 60_000
const fileLimitMs = 120_000
/** Below it a page may stand on its side. */
const sureConfidence = 60
/** What is read of noise has less. */
const leastConfidence = 15

/** Recognizes the text of a page. */
export type PageReader = (reading: PageAsked, signal: AbortSignal, progress: (done: number) => void) => Promise<PageRead>
export type OcrTasks = Tasks<'ocr'>

/** @returns the engine that comes with Beside and the one of an installed Tesseract. */
export function createOcr(context: EngineContext): { readonly embedded: LocalEngine; readonly installed: LocalEngine } {
  const { pool, width, programs, languageFolder = null } = context
  const mib = 2 ** 20
  const limits = {
    tool: 'Tesseract',
    heapMb: 512,
    maxBytes: 1536 * mib,
    grownBytes: 700 * mib,
    isNewAfterFailure: true,
    maxCalls: 100,
  } as const
  const tasks = createTasks('ocr', limits, { ...pool, width: () => width('document') })
  const places = { own: languageFolder }
  const embedded: PageReader = async (reading, signal, progress) =>
    await tasks.run('read', reading, { signal, limitMs: pageLimitMs, progress })
  const installed = installedReader(programs, tasks, pageLimitMs)
  const readBy = async (
    reader: PageReader,
    languages: readonly LanguageData[],
    [order, report, signal]: Parameters<LocalEngine['convert']>,
  ) => await convert({ order, report, signal, languages, read: reader, tasks, width: width('document') })
  return {
    embedded: {
      version: async () => 'Tesseract 5.1 (tesseract.js-core 7.0.0)',
      takes,
      convert: async (...args) => await readBy(embedded, await languagesOf(args[0], places), args),
      stop: tasks.stop,
    },
    installed: {
      version: async (signal) => await tesseractVersion(programs, signal),
      takes,
      // Whoever has put data of a language where the program does not look for it, is served all the same.
      convert: async (...args) => {
        const own = await languagesOf(args[0], { ...places, isWithoutOurs: true }).catch(() => null)
        return own === null
          ? await readBy(embedded, await languagesOf(args[0], places), args)
          : await readBy(installed, own, args)
      },
      stop: async () => {},
    },
  }
}

async function languagesOf({ options }: ProviderOrder, places: LanguagePlaces): Promise<readonly LanguageData[]> {
  return await languageData(options.ocrLanguage ?? 'eng', places)
}

/** Without a word of it, a PDF is not read anew, and a picture becomes a PDF as it is. */
export function takes({ from, target, options }: Pick<ProviderOrder, 'from' | 'target' | 'options'>): boolean {
  if (options.ocr === 'off') return false
  return options.ocr !== undefined || options.ocrLanguage !== undefined || (from !== 'pdf' && target === 'text')
}

interface Conversion {
  readonly order: ProviderOrder
  readonly report: Reporter
  readonly signal: AbortSignal
  readonly languages: readonly LanguageData[]
  readonly read: PageReader
  readonly tasks: OcrTasks
  /** Pages at once. */
  readonly width: number
}

type PageDone = PageFound & { readonly read: (PageRead & { readonly turn: Turn }) | null }

async function convert(conversion: Conversion): Promise<readonly Part[]> {
  const { order, signal, tasks } = conversion
  const { source, from, target, options } = order
  if (source.kind !== 'file') throw new JobError('source-not-local')
  if (!isOcrSource(from)) throw new JobError('pair-unsupported', { from, target })
  const { path } = source
  const { password } = options
  const found = await tasks.run('pages', { path, from, password }, { signal, limitMs: fileLimitMs })
  const pages = await readAll(conversion, path, from, wanted(found, options))
  if (pages.every((page) => textOf(page) === '')) throw new JobError('nothing-found', { path, because: 'no-text' })
  const confidence = confidenceOf(pages)
  const parts = await single(order.temp(0), target, async (output) => {
    const asking = { signal, limitMs: fileLimitMs }
    if (target === 'text') await writeFile(output, `${pages.map(textOf).join('\n\n')}\n`, { flag: 'wx', signal })
    else if (from === 'pdf') {
      const layers = pages.flatMap(({ page, text, read }): readonly PageLayer[] =>
        read === null || read.pdf === null ? [] : [{ page, pdf: read.pdf, turn: read.turn, isWhole: text !== '' }],
      )
      await tasks.run('lay', { path, password, layers, count: found.length, output }, asking)
    } else await tasks.run('join', { path, pages: pages.flatMap(({ read }) => read?.pdf ?? []), output }, asking)
  })
  return parts.map((part) => ({ ...part, ...(confidence !== null && { confidence }) }))
}

function wanted(found: readonly PageFound[], { pages }: Options): readonly PageFound[] {
  const chosen = pagesIn(pages, found.length).flatMap((page) => found[page] ?? [])
  if (pages !== undefined && chosen.length === 0)
    throw new JobError('option-invalid', { option: 'pages', value: pages, allowed: `1-${found.length}` })
  return chosen
}

function textOf({ text, read }: PageDone): string {
  return read?.text ?? text
}

/** Mean over what was recognized, by how much there is of it; null where nothing was. */
function confidenceOf(pages: readonly PageDone[]): number | null {
  const read = pages.flatMap((page) => (page.read === null || page.read.text === '' ? [] : [page.read]))
  const characters = read.reduce((sum, { text }) => sum + text.length, 0)
  return characters === 0
    ? null
    : Math.round(read.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / characters)
}

/** All of them, so many at a time; the first that fails ends the others, and nothing runs any more by then. */
async function readAll(
  conversion: Conversion,
  path: string,
  from: OcrSource,
  pages: readonly PageFound[],
): Promise<readonly PageDone[]> {
  const { order, report, width } = conversion
  const { ocr = 'auto', dpi, password } = order.options
  const failing = new AbortController()
  const signal = AbortSignal.any([conversion.signal, failing.signal])
  const shares = pages.map(() => 0)
  const told = (n: number, done: number) => {
    shares[n] = done
    report({ stage: 'processing', done: shares.reduce((sum, share) => sum + share, 0) / pages.length })
  }
  const done: PageDone[] = []
  const waiting = [...pages.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [n, page] = next
      const isRead = ocr === 'force' || page.text === ''
      const pdf = order.target !== 'pdf' ? null : from === 'pdf' && page.text === '' ? 'layer' : 'page'
      const sheet = { path, from, page: page.page, dpi, password }
      const read = isRead ? await readUpright({ ...conversion, signal }, sheet, pdf, (share) => told(n, share)) : null
      done[n] = { ...page, read }
      told(n, 1)
    }
  }
  const ended = await Promise.allSettled(
    Array.from({ length: Math.max(1, Math.min(width, pages.length)) }, async () => {
      await work().catch((error: unknown) => {
        failing.abort(error)
        throw error
      })
    }),
  )
  conversion.signal.throwIfAborted()
  if (failing.signal.aborted) throw failing.signal.reason
  return ended.length === 0 ? [] : done
}

/** Turned only where it cannot be read as it stands; what no turn makes better stays as it is. */
async function readUpright(
  { read, languages, signal }: Conversion,
  sheet: Omit<SheetAsked, 'turn'>,
  pdf: PageAsked['pdf'],
  progress: (done: number) => void,
): Promise<PageRead & { readonly turn: Turn }> {
  const turned = async (turn: Turn, from: number, share: number) => ({
    ...(await read({ sheet: { ...sheet, turn }, languages, pdf }, signal, (done) => progress(from + done * share))),
    turn,
  })
  const first = await turned(0, 0, 1)
  let best = first
  for (const turn of [90, 270, 180] as const) {
    if (best.confidence >= sureConfidence) return best
    const other = await turned(turn, 1, 0)
    if (other.confidence > best.confidence) best = other
  }
  // Noise is read with as little confidence whichever way it is turned.
  const chosen = best.confidence >= sureConfidence || best.confidence > first.confidence + 20 ? best : first
  return chosen.confidence >= leastConfidence ? chosen : { ...chosen, text: '' }
}
