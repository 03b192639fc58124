/** A CSV of many rows as XLSX, by Beside's command line and by soffice, in turns. */
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, has, timed, withFolder } from './scene.ts'

export async function sheets(runs: number, rows: number): Promise<readonly Figure[]> {
  if (!(await has('soffice', '--version'))) {
    console.error('soffice is not installed, so sheets are not compared (npm run setup -- libreoffice)')
    return []
  }
  return await withFolder(async (folder) => {
    const source = join(folder, 'rows.csv')
    await pipeline(Readable.from(lines(rows)), createWriteStream(source))
    const figure = await inTurns(
      `a CSV of ${rows.toLocaleString('en')} rows to XLSX`,
      's',
      runs,
      async () => await checked(folder, await beside(source)),
      async () => await checked(folder, await soffice(source, folder)),
      '≤ 1.00',
    )
    return [figure]
  })
}

function* lines(rows: number): Generator<string> {
  yield 'id,name,amount,day\n'
  for (let n = 1; n < rows; n += 1)
    yield `${String(n).padStart(7, '0')},Name ${n % 9973},${((n * 7919) % 1_000_003) / 100},2026-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}\n`
}

async function beside(source: string): Promise<number> {
  return await withFolder(
    async (home) =>
      await timed(process.execPath, [besideProgram, 'convert', source, '--to', 'xlsx'], { env: { BESIDE_HOME: home } }),
  )
}

async function soffice(source: string, to: string): Promise<number> {
  return await withFolder(
    async (profile) =>
      await timed('soffice', [
        `-env:UserInstallation=${pathToFileURL(profile).href}`,
        ...['--headless', '--norestore', '--convert-to', 'xlsx', '--outdir', to, source],
      ]),
  )
}

async function checked(folder: string, seconds: number): Promise<number> {
  const result = join(folder, 'rows.xlsx')
  if ((await stat(result)).size === 0) throw new Error('nothing came of it')
  await rm(result)
  return seconds
}
