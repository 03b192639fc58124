/** What a file holds that is neither heard nor seen as a picture: pages, sheets, text, entries, glyphs. What nobody read is absent, and never 0. */
import * as z from 'zod'

const count = z.number().int().min(0)

export const documentFactsSchema = z.object({
  /** Pages, or slides of a presentation. */
  pages: count.optional(),
  /** The first page as shown, points. */
  pageSize: z.object({ width: z.number(), height: z.number() }).readonly().optional(),
  /** Of its text, without what is white. */
  characters: count.optional(),
  /** How text is coded, by its IANA name in lower case, e.g. `utf-8`, `windows-1252`. */
  encoding: z.string().optional(),
  /** Sheets in their order: rows in which anything stands, and columns up to the last one with anything. */
  sheets: z
    .array(z.object({ name: z.string(), rows: count, columns: count }))
    .readonly()
    .optional(),
  /** What stands between the values of a row. */
  delimiter: z.string().optional(),
  /** Parts of a book in their order of reading. */
  chapters: count.optional(),
  /** What a file of data is at its top, and how many of it. */
  top: z
    .object({ kind: z.enum(['list', 'map', 'value', 'documents']), count })
    .readonly()
    .optional(),
  cues: count.optional(),
  /** First beginning and last end of a cue, ms. */
  cuesFromMs: z.number().optional(),
  cuesToMs: z.number().optional(),
  /** Files in an archive, without its folders. */
  entries: count.optional(),
  /** Bytes of all of them, unpacked. */
  unpackedBytes: z.number().optional(),
  glyphs: count.optional(),
  /** Four letters each, of a font. */
  tables: z.array(z.string()).readonly().optional(),
  /** Names of what is drawn by it. */
  fonts: z.array(z.string()).readonly().optional(),
  /** Pictures within it. */
  images: count.optional(),
  /** It opens with a password alone. */
  isEncrypted: z.literal(true).optional(),
  /** It carries programs of its own, which are never run. */
  hasMacros: z.literal(true).optional(),
})
export type DocumentFacts = Readonly<z.infer<typeof documentFactsSchema>>
