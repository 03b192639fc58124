/** What the tests of recognized text share: pages with text that is known, the engines by themselves, and how far two texts are apart. */
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import sharp, { type Sharp } from 'sharp'
import { afterAll } from 'vitest'
import type { EngineContext } from '../../../../src/main/providers/local/engine.ts'
import type { LocalEngine } from '../../../../src/main/providers/local/engine.ts'
import { createOcr } from '../../../../src/main/providers/local/ocr/ocr.ts'
import { createPrograms } from '../../../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../../../src/main/system.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import type { Part } from '../../../../src/shared/job.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { testLog } from '../../../support/log.ts'
import { orderIn } from '../../../support/order.ts'

export const english = [
  'The quick brown fox jumps over the lazy dog.',
  'Invoice 2026-1187, total 1,234.56 EUR',
  'Sphinx of quartz!',
]

/** Lines of text on paper, as a printer would have them in 150 dpi. */
export function paper(lines: readonly string[], { width = 1240, height = 100 + lines.length * 70 } = {}): Sharp {
  const texts = lines.map(
    (line, n) => `<text x="90" y="${110 + n * 70}" font-family="DejaVu Serif" font-size="34">${line}</text>`,
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fdfcf4"/>${texts.join('')}</svg>`
  return sharp(Buffer.from(svg)).removeAlpha()
}

export interface Done {
  readonly part: Part
  readonly path: string
}
export interface Ocr {
  readonly context: EngineContext
  readonly engines: { readonly embedded: LocalEngine; readonly installed: LocalEngine }
  convert(
    by: 'embedded' | 'installed',
    path: string,
    from: FormatId,
    target: FormatId,
    options?: Options,
    signal?: AbortSignal,
  ): Promise<Done>
  text(path: string, from: FormatId, options?: Options): Promise<string>
}

const never = new AbortController().signal

/** Ends with the test file. */
export function startOcr(languageFolder?: string): Ocr {
  const programs = createPrograms({ clock: systemClock, maxBytes: 2 ** 31 })
  const context: EngineContext = {
    programs,
    clock: systemClock,
    log: testLog,
    width: () => 2,
    pool: { log: testLog, clock: systemClock, priority: constants.priority.PRIORITY_BELOW_NORMAL },
    ...(languageFolder !== undefined && { languageFolder }),
  }
  const engines = createOcr(context)
  afterAll(async () => {
    await Promise.all([engines.embedded.stop(), engines.installed.stop()])
    await programs.stop()
  })
  const convert: Ocr['convert'] = async (by, path, from, target, options = {}, signal = never) => {
    const source = { kind: 'file', path, bytes: 1, mtimeMs: 0 } as const
    const { order } = orderIn(await temporaryFolder(), { source, from, target, options, facts: null })
    const [part, ...others] = await engines[by].convert(order, () => {}, signal)
    if (part === undefined || others.length > 0) throw new Error('not one part')
    return { part, path: part.temp }
  }
  return {
    context,
    engines,
    convert,
    text: async (path, from, options) => await readFile((await convert('embedded', path, from, 'text', options)).path, 'utf8'),
  }
}

/** Characters to change, of a hundred; runs of white count as one. */
export function wrongPercent(found: string, wanted: readonly string[]): number {
  const [a, b] = [found, wanted.join(' ')].map((text) => text.trim().replaceAll(/\s+/g, ' ').split(''))
  if (a === undefined || b === undefined) return 100
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (const [i, one] of a.entries()) {
    const next = [i + 1]
    for (const [j, other] of b.entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (one === other ? 0 : 1)))
    row = next
  }
  return ((row.at(-1) ?? 0) / b.length) * 100
}
