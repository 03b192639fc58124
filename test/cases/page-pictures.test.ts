/** Slides and pages as pictures, by either LibreOffice and PDFium: how many, which, and of what size. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createOffice } from '../../src/main/providers/local/office/office.ts'
import { createPagePictures } from '../../src/main/providers/local/office/page-pictures.ts'
import { createPdf } from '../../src/main/providers/local/pdf/pdf.ts'
import { createPrograms } from '../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../src/main/system.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { docxOf, fodpOf } from '../support/office-files.ts'
import { orderIn } from '../support/order.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { framesSeen } from '../support/readers.ts'

leavesNothingOpen()
const minutes = 60_000
const never = new AbortController().signal
const programs = createPrograms({ clock: systemClock, maxBytes: 2 ** 31 })
const context = {
  programs,
  clock: systemClock,
  log: testLog,
  pool: { clock: systemClock, log: testLog, priority: 0 },
  width: () => 1,
}
const [office, pdf] = [createOffice(context), createPdf(context)]
afterAll(async () => {
  await Promise.all([office.engine.stop(), office.soffice.stop(), pdf.engine.stop()])
  await programs.stop()
})

it.each(['engine', 'soffice'] as const)(
  'slides and pages become pictures by the %s: those that are asked for, of the size that the resolution makes',
  { timeout: 8 * minutes },
  async (which) => {
    const folder = await temporaryFolder()
    const pictures = createPagePictures({ office: office[which], pdf: pdf.engine })
    await pictures.version(never)
    const made = async (name: string, content: Buffer, from: FormatId, target: FormatId, dpi: number) => {
      const path = join(folder, name)
      await writeFile(path, content)
      const source = { kind: 'file', path, bytes: content.length, mtimeMs: 0 } as const
      const options = { pages: '2-', dpi }
      const { order } = orderIn(await temporaryFolder(), { source, from, target, options, facts: null })
      const parts = await pictures.convert(order, () => {}, never)
      return parts.map(({ temp }) => {
        const { width, height } = framesSeen(temp)
        return [width, height]
      })
    }
    // 28 by 15.75 cm. Whether a document without a size is A4 or Letter is for the program to say.
    expect(await made('a.fodp', fodpOf(['one', 'two', 'three']), 'odp', 'png', 72)).toEqual([
      [794, 446],
      [794, 446],
    ])
    const lines = docxOf(Array.from({ length: 80 }, (_, n) => `Line ${n}`))
    const [page, ...others] = await made('a.docx', lines, 'docx', 'jpeg', 144)
    expect([Math.round((page?.[0] ?? 0) / 100), others]).toEqual([12, []])
  },
)
