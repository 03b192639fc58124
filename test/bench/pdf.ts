/** The pages of a PDF of text as PNG, by Beside's command line and by pdftoppm, in turns. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, has, timed, withFolder } from './scene.ts'

const rows = 48

export async function pdf(runs: number, pages: number): Promise<readonly Figure[]> {
  if (!(await has('pdftoppm', '-v')) || !(await has('gs', '--version'))) {
    console.error(
      'pdftoppm or gs is not installed, so pages are not compared (Debian: apt-get install poppler-utils ghostscript)',
    )
    return []
  }
  return await withFolder(async (folder) => {
    const source = join(folder, 'book.pdf')
    await book(source, join(folder, 'book.ps'), pages)
    const figure = await inTurns(
      `a PDF of ${pages} pages to PNG`,
      's',
      runs,
      async () => await emptied(folder, pages, async (to) => await beside(source, to)),
      async () =>
        await emptied(folder, pages, async (to) => await timed('pdftoppm', ['-png', '-r', '150', source, join(to, 'page')])),
      '≤ 0.30',
    )
    return [figure]
  })
}

/** Text in a font of its own on every page. */
async function book(path: string, postscript: string, pages: number): Promise<void> {
  const line = (page: number, row: number) =>
    `60 ${740 - row * 14} moveto (Page ${page}, line ${row}: what is written here is long enough to fill a line ${(page * 7919 + row * 104_729) % 99_991}) show`
  const drawn = Array.from(
    { length: pages },
    (_, page) =>
      `/Times-Roman findfont 11 scalefont setfont ${Array.from({ length: rows }, (__, row) => line(page, row)).join('\n')} showpage`,
  )
  await writeFile(postscript, drawn.join('\n'))
  await timed('gs', [
    '-q',
    '-dBATCH',
    '-dNOPAUSE',
    '-sDEVICE=pdfwrite',
    '-dPDFSETTINGS=/prepress',
    `-sOutputFile=${path}`,
    postscript,
  ])
}

async function beside(source: string, to: string): Promise<number> {
  return await withFolder(
    async (home) =>
      await timed(process.execPath, [besideProgram, 'convert', source, '--to', 'png', '--out', to], {
        env: { BESIDE_HOME: home },
      }),
  )
}

async function emptied(folder: string, pages: number, run: (to: string) => Promise<number>): Promise<number> {
  const to = join(folder, 'results')
  await mkdir(to)
  const seconds = await run(to)
  const made = (await readdir(to)).length
  if (made !== pages) throw new Error(`${made} pages instead of ${pages}`)
  await rm(to, { recursive: true })
  return seconds
}
