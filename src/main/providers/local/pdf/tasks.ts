/** What is done with PDF files in a process of its own. Apart, as the one door to it. */
import type { TaskContext } from '../children/task-table.ts'
import { restrictLoaders } from '../images/loaders.ts'
import type { PixelSize } from '../images/size.ts'
import { drawPages, lookAt, opened, pixelsOf, type Drawing, type PageView } from './drawing.ts'
import { factsOfPdf } from './facts.ts'
import { pageDensity, type Opening } from './page.ts'

restrictLoaders()

export const tasks = {
  inspect: async (opening: Opening, context: TaskContext) => await factsOfPdf(opening, context),
  /** @returns of every page in pixels at the usual density, as shown. */
  pages: async (opening: Opening, context: TaskContext): Promise<readonly PixelSize[]> => {
    const document = await opened(opening, context)
    return Array.from({ length: document.pages }, (_, page) => pixelsOf(document.sizeOf(page), pageDensity))
  },
  draw: async (drawing: Drawing, context: TaskContext) => {
    await drawPages(drawing, context)
    return null
  },
  look: async (look: PageView, context: TaskContext) => await lookAt(look, context),
}
