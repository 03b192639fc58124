/** Office files by both engines, read by programs that had no part in it; and files that want more than to be converted. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LocalEngine } from '../../src/main/providers/local/engine.ts'
import { createOffice } from '../../src/main/providers/local/office/office.ts'
import { createPrograms, type Command } from '../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../src/main/system.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Part } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import { keynoteOf, numbersOf, pagesOf } from '../support/apple-files.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { docxOf, fodpOf, xlsxOf } from '../support/office-files.ts'
import { orderIn } from '../support/order.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { zipOf } from '../support/zip-writer.ts'

leavesNothingOpen()
const minutes = 60_000
const never = new AbortController().signal
const commands: Command[] = []
const programs = createPrograms({ clock: systemClock, maxBytes: 2 ** 31 })
const office = createOffice({
  programs: {
    ...programs,
    run: async (command, signal) => {
      commands.push(command)
      return await programs.run(command, signal)
    },
  },
  clock: systemClock,
  log: testLog,
  pool: { clock: systemClock, log: testLog, priority: 0 },
  width: () => 1,
})
afterAll(async () => {
  await Promise.all([office.engine.stop(), office.soffice.stop()])
  await programs.stop()
})

async function parts(engine: LocalEngine, path: string, from: FormatId, target: FormatId, options: Options = {}) {
  const source = { kind: 'file', path, bytes: 1, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from, target, options, facts: null })
  return await engine.convert(order, () => {}, never)
}

async function converted(
  engine: LocalEngine,
  path: string,
  from: FormatId,
  target: FormatId,
  options?: Options,
): Promise<string> {
  const [part] = await parts(engine, path, from, target, options)
  return (part as Part).temp
}

async function fileOf(name: string, content: Buffer | string): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, content)
  return path
}

function read(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
const words = (pdf: string): string => read('pdftotext', pdf, '-').replaceAll(/\s+/g, ' ').trim()
const pages = (pdf: string): number => Number(/^Pages:\s+(\d+)/m.exec(read('pdfinfo', pdf))?.[1])
/** Every text and value of a packed office file in the order of its XML. */
const texts = (path: string, part: string): string =>
  read(
    'python3',
    '-c',
    'import sys,zipfile,xml.etree.ElementTree as e\nz=zipfile.ZipFile(sys.argv[1])\nprint(" ".join(t.strip() for n in z.namelist() if n.startswith(sys.argv[2]) for t in e.fromstring(z.read(n)).itertext() if t.strip()))',
    path,
    part,
  ).trim()

