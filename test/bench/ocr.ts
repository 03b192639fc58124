/** Text of scanned pages: by what comes with Beside, and by Tesseract itself, in turns, a page after the other, on one core each. */
import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { createOcr } from '../../src/main/providers/local/ocr/ocr.ts'
import { createPrograms } from '../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../src/main/system.ts'
import { figure, inTurns, type Figure } from './figures.ts'
import { has, silentLog, timed, withFolder } from './scene.ts'

const lines = [
  'The quick brown fox jumps over the lazy dog and',
  'pays invoice 2026-1187, total 1,234.56 EUR, to',
  'the sphinx of quartz, who judges every vow twice.',
]

export async function ocr(runs: number, pages: number): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const paths: string[] = []
    for (let page = 0; page < pages; page += 1) paths.push(await drawn(join(folder, `${page}.png`), page))
    const what = `${pages} pages to text`
    const ours = async () => await embedded(folder, paths)
    if (!(await has('tesseract', '--version'))) return [figure(what, 's', [await ours()])]
    const bare = async () => {
      let seconds = 0
      for (const path of paths)
        seconds += await timed('tesseract', [path, join(folder, 'bare'), '--dpi', '200'], { env: { OMP_THREAD_LIMIT: '1' } })
      return seconds
    }
    return [await inTurns(what, 's', runs, ours, bare, '≤ 3 ×')]
  })
}

/** A4 in 200 dpi. */
async function drawn(path: string, page: number): Promise<string> {
  const texts = Array.from(
    { length: 38 },
    (_, n) =>
      `<text x="150" y="${200 + n * 54}" font-family="DejaVu Serif" font-size="36">${lines[(n + page) % lines.length]}</text>`,
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1654" height="2339"><rect width="100%" height="100%" fill="#fff"/>${texts.join('')}</svg>`
  await sharp(Buffer.from(svg)).withMetadata({ density: 200 }).png().toFile(path)
  return path
}

async function embedded(folder: string, paths: readonly string[]): Promise<number> {
  const programs = createPrograms({ clock: systemClock, maxBytes: 2 ** 31 })
  const pool = { log: silentLog, clock: systemClock, priority: constants.priority.PRIORITY_NORMAL }
  const { embedded: engine } = createOcr({ programs, clock: systemClock, log: silentLog, width: () => 1, pool })
  const begun = performance.now()
  for (const [n, path] of paths.entries()) {
    const source = { kind: 'file', path, bytes: 1, mtimeMs: 0 } as const
    const order = {
      source,
      from: 'png',
      target: 'text',
      options: {},
      facts: null,
      key: '',
      notes: {},
      note: async () => {},
    } as const
    await engine.convert({ ...order, temp: () => join(folder, `${n}.txt`) }, () => {}, new AbortController().signal)
  }
  const seconds = (performance.now() - begun) / 1000
  for (const n of paths.keys()) await rm(join(folder, `${n}.txt`))
  await engine.stop()
  await programs.stop()
  return seconds
}
