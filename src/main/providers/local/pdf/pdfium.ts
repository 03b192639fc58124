/**
 * PDFium in WebAssembly: documents opened in its memory, their pages measured and drawn. It sees no disk and no network, but a page may keep it
 * busy for ever, so that it runs in processes that are ended from outside.
 */
import { readFile, stat } from 'node:fs/promises'
import { PDFiumModule } from '@hyzyla/pdfium'
import { JobError } from '../../../../shared/failure.ts'
import type { DrawnPage } from '../images/call.ts'
import type { PixelSize } from '../images/size.ts'

type Pointer = number

/** What is used of the library; a pointer of 0 is none. */
interface Library {
  /** Anew whenever its memory has grown. */
  readonly HEAPU8: Uint8Array
  readonly wasmExports: Calls
}
interface Calls {
  malloc(bytes: number): Pointer
  free(pointer: Pointer): void
  FPDF_InitLibrary(): void
  FPDF_LoadMemDocument(data: Pointer, bytes: number, password: Pointer): Pointer
  FPDF_GetLastError(): number
  FPDF_CloseDocument(document: Pointer): void
  FPDF_GetPageCount(document: Pointer): number
  FPDF_GetPageSizeByIndexF(document: Pointer, page: number, size: Pointer): number
  FPDF_GetMetaText(document: Pointer, tag: Pointer, buffer: Pointer, bytes: number): number
  FPDF_GetSecurityHandlerRevision(document: Pointer): number
  FPDF_LoadPage(document: Pointer, page: number): Pointer
  FPDF_ClosePage(page: Pointer): void
  FPDFPage_GetRotation(page: Pointer): number
  FPDFPage_CountObjects(page: Pointer): number
  FPDFPage_GetObject(page: Pointer, index: number): Pointer
  FPDFPageObj_GetType(object: Pointer): number
  FPDFFormObj_CountObjects(object: Pointer): number
  FPDFFormObj_GetObject(object: Pointer, index: number): Pointer
  FPDFImageObj_GetImagePixelSize(object: Pointer, width: Pointer, height: Pointer): number
  FPDFPageObj_GetBounds(object: Pointer, left: Pointer, bottom: Pointer, right: Pointer, top: Pointer): number
  FPDFBookmark_GetFirstChild(document: Pointer, bookmark: Pointer): Pointer
  FPDFBookmark_GetNextSibling(document: Pointer, bookmark: Pointer): Pointer
  FPDFBookmark_GetTitle(bookmark: Pointer, buffer: Pointer, bytes: number): number
  FPDFBookmark_GetDest(document: Pointer, bookmark: Pointer): Pointer
  FPDFBookmark_GetAction(bookmark: Pointer): Pointer
  FPDFAction_GetDest(document: Pointer, action: Pointer): Pointer
  FPDFDest_GetDestPageIndex(document: Pointer, destination: Pointer): number
  FPDFDOC_InitFormFillEnvironment(document: Pointer, info: Pointer): Pointer
  FPDFDOC_ExitFormFillEnvironment(form: Pointer): void
  FORM_OnAfterLoadPage(page: Pointer, form: Pointer): void
  FORM_OnBeforeClosePage(page: Pointer, form: Pointer): void
  FPDFBitmap_CreateEx(width: number, height: number, format: number, data: Pointer, stride: number): Pointer
  FPDFBitmap_FillRect(bitmap: Pointer, left: number, top: number, width: number, height: number, colour: number): void
  FPDFBitmap_Destroy(bitmap: Pointer): void
  FPDF_RenderPageBitmap: Draw
  FPDF_FFLDraw(form: Pointer, ...drawn: Parameters<Draw>): void
  FPDFText_LoadPage(page: Pointer): Pointer
  FPDFText_ClosePage(text: Pointer): void
  FPDFText_CountChars(text: Pointer): number
  FPDFText_GetUnicode(text: Pointer, index: number): number
  FPDFText_IsHyphen(text: Pointer, index: number): number
  FPDFText_GetLooseCharBox(text: Pointer, index: number, box: Pointer): number
}
type Draw = (
  bitmap: Pointer,
  page: Pointer,
  left: number,
  top: number,
  width: number,
  height: number,
  rotation: number,
  flags: number,
) => void