describe('LibreOffice that comes with Beside', { timeout: 8 * minutes }, () => {
  const { engine } = office
  const sentence = 'Grüße, привет, 日本語'

  it('lays out a document with its title and author, whole, by pages, and as PDF/A', async () => {
    const path = await fileOf('a.docx', docxOf([sentence, ...Array.from({ length: 80 }, (_, n) => `Line ${n}`)]))
    const whole = await converted(engine, path, 'docx', 'pdf')
    const some = await converted(engine, path, 'docx', 'pdf', { pages: '2', pdfa: '2b' })
    expect(words(whole)).toContain(`${sentence} Line 0`)
    expect(read('pdfinfo', whole)).toMatch(/Title:\s+Spring & autumn[^]*Author:\s+Ada Writer/)
    expect([pages(whole), pages(some)]).toEqual([2, 1])
    expect(await readFile(some, 'latin1')).toContain('pdfaid:part>2')
  })

  it('takes a text document through all formats of text and back, word for word', async () => {
    let [path, from]: [string, FormatId] = [await fileOf('a.docx', docxOf(['One two', 'three'])), 'docx']
    let odt = ''
    for (const target of ['odt', 'doc', 'rtf', 'docx'] as const) {
      const result = await converted(engine, path, from, target)
      ;[path, from] = [await fileOf(`next.${target}`, await readFile(result)), target]
      if (target === 'odt') odt = texts(path, 'content.xml')
    }
    expect([odt, texts(path, 'word/document.xml')]).toEqual(['One two three', 'One two three'])
    expect(await readFile(await converted(engine, path, from, 'text'), 'utf8')).toBe('One two\nthree\n')
    const html = await fileOf('a.html', '<html><body><h1>Head</h1><p>one <b>two</b></p></body></html>')
    expect(texts(await converted(engine, html, 'html', 'docx'), 'word/document.xml')).toBe('Head one two')
  })

  it('puts text, HTML and CSV on the paper that is asked for', async () => {
    const text = await fileOf('a.txt', 'a < b\n  é\n')
    const csv = await fileOf('a.csv', 'zip;n\n01234;1\n')
    const html = await fileOf('a.html', '<p>hello</p>')
    const a5 = await converted(engine, text, 'text', 'pdf', { paper: 'a5', orientation: 'landscape' })
    const letter = await converted(engine, csv, 'csv', 'pdf', { paper: 'letter' })
    const usual = await converted(engine, html, 'html', 'pdf')
    const size = (pdf: string) =>
      /Page size:\s+([\d.]+) x ([\d.]+)/
        .exec(read('pdfinfo', pdf))
        ?.slice(1)
        .map((side) => Math.round(Number(side)))
    expect([a5, letter, usual].map(size)).toEqual([
      [595, 420],
      [612, 792],
      [595, 842],
    ])
    expect([words(a5), words(letter), words(usual)]).toEqual(['a < b é', expect.stringContaining('01234 1'), 'hello'])
  })

  it('keeps the cells of spreadsheets', async () => {
    const path = await fileOf(
      'a.xlsx',
      xlsxOf({
        First: [
          ['zip', '01234'],
          [1.5, 2],
        ],
        'Zwei ä': [['x;y', 3]],
      }),
    )
    const ods = await fileOf('a.ods', await readFile(await converted(engine, path, 'xlsx', 'ods')))
    const xls = await fileOf('a.xls', await readFile(await converted(engine, ods, 'ods', 'xls')))
    const again = await converted(engine, xls, 'xls', 'xlsx')
    expect(texts(ods, 'content.xml')).toMatch(/zip 01234 1\.5 2 .*x;y 3/)
    expect(texts(again, 'xl/sharedStrings.xml')).toBe('zip 01234 x;y')
    expect(words(await converted(engine, path, 'xlsx', 'pdf'))).toContain('01234')
    expect(await readFile(await converted(engine, path, 'xlsx', 'html'), 'utf8')).toContain('01234')
  })

  it('keeps the slides of a presentation through all of its formats', async () => {
    let [path, from]: [string, FormatId] = [await fileOf('a.fodp', fodpOf(['First slide', 'Second'])), 'odp']
    let second = ''
    for (const target of ['pptx', 'ppt', 'odp'] as const) {
      const result = await converted(engine, path, from, target)
      ;[path, from] = [await fileOf(`next.${target}`, await readFile(result)), target]
      if (target === 'pptx') second = texts(path, 'ppt/slides/slide2.xml')
    }
    const pdf = await converted(engine, path, from, 'pdf')
    expect([second, pages(pdf), words(pdf)]).toEqual(['Second', 2, 'First slide Second'])
  })

  it('makes lines and letters of a drawing, and no picture of it', async () => {
    const svg = await fileOf(
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="50" height="50"/><text x="60" y="50">Words</text></svg>',
    )
    const pdf = await converted(engine, svg, 'svg', 'pdf')
    expect([words(pdf), read('pdfimages', '-list', pdf).split('\n').length]).toEqual(['Words', 3])
  })

  it('refuses what it cannot read, and goes on', async () => {
    const whole = docxOf(['text'])
    const bad = await fileOf('cut.docx', whole.subarray(0, 700))
    const named = await fileOf('a.docx', xlsxOf({ S: [[1]] }))
    await expect(converted(engine, bad, 'docx', 'pdf')).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
    await expect(converted(engine, named, 'docx', 'pdf')).rejects.toMatchObject({ failure: { code: 'source-unknown' } })
    const none = { failure: { code: 'option-invalid' } }
    await expect(converted(engine, await fileOf('b.docx', whole), 'docx', 'pdf', { pages: '9' })).rejects.toMatchObject(none)
    expect(words(await converted(engine, await fileOf('b.docx', whole), 'docx', 'pdf'))).toBe('text')
  })
})

