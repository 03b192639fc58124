/**
 * Tesseract as WebAssembly, in the process that calls it. Its core is asked directly: the package around it starts threads of its own and
 * fetches what it lacks. Runs in the process of the tasks alone.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import { JobError } from '../../../../shared/failure.ts'
import type { LanguageData } from './languages.ts'

/** Grey, a byte a pixel, row after row. */
export interface GreyPixels {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

export interface Recognized {
  readonly text: string
  /** Mean of its words, 0 to 100; 0 where there are none. */
  readonly confidence: number
}

export interface Tesseract {
  recognize(page: GreyPixels, dpi: number, progress: (done: number) => void): Recognized
  /**
   * The page that was recognized last, as a PDF of one page: its text, which is not seen, over this JPEG or PNG, which goes in as it is.
   * Null: the text alone.
   */
  pdf(title: string, picture: Uint8Array | null): Uint8Array
}

interface BaseApi {
  Init(folder: string, languages: string, engine: number, config: undefined): number
  SetVariable(name: string, value: string): boolean
  SetImageFile(exifOrientation: number, radians: number): number
  SetInputName(path: string): void
  Recognize(monitor: null): number
  GetUTF8Text(): string
  MeanTextConf(): number
  Clear(): void
}
interface PdfRenderer {
  BeginDocument(title: string): void
  AddImage(api: BaseApi): void
  EndDocument(): void
}
interface Core {
  readonly FS: {
    mkdir(path: string): void
    writeFile(path: string, bytes: Uint8Array): void
    readFile(path: string): Uint8Array
    unlink(path: string): void
  }
  readonly TessBaseAPI: new () => BaseApi
  readonly TessPDFRenderer: new (base: string, dataFolder: string, isTextOnly: boolean) => PdfRenderer
}
type CreateCore = (host: {
  TesseractProgress(percent: number): void
  print(line: string): void
  printErr(line: string): void
}) => Promise<Core>

const dataFolder = '/tessdata'
/** Where the core looks for its picture. */
const inputFile = '/input'
/** The neural network alone: it is all that the data holds. */
const lstmOnly = 1

/** @throws JobError where the data of a language is none. */
export async function startTesseract(languages: readonly LanguageData[]): Promise<Tesseract> {
  const require = createRequire(import.meta.url)
  const create = require('tesseract.js-core/tesseract-core-simd-lstm.js') as CreateCore
  let tell = (_done: number): void => {}
  const silent = () => {}
  // The search for lines is not counted and ends at 30.
  const core = await create({
    TesseractProgress: (percent) => tell(Math.max(0, (percent - 30) / 70)),
    print: silent,
    printErr: silent,
  })
  core.FS.mkdir(dataFolder)
  for (const { code, path } of languages) {
    const bytes = await readFile(path)
    core.FS.writeFile(`${dataFolder}/${code}.traineddata`, path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  }
  const api = new core.TessBaseAPI()
  const codes = languages.map(({ code }) => code).join('+')
  if (api.Init(dataFolder, codes, lstmOnly, undefined) !== 0)
    throw new JobError('tool-failed', { tool: 'Tesseract', reason: languages.map(({ path }) => path).join(', ') })

  return {
    recognize: ({ width, height, pixels }, dpi, progress) => {
      tell = progress
      core.FS.writeFile(inputFile, Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), pixels]))
      api.SetVariable('user_defined_dpi', String(Math.round(dpi)))
      if (api.SetImageFile(1, 0) !== 0 || api.Recognize(null) !== 0)
        throw new JobError('source-damaged', { because: 'not-decodable' })
      core.FS.unlink(inputFile)
      const text = api.GetUTF8Text().trim()
      return { text, confidence: text === '' ? 0 : api.MeanTextConf() }
    },
    pdf: (title, picture) => {
      const file = '/picture'
      if (picture !== null) {
        core.FS.writeFile(file, picture)
        api.SetInputName(file)
      }
      const renderer = new core.TessPDFRenderer('/page', dataFolder, picture === null)
      renderer.BeginDocument(title)
      renderer.AddImage(api)
      renderer.EndDocument()
      const pdf = Buffer.from(core.FS.readFile('/page.pdf'))
      core.FS.unlink('/page.pdf')
      if (picture !== null) core.FS.unlink(file)
      api.Clear()
      return pdf
    },
  }
}
