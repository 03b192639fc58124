/** Workbooks of all formats as tables and data, each result read by Python, which had no part in making it. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { utils, write, type BookType } from '@e965/xlsx'
import { afterAll, describe, expect, it } from 'vitest'
import { createLocal } from '../../src/main/providers/local/local.ts'
import { systemClock } from '../../src/main/system.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Part } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import { onPath } from '../support/ffmpeg-place.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { xlsxOf } from '../support/office-files.ts'
import { orderIn } from '../support/order.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

const reader = fileURLToPath(new URL('../support/data-reader.py', import.meta.url))
leavesNothingOpen()
const never = new AbortController().signal
const local = createLocal({ clock: systemClock, log: testLog, cores: 2, ffmpegPlace: onPath })
afterAll(async () => await local.stop())
const formats = ['xlsx', 'xls', 'ods'] as const

function seen(path: string, format: string): unknown {
  return JSON.parse(execFileSync('python3', [reader, format, path], { encoding: 'utf8' }))
}

/** Postcodes as text and as figures that are shown with noughts, and a date with and without a time. */
function bookOf(type: BookType, { date1904 = false } = {}): Buffer {
  const first = utils.aoa_to_sheet([
    ['zip', 'code', 'day', 'n'],
    ['01234', 0, 0, 1.5],
  ])
  const day = date1904 ? 43_889 : 45_351
  Object.assign(first, { B2: { t: 'n', v: 42, z: '00000' }, C2: { t: 'n', v: day + 0.5, z: 'd/m/yy h:mm' } })
  const book = utils.book_new()
  utils.book_append_sheet(book, first, 'First')
  utils.book_append_sheet(
    book,
    utils.aoa_to_sheet([
      ['x;y', 'ä'],
      [true, '=1+1'],
    ]),
    'Zwei ä',
  )
  book.Workbook = { WBProps: { date1904 } }
  return write(book, { type: 'buffer', bookType: type }) as Buffer
}

async function results(name: string, content: Buffer, target: FormatId, options: Options = {}): Promise<readonly Part[]> {
  const folder = await temporaryFolder()
  const path = join(folder, name)
  await writeFile(path, content)
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(folder, { source, from: facts.format, target, options, facts })
  const submitted = await local.submit(order, () => {}, never)
  return submitted.kind === 'converted' ? submitted.parts : []
}

const rows = [
  ['zip', 'code', 'day', 'n'],
  ['01234', '00042', '2024-02-29T12:00:00', '1.5'],
]
const second = [
  ['x;y', 'ä'],
  ['TRUE', '=1+1'],
]

describe.each(formats)('a workbook of %s', (format) => {
  it('becomes a table for each sheet, with its name', async () => {
    const parts = await results(`a.${format}`, bookOf(format), 'csv')
    expect(parts.map(({ temp, name }) => [name, seen(temp, 'csv')])).toEqual([
      ['First', rows],
      ['Zwei ä', second],
    ])
  })

  it.each(['Zwei ä', '2'])('becomes the table of the sheet that is asked for as %s', async (sheet) => {
    const parts = await results(`a.${format}`, bookOf(format), 'tsv', { sheet })
    expect(parts.map(({ temp, name }) => [name, seen(temp, 'tsv')])).toEqual([[null, second]])
  })

  it('becomes data with its kinds', async () => {
    const [part] = await results(`a.${format}`, bookOf(format), 'json', { sheet: 'First' })
    expect(seen(part?.temp ?? '', 'json')).toEqual([{ zip: '01234', code: '00042', day: '2024-02-29T12:00:00', n: '1.5' }])
  })
})

it.each(['xlsx', 'xls'] as const)('days are counted from 1904 where %s says so', async (format) => {
  const [part] = await results(`a.${format}`, bookOf(format, { date1904: true }), 'csv', { sheet: '1' })
  expect(seen(part?.temp ?? '', 'csv')).toEqual(rows)
})

it('separator and encoding are those that are asked for', async () => {
  const [part] = await results('a.xlsx', bookOf('xlsx'), 'csv', { sheet: '2', delimiter: 'semicolon', encoding: 'utf-16le' })
  const script =
    "import csv,json,sys\nprint(json.dumps(list(csv.reader(open(sys.argv[1],newline='',encoding='utf-16'),delimiter=';'))))"
  expect(JSON.parse(execFileSync('python3', ['-c', script, part?.temp ?? ''], { encoding: 'utf8' }))).toEqual(second)
})

it('a sheet that is not there is refused with the names of those that are', async () => {
  const facts = { option: 'sheet', value: 'Three', allowed: 'One, Two' }
  await expect(results('a.xlsx', xlsxOf({ One: [[1]], Two: [[2]] }), 'csv', { sheet: 'Three' })).rejects.toMatchObject({
    failure: { code: 'option-invalid', facts },
  })
})
