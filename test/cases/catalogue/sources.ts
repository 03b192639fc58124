/** A small real source of each format, made by a program that has no part in reading it, or byte by byte. */
import { execFileSync } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { utils, write as writeBook } from '@e965/xlsx'
import sharp from 'sharp'
import { extensionOf, type FormatId } from '../../../src/shared/formats.ts'
import { paper } from '../../providers/local/ocr/reading.ts'
import { negativeOf } from '../../support/dng.ts'
import { docxOf, fodpOf, xlsxOf } from '../../support/office-files.ts'
import { xcfOf } from '../../support/xcf.ts'

const markdown = '# Alpha\n\nSome *beta* words, größer.\n'
const rows = [
  ['name', 'code'],
  ['größer', '01234'],
] as const
const srt = '1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n'
const json = '[{"name":"größer","code":"01234"}]'

/** What is written as it stands. */
const texts: Readonly<Record<string, string>> = {
  md: markdown,
  text: 'Alpha\n\nSome beta words, größer.\n',
  html: '<!doctype html><html><head><meta charset="utf-8"><title>Alpha</title></head><body><h1>Alpha</h1><p>Some <em>beta</em> words, größer.</p></body></html>',
  rst: 'Alpha\n=====\n\nSome *beta* words, größer.\n',
  latex: String.raw`\documentclass{article}\begin{document}\section{Alpha} Some \emph{beta} words, größer.\end{document}`,
  org: '* Alpha\n\nSome /beta/ words, größer.\n',
  mediawiki: "= Alpha =\n\nSome ''beta'' words, größer.\n",
  docbook:
    '<?xml version="1.0"?><article xmlns="http://docbook.org/ns/docbook" version="5.0"><section><title>Alpha</title><para>Some <emphasis>beta</emphasis> words, größer.</para></section></article>',
  ipynb: JSON.stringify({
    cells: [{ cell_type: 'markdown', metadata: {}, source: ['# Alpha\n', '\n', 'Some *beta* words, größer.\n'] }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  }),
  csv: rows.map((row) => `${row.join(',')}\n`).join(''),
  tsv: rows.map((row) => `${row.join('\t')}\n`).join(''),
  json,
  ndjson: `${json.slice(1, -1)}\n`,
  yaml: '- name: größer\n  code: "01234"\n',
  toml: '[[rows]]\nname = "größer"\ncode = "01234"\n',
  xml: '<?xml version="1.0"?><rows><row><name>größer</name><code>01234</code></row></rows>',
  srt,
  vtt: `WEBVTT\n\n${srt.replaceAll(',0', '.0')}`,
  ass: '[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,16\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hello\nDialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Bye\n',
  ttml: '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">Hello</p><p begin="3s" end="4s">Bye</p></div></body></tt>',
  sbv: '0:00:01.000,0:00:02.000\nHello\n\n0:00:03.000,0:00:04.000\nBye\n',
  lrc: '[00:01.00]Hello\n[00:02.00]\n[00:03.00]Bye\n[00:04.00]\n',
  sub: '{1}{1}25\n{25}{50}Hello\n{75}{100}Bye\n',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="30" height="40"/></svg>',
  eps: '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 144 72\n/Times-Roman findfont 24 scalefont setfont 10 30 moveto (Alpha beta) show showpage\n',
}

const bytes: Readonly<Record<string, () => Buffer>> = {
  docx: () => docxOf(['Alpha', 'Some beta words, größer.']),
  xlsx: () => xlsxOf({ Sheet: rows }),
  xlsb: () => binaryWorkbookOf(rows),
  xcf: () => xcfOf(60, 40, [{ left: 0, top: 0, width: 60, height: 40, colour: [192, 32, 32] }]),
  raw: () => negativeOf({ width: 60, height: 40, colourAt: () => [0.5, 0.1, 0.1] }),
  icns: () => iconOf(pngOf(128)),
  ico: () => windowsIconOf(pngOf(32), 32),
  psd: () => psdOf(60, 40),
  dds: () => ddsOf(60, 40),
  hdr: () => hdrOf(60, 40),
}

/** Nothing else writes it here; LibreOffice, which reads it, has no part in that. */
function binaryWorkbookOf(cells: readonly (readonly string[])[]): Buffer {
  const book = utils.book_new()
  utils.book_append_sheet(book, utils.aoa_to_sheet(cells.map((row) => [...row])), 'Sheet')
  return writeBook(book, { bookType: 'xlsb', type: 'buffer' }) as Buffer
}

/** Of a file in another format, by the program that turns it into this one. */
const turned: Readonly<
  Record<string, { readonly of: FormatId | 'slides'; readonly by: 'soffice' | 'ebook-convert' | 'pandoc' }>
> = {
  doc: { of: 'docx', by: 'soffice' },
  odt: { of: 'docx', by: 'soffice' },
  rtf: { of: 'docx', by: 'soffice' },
  xls: { of: 'xlsx', by: 'soffice' },
  ods: { of: 'xlsx', by: 'soffice' },
  pptx: { of: 'slides', by: 'soffice' },
  ppt: { of: 'slides', by: 'soffice' },
  odp: { of: 'slides', by: 'soffice' },
  pdf: { of: 'docx', by: 'soffice' },
  epub: { of: 'md', by: 'pandoc' },
  mobi: { of: 'epub', by: 'ebook-convert' },
  azw3: { of: 'epub', by: 'ebook-convert' },
  fb2: { of: 'epub', by: 'ebook-convert' },
}

const byFfmpeg: ReadonlySet<string> = new Set('jpeg png webp tiff gif bmp tga ppm pcx qoi exr jp2'.split(' '))
const pictures: ReadonlySet<FormatId> = new Set(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'heic'])

