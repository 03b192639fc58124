/** Data and tables through all of Beside, each result read by Python, which had no part in making it. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'

const reader = fileURLToPath(new URL('../support/data-reader.py', import.meta.url))

function seen(path: string, format: string): unknown {
  return JSON.parse(execFileSync('python3', [reader, format, path], { encoding: 'utf8', maxBuffer: 1 << 28 }))
}

/** What the same three rows are in each format. */
const rows = [
  { name: 'a, "b"', zip: '0012', n: 1.5 },
  { name: 'é\nü', zip: '99', n: -2 },
  { name: '=1+1', zip: '7', n: 30 },
]
const sources: Readonly<Record<string, string>> = {
  csv: 'name,zip,n\n"a, ""b""",0012,1.5\n"é\nü",99,-2\n=1+1,7,30\n',
  tsv: 'name\tzip\tn\n"a, ""b"""\t0012\t1.5\n"é\nü"\t99\t-2\n=1+1\t7\t30\n',
  json: JSON.stringify(rows),
  ndjson: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  yaml: '- {name: \'a, "b"\', zip: "0012", n: 1.5}\n- name: |-\n    é\n    ü\n  zip: "99"\n  n: -2\n- {name: "=1+1", zip: "7", n: 30}\n',
  toml: '[[rows]]\nname = \'a, "b"\'\nzip = "0012"\nn = 1.5\n[[rows]]\nname = "é\\nü"\nzip = "99"\nn = -2\n[[rows]]\nname = "=1+1"\nzip = "7"\nn = 30\n',
}
const table = [['name', 'zip', 'n'], ...rows.map(({ name, zip, n }) => [name, zip, String(n)])]
const typed = rows.map((row) => ({ ...row, n: String(row.n) }))

describe('the same rows', () => {
  it.each([
    ['csv', table],
    ['tsv', table],
    ['ndjson', typed],
  ] as const)('are the same as %s, whatever they come from', async (target, expected) => {
    const folder = await temporaryFolder()
    const from = Object.keys(sources).filter((format) => format !== target)
    for (const format of from) await writeFile(join(folder, `${format}.${format}`), sources[format] ?? '')
    const { convert } = await testBeside(folder)
    const { jobs } = await convert(
      from.map((format) => join(folder, `${format}.${format}`)),
      target,
    )
    expect(jobs.map(endedInWords)).toEqual(from.map(() => 'done'))
    for (const job of jobs) {
      const [path = ''] = outputsOf(job)
      // A TOML file has a name for its list, which one line of JSON keeps.
      const wanted =
        target === 'ndjson' && basename(path).startsWith('toml')
          ? [{ rows: expected.map((row) => ({ ...row, n: row.n === '-2' ? -2 : row.n === '30' ? 30 : row.n })) }]
          : expected
      expect([path, loose(seen(path, target))]).toEqual([path, loose(wanted)])
    }
  })

  it('are the same as JSON, YAML, TOML and XML', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'rows.csv')
    await writeFile(path, sources['csv'] ?? '')
    const { convert } = await testBeside(folder)
    const made = async (target: string) => outputsOf((await convert([path], target)).jobs[0] as never)[0] ?? ''
    expect(seen(await made('json'), 'json')).toEqual(typed)
    expect(loose(seen(await made('toml'), 'toml'))).toEqual(loose({ items: rows }))
    const xml = rows.map(({ name, zip, n }) => [
      'item',
      {
        '#': [
          ['name', name],
          ['zip', zip],
          ['n', String(n)],
        ],
      },
    ])
    expect(seen(await made('xml'), 'xml')).toEqual(['root', { '#': xml }])
    const back = await convert([await made('yaml')], 'json')
    expect(seen(outputsOf(back.jobs[0] as never)[0] ?? '', 'json')).toEqual(typed)
  })
})

/** Figures as text, however their reader tells them. */
function loose(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (_, value: unknown) => (typeof value === 'number' ? String(value) : value)))
}

describe('a workbook', () => {
  it('holds text as text, figures as figures and dates as dates', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'a.csv')
    await writeFile(path, 'zip,n,day,f\n0012,1.50,2024-02-29,=cmd()\n7,-3,1999-12-31,a<b\n')
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([path], 'xlsx')
    const [xlsx = ''] = jobs.flatMap(outputsOf)
    expect(jobs.map(endedInWords)).toEqual(['done'])
    expect(seen(xlsx, 'xlsx')).toEqual([
      [
        ['A1', 'inlineStr', 'zip'],
        ['B1', 'inlineStr', 'n'],
        ['C1', 'inlineStr', 'day'],
        ['D1', 'inlineStr', 'f'],
      ],
      [
        ['A2', 'inlineStr', '0012'],
        ['B2', 'n', '1.50'],
        ['C2', 'n1', '45351'],
        ['D2', 'inlineStr', '=cmd()'],
      ],
      [
        ['A3', 'inlineStr', '7'],
        ['B3', 'n', '-3'],
        ['C3', 'n1', '36525'],
        ['D3', 'inlineStr', 'a<b'],
      ],
    ])
    // And back, by another reader.
    const again = await convert([xlsx], 'tsv')
    expect(seen(again.jobs.flatMap(outputsOf)[0] ?? '', 'tsv')).toEqual([
      ['zip', 'n', 'day', 'f'],
      ['0012', '1.5', '2024-02-29', '=cmd()'],
      ['7', '-3', '1999-12-31', 'a<b'],
    ])
  })
})