describe('LibreOffice that is installed', { timeout: 8 * minutes }, () => {
  const { soffice } = office

  it('takes what waits for the same in one call, and what is bad among it by itself', async () => {
    expect(await soffice.version(never)).toMatch(/^LibreOffice \d/)
    const good = await Promise.all(['one', 'two'].map(async (word) => await fileOf('a.docx', docxOf([word]))))
    const bad = await fileOf('a.docx', docxOf(['<w:broken']))
    commands.length = 0
    const results = await Promise.allSettled([...good, bad].map(async (path) => await converted(soffice, path, 'docx', 'pdf')))
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [words(result.value)] : []))
    expect(made).toEqual(['one', 'two'])
    const counts = commands.map(({ args }) => args.filter((arg) => arg.endsWith('.docx')).length)
    expect([Math.max(...counts) > 1, counts.includes(1)]).toEqual([true, true])
  })

  it('reads what Pages, Numbers and Keynote packed, and no other archive under their names', async () => {
    await soffice.version(never)
    const letter = await fileOf('a.pages', pagesOf(['Some words', 'and more']))
    const numbers = await fileOf('a.numbers', numbersOf([41, 42.5]))
    const keynote = await fileOf('a.key', keynoteOf(['One', 'Two']))
    expect(words(await converted(soffice, letter, 'pages', 'pdf'))).toBe('Some words and more')
    expect(texts(await converted(soffice, letter, 'pages', 'docx'), 'word/document.xml')).toContain('and more')
    expect(texts(await converted(soffice, numbers, 'numbers', 'xlsx'), 'xl/worksheets/')).toMatch(/^41 42\.5 /)
    expect(words(await converted(soffice, keynote, 'key', 'pdf'))).toBe('One Two')
    const archive = await fileOf('archive.pages', zipOf([{ name: 'a.txt', content: Buffer.from('no document') }]))
    expect(await converted(soffice, archive, 'pages', 'pdf').catch((error: unknown) => error)).toMatchObject({
      failure: { code: 'source-unknown' },
    })
  })

  it('makes books, and a text document of a PDF', async () => {
    await soffice.version(never)
    const docx = await fileOf('a.docx', docxOf(['Some words']))
    const epub = await converted(soffice, docx, 'docx', 'epub')
    const pdf = await fileOf('a.pdf', await readFile(await converted(soffice, docx, 'docx', 'pdf')))
    const back = await converted(soffice, pdf, 'pdf', 'docx')
    expect(texts(epub, 'OEBPS/sections/')).toContain('Some words')
    expect(texts(back, 'word/document.xml').replaceAll(' ', '')).toContain('Somewords')
  })
})

describe.each(['engine', 'soffice'] as const)(
  'a document that leads elsewhere, with the %s',
  { timeout: 8 * minutes },
  (which) => {
    it('fetches nothing from the network, and takes nothing from the disk', async () => {
      const asked: string[] = []
      const server = createServer(({ url = '' }, answer) => {
        asked.push(url)
        answer.end('')
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(async () => await new Promise<void>((resolve) => server.close(() => resolve())))
      const canary = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const secret = pathToFileURL(await fileOf('secret.txt', 'top-secret-words')).href
      const hostile: readonly (readonly [string, FormatId, Buffer])[] = [
        ['remote.docx', 'docx', docxOf(['safe'], `${canary}/docx.png`)],
        ['remote.fodp', 'odp', fodpOf(['safe'], `${canary}/odp.png`)],
        [
          'remote.html',
          'html',
          Buffer.from(
            `<html><head><link rel="stylesheet" href="${canary}/a.css"></head><body><p>safe</p><img src="${canary}/a.png"><iframe src="${secret}"></iframe><iframe src="${canary}/b.html"></iframe></body></html>`,
          ),
        ],
        [
          'remote.rtf',
          'rtf',
          Buffer.from(
            String.raw`{\rtf1 safe {\field{\*\fldinst INCLUDEPICTURE "${canary}/a.png" \\d}{\fldrslt x}}{\field{\*\fldinst INCLUDETEXT "${secret}"}{\fldrslt y}}}`,
          ),
        ],
      ]
      const engine = office[which]
      await engine.version(never)
      const paths = await Promise.all(hostile.map(async ([name, from, content]) => [await fileOf(name, content), from] as const))
      const results = await Promise.all(paths.map(async ([path, from]) => words(await converted(engine, path, from, 'pdf'))))
      expect(asked).toEqual([])
      for (const text of results) expect(text).toMatch(/^safe/)
      expect(results.join(' ')).not.toContain('top-secret')
    })
  },
)