/** A character where it stands on the page as shown: points from its left upper corner; as high as its font. */
export interface Glyph {
  readonly text: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface OutlineEntry {
  readonly title: string
  /** From 0; null: it leads nowhere within the document. */
  readonly page: number | null
  readonly children: readonly OutlineEntry[]
}

export interface PdfDocument {
  readonly pages: number
  /** It was made with a password, though it may open without one. */
  readonly isEncrypted: boolean
  /** As shown, points. Pages count from 0. */
  sizeOf(page: number): PixelSize
  /** White where nothing is drawn. */
  draw(page: number, size: PixelSize): Omit<DrawnPage, 'density'>
  /** In the order in which the document has them. What is white between words is among them, where it is known. */
  glyphs(page: number): readonly Glyph[]
  /** Characters without what is white; pictures, those within forms too. */
  counts(page: number): { readonly characters: number; readonly pictures: number }
  /** As they lie on the page by themselves, not within forms. */
  placedPictures(page: number): readonly { readonly pixels: PixelSize; readonly points: PixelSize }[]
  /** As far as it makes sense: no deeper than eight, no more than ten thousand, no entry twice. */
  outline(): readonly OutlineEntry[]
  /** `Title`, `Author`, …; empty where there is none. */
  about(tag: string): string
}

const maxBytes = 1 << 30
const bytesOfPixel = 3
const bgr = 2
const white = 0xffffffff
const withAnnotations = 0x01
const redFirst = 0x10
const pictureType = 3
const formType = 5
const wrongPassword = 4
const unknownSecurity = 5
/** Larger pages are drawn in bands, so that WebAssembly's memory stays small. */
const bandPixels = 48_000_000
const maxDepth = 8
const maxEntries = 10_000

let library: Promise<Library> | null = null
let recent: { readonly key: string; readonly document: PdfDocument; readonly close: () => void } | null = null

async function load(): Promise<Library> {
  const made = (await PDFiumModule({})) as unknown as Library
  made.wasmExports.FPDF_InitLibrary()
  return made
}

/**
 * The one that was opened last stays open until another one is asked for.
 *
 * @throws JobError `source-unreadable` because of its password, `source-damaged`, `too-large`.
 */
export async function openPdf(path: string, password: string | undefined): Promise<PdfDocument> {
  const { size, mtimeMs, ino } = await stat(path)
  const key = [path, size, mtimeMs, ino, password].join('\n')
  if (recent?.key === key) return recent.document
  if (size > maxBytes) throw new JobError('too-large', { bytes: size, maxBytes })
  const bytes = await readFile(path)
  library ??= load()
  const pdfium = await library
  recent?.close()
  recent = null
  recent = { key, ...opened(pdfium, bytes, path, password) }
  return recent.document
}

function opened(
  pdfium: Library,
  bytes: Uint8Array,
  path: string,
  password: string | undefined,
): { readonly document: PdfDocument; readonly close: () => void } {
  const calls = pdfium.wasmExports
  const taken = (length: number): Pointer => {
    const pointer = calls.malloc(length)
    if (pointer === 0) throw new JobError('tool-memory', { tool: 'PDFium' })
    return pointer
  }
  const inMemory = <T>(content: Uint8Array, use: (pointer: Pointer) => T): T => {
    const pointer = taken(content.length)
    pdfium.HEAPU8.set(content, pointer)
    try {
      return use(pointer)
    } finally {
      pdfium.HEAPU8.fill(0, pointer, pointer + content.length)
      calls.free(pointer)
    }
  }
  const floats = (pointer: Pointer, count: number) => new Float32Array(pdfium.HEAPU8.buffer, pointer, count)

  const data = taken(bytes.length)
  pdfium.HEAPU8.set(bytes, data)
  const document = inMemory(Buffer.from(`${password ?? ''}\0`), (secret) =>
    calls.FPDF_LoadMemDocument(data, bytes.length, password === undefined ? 0 : secret),
  )
  if (document === 0) {
    const error = calls.FPDF_GetLastError()
    calls.free(data)
    if (error === wrongPassword)
      throw new JobError('source-unreadable', { path, because: password === undefined ? 'password' : 'password-wrong' })
    if (error === unknownSecurity) throw new JobError('source-protected', { path })
    throw new JobError('source-damaged', { path, because: 'not-decodable' })
  }
  const info = taken(formBytes)
  pdfium.HEAPU8.fill(0, info, info + formBytes)
  new DataView(pdfium.HEAPU8.buffer).setUint32(info, formVersion, true)
  const form = calls.FPDFDOC_InitFormFillEnvironment(document, info)
  const scratch = taken(16)
  const pages = calls.FPDF_GetPageCount(document)
  if (pages < 1) throw new JobError('source-damaged', { path, because: 'no-pages' })

  const sizeOf = (page: number): PixelSize => {
    if (calls.FPDF_GetPageSizeByIndexF(document, page, scratch) === 0) throw pageDamaged(path)
    const [width = 0, height = 0] = floats(scratch, 2)
    return { width: Math.max(width, 1 / 72), height: Math.max(height, 1 / 72) }
  }
  function onPage<T>(index: number, use: (page: Pointer) => T): T {
    const page = calls.FPDF_LoadPage(document, index)
    if (page === 0) throw pageDamaged(path)
    if (form !== 0) calls.FORM_OnAfterLoadPage(page, form)
    try {
      return use(page)
    } finally {
      if (form !== 0) calls.FORM_OnBeforeClosePage(page, form)
      calls.FPDF_ClosePage(page)
    }
  }
  /** Two bytes a letter, and two of the end. */
  function textBy(get: (buffer: Pointer, length: number) => number): string {
    const length = get(0, 0)
    if (length <= 2) return ''
    return inMemory(new Uint8Array(length), (buffer) => {
      get(buffer, length)
      return Buffer.from(pdfium.HEAPU8.subarray(buffer, buffer + length - 2)).toString('utf16le')
    })
  }
  function pageOf(bookmark: Pointer): number | null {
    const own = calls.FPDFBookmark_GetDest(document, bookmark)
    const action = own === 0 ? calls.FPDFBookmark_GetAction(bookmark) : 0
    const destination = own === 0 && action !== 0 ? calls.FPDFAction_GetDest(document, action) : own
    const page = destination === 0 ? -1 : calls.FPDFDest_GetDestPageIndex(document, destination)
    return page < 0 ? null : page
  }
  function picturesOn(page: Pointer): number {
    const within = (count: number, at: (n: number) => Pointer, depth: number): number => {
      let found = 0
      for (let n = 0; n < count; n += 1) {
        const object = at(n)
        const type = object === 0 ? 0 : calls.FPDFPageObj_GetType(object)
        if (type === pictureType) found += 1
        if (type !== formType || depth === maxDepth) continue
        const inside = calls.FPDFFormObj_CountObjects(object)
        if (inside > 0) found += within(inside, (k) => calls.FPDFFormObj_GetObject(object, k), depth + 1)
      }
      return found
    }
    return within(calls.FPDFPage_CountObjects(page), (n) => calls.FPDFPage_GetObject(page, n), 0)
  }
  function withText<T>(page: Pointer, without: T, use: (text: Pointer) => T): T {
    const text = calls.FPDFText_LoadPage(page)
    if (text === 0) return without
    try {
      return use(text)
    } finally {
      calls.FPDFText_ClosePage(text)
    }
  }
  function band(page: Pointer, { width, height }: PixelSize, top: number, rows: number, into: Uint8Array): void {
    const stride = width * bytesOfPixel
    const pixels = taken(stride * rows)
    const bitmap = calls.FPDFBitmap_CreateEx(width, rows, bgr, pixels, stride)
    try {
      if (bitmap === 0) throw new JobError('tool-memory', { tool: 'PDFium' })
      calls.FPDFBitmap_FillRect(bitmap, 0, 0, width, rows, white)
      calls.FPDF_RenderPageBitmap(bitmap, page, 0, -top, width, height, 0, withAnnotations | redFirst)
      if (form !== 0) calls.FPDF_FFLDraw(form, bitmap, page, 0, -top, width, height, 0, withAnnotations | redFirst)
      into.set(pdfium.HEAPU8.subarray(pixels, pixels + stride * rows), top * stride)
    } finally {
      if (bitmap !== 0) calls.FPDFBitmap_Destroy(bitmap)
      calls.free(pixels)
    }
  }

  return {
    document: {
      pages,
      isEncrypted: calls.FPDF_GetSecurityHandlerRevision(document) >= 0,
      sizeOf,
      draw: (index, { width, height }) =>
        onPage(index, (page) => {
          const drawn = new Uint8Array(width * height * bytesOfPixel)
          const rows = Math.max(1, Math.floor(bandPixels / width))
          for (let top = 0; top < height; top += rows) band(page, { width, height }, top, Math.min(rows, height - top), drawn)
          return { data: drawn, width, height, hasPictures: picturesOn(page) > 0 }
        }),
      counts: (index) =>
        onPage(index, (page) => ({
          pictures: picturesOn(page),
          characters: withText(page, 0, (text) => {
            let characters = 0
            for (let n = calls.FPDFText_CountChars(text) - 1; n >= 0; n -= 1)
              if (calls.FPDFText_GetUnicode(text, n) > space) characters += 1
            return characters
          }),
        })),
      glyphs: (index) => {
        const { width, height } = sizeOf(index)
        return onPage(index, (page) => {
          const turned = calls.FPDFPage_GetRotation(page)
          return withText<readonly Glyph[]>(page, [], (text) => {
            const found: Glyph[] = []
            const count = calls.FPDFText_CountChars(text)
            for (let n = 0; n < count; n += 1) {
              const code = calls.FPDFText_GetUnicode(text, n)
              if (code === 0) continue
              const hasBox = calls.FPDFText_GetLooseCharBox(text, n, scratch) !== 0
              const [left = 0, top = 0, right = 0, bottom = 0] = hasBox ? floats(scratch, 4) : []
              const isHyphen = code === brokenHyphen || calls.FPDFText_IsHyphen(text, n) !== 0
              found.push({
                text: isHyphen ? '-' : code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code),
                ...upright({ left, top, right, bottom }, turned, { width, height }),
              })
            }
            return found
          })
        })
      },
      placedPictures: (index) =>
        onPage(index, (page) => {
          const found: { pixels: PixelSize; points: PixelSize }[] = []
          for (let n = calls.FPDFPage_CountObjects(page) - 1; n >= 0; n -= 1) {
            const object = calls.FPDFPage_GetObject(page, n)
            if (calls.FPDFPageObj_GetType(object) !== pictureType) continue
            if (calls.FPDFImageObj_GetImagePixelSize(object, scratch, scratch + 4) === 0) continue
            const [width = 0, height = 0] = new Uint32Array(pdfium.HEAPU8.buffer, scratch, 2)
            if (calls.FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) continue
            const [left = 0, bottom = 0, right = 0, top = 0] = floats(scratch, 4)
            found.push({ pixels: { width, height }, points: { width: right - left, height: top - bottom } })
          }
          return found
        }),
      outline: () => {
        const seen = new Set<Pointer>()
        const below = (parent: Pointer, depth: number): readonly OutlineEntry[] => {
          const found: OutlineEntry[] = []
          let bookmark = calls.FPDFBookmark_GetFirstChild(document, parent)
          while (bookmark !== 0 && !seen.has(bookmark) && seen.size < maxEntries) {
            const entry = bookmark
            seen.add(entry)
            const title = textBy((buffer, length) => calls.FPDFBookmark_GetTitle(entry, buffer, length))
            found.push({ title, page: pageOf(entry), children: depth === maxDepth ? [] : below(entry, depth + 1) })
            bookmark = calls.FPDFBookmark_GetNextSibling(document, entry)
          }
          return found
        }
        return below(0, 0)
      },
      about: (tag) =>
        inMemory(Buffer.from(`${tag}\0`), (name) =>
          textBy((buffer, length) => calls.FPDF_GetMetaText(document, name, buffer, length)),
        ),
    },
    close: () => {
      if (form !== 0) calls.FPDFDOC_ExitFormFillEnvironment(form)
      calls.FPDF_CloseDocument(document)
      for (const pointer of [data, info, scratch]) calls.free(pointer)
    },
  }
}

const space = 0x20
/** What stands for a hyphen at the end of a line whose word goes on in the next. */
const brokenHyphen = 0xfffe
/** As `fpdf_formfill.h` has it: a version, and addresses to be called, of which there are none. */
const formBytes = 256
const formVersion = 2

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Boxes come as the page stands in the file, counted from below; `turned` by quarters clockwise, it is shown in `size`. */
function upright({ left, top, right, bottom }: Box, turned: number, { width, height }: PixelSize): Box {
  switch (turned) {
    case 1:
      return { left: bottom, right: top, top: left, bottom: right }
    case 2:
      return { left: width - right, right: width - left, top: bottom, bottom: top }
    case 3:
      return { left: width - top, right: width - bottom, top: height - right, bottom: height - left }
    default:
      return { left, right, top: height - top, bottom: height - bottom }
  }
}

function pageDamaged(path: string): JobError {
  return new JobError('source-damaged', { path, because: 'not-decodable' })
}