/**
 * Sources in a folder, each made when it is first asked for.
 * @returns path of the source of a format; of a picture whose text is wanted, one that has text.
 */
export function sourcesIn(folder: string): (format: FormatId, target: FormatId) => Promise<string> {
  const made = new Map<string, Promise<string>>()
  const once = async (name: string, make: (path: string) => Promise<void> | void): Promise<string> => {
    const path = join(folder, name)
    const making = made.get(name) ?? Promise.resolve(make(path)).then(() => path)
    made.set(name, making)
    return await making
  }

  const sourceOf = async (format: FormatId, target: FormatId): Promise<string> => {
    if (pictures.has(format) && target === 'text')
      return await once(`paper.${extensionOf(format)}`, async (path) => await writePaper(format, path))
    return await once(`from ${format}.${extensionOf(format)}`, async (path) => await write(format, path))
  }

  const write = async (format: FormatId, path: string): Promise<void> => {
    const text = texts[format] ?? bytes[format]?.()
    if (text !== undefined) return await writeFile(path, text)
    const step = turned[format]
    if (step !== undefined) return await turn(step, path)
    if (byFfmpeg.has(format))
      return byProgram('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=60x40', '-frames:v', '1', path])
    if (format === 'jxl') return byProgram('cjxl', [await sourceOf('png', 'jxl'), path])
    if (format === 'djvu') return byProgram('c44', [await sourceOf('ppm', 'djvu'), path])
    if (format === 'heic') return byProgram('heif-enc', [await sourceOf('png', 'heic'), '-o', path])
    if (format !== 'avif') throw new Error(`there is no source of the format ${format}`)
    await sharp(await sourceOf('png', 'avif')).toFile(path)
  }

  const turn = async ({ of, by }: (typeof turned)[string], path: string): Promise<void> => {
    const source =
      of === 'slides'
        ? await once('slides.fodp', async (slides) => await writeFile(slides, fodpOf(['Alpha', 'beta größer'])))
        : await sourceOf(of, of)
    if (by !== 'soffice') return byProgram(by, by === 'pandoc' ? [source, '-o', path] : [source, path])
    const ending = path.slice(path.lastIndexOf('.') + 1)
    const profile = `-env:UserInstallation=file://${folder}/profile`
    const out = join(folder, `turned ${ending}`)
    byProgram('soffice', [profile, '--headless', '--convert-to', ending, '--outdir', out, source])
    await copyFile(join(out, source.slice(folder.length + 1).replace(/\.[^.]*$/, `.${ending}`)), path)
  }
  return sourceOf
}

function byProgram(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function writePaper(format: FormatId, path: string): Promise<void> {
  const page = paper(['Some Alpha beta words.'], { width: 800, height: 200 })
  if (format !== 'heic') return void (await page.toFormat(format as 'png').toFile(path))
  await page.png().toFile(`${path}.png`)
  byProgram('heif-enc', [`${path}.png`, '-o', path])
}

function pngOf(side: number): Buffer {
  const picture = `testsrc=size=${side}x${side}`
  return execFileSync('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    picture,
    '-frames:v',
    '1',
    '-c:v',
    'png',
    '-f',
    'image2pipe',
    '-',
  ])
}

function iconOf(png: Buffer): Buffer {
  const entry = (type: string, data: Buffer) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(data.length + 8, 4)
    return Buffer.concat([head, data])
  }
  return entry('icns', entry('ic07', png))
}

function windowsIconOf(png: Buffer, side: number): Buffer {
  const head = Buffer.from([0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 22, 0, 0, 0])
  head.writeUInt32LE(png.length, 14)
  return Buffer.concat([head, png])
}

/** Of one colour, not packed. */
function psdOf(width: number, height: number): Buffer {
  const head = Buffer.alloc(26)
  head.write('8BPS', 'latin1')
  for (const [at, value] of [[4, 1], [12, 3], [22, 8], [24, 3]] as const) head.writeUInt16BE(value, at) // prettier-ignore
  head.writeUInt32BE(height, 14)
  head.writeUInt32BE(width, 18)
  return Buffer.concat([head, Buffer.alloc(14), ...[192, 32, 32].map((value) => Buffer.alloc(width * height, value))])
}

/** Blue, green, red and alpha of each pixel, as they are. */
function ddsOf(width: number, height: number): Buffer {
  const head = Buffer.alloc(128)
  head.write('DDS ', 'latin1')
  const words = [124, 0x100f, height, width, width * 4]
  for (const [n, word] of words.entries()) head.writeUInt32LE(word, 4 + n * 4)
  for (const [n, word] of [32, 0x41, 0, 32, 0xff0000, 0xff00, 0xff, 0xff000000, 0x1000].entries())
    head.writeUInt32LE(word, 76 + n * 4)
  return Buffer.concat([head, Buffer.alloc(width * height * 4, Buffer.from([32, 32, 192, 255]))])
}

/** Four bytes a pixel, not packed in runs. */
function hdrOf(width: number, height: number): Buffer {
  const head = `#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y ${height} +X ${width}\n`
  return Buffer.concat([Buffer.from(head), Buffer.alloc(width * height * 4, Buffer.from([192, 32, 32, 128]))])
}
