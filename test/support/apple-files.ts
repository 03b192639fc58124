/** Files of Pages, Numbers and Keynote by hand, as their programs of 2009 packed them. */
import { zipOf } from './zip-writer.ts'

const site = 'http://developer.apple.com/namespaces'
const spaces = `xmlns:sfa="${site}/sfa" xmlns:sf="${site}/sf"`
const version = '92008102400'

function packed(name: string, xml: string): Buffer {
  return zipOf([{ name, content: Buffer.from(`<?xml version="1.0"?>${xml}`) }])
}

export function pagesOf(paragraphs: readonly string[]): Buffer {
  const text = paragraphs.map((one) => `<sf:p>${one}</sf:p>`).join('')
  return packed(
    'index.xml',
    `<sl:document ${spaces} xmlns:sl="${site}/sl" sl:version="${version}" sfa:ID="D"><sf:text-storage sf:kind="body"><sf:text-body><sf:section><sf:layout>${text}</sf:layout></sf:section></sf:text-body></sf:text-storage></sl:document>`,
  )
}

/** One row; a cell is read once the next one comes, so that an empty one ends it. */
export function numbersOf(cells: readonly number[]): Buffer {
  const columns = '<sf:grid-column sf:width="100"/>'.repeat(cells.length + 1)
  const values = cells.map((one) => `<sf:n sf:v="${one}"/>`).join('')
  const grid = `<sf:grid sf:numcols="${cells.length + 1}" sf:numrows="1"><sf:columns>${columns}</sf:columns><sf:rows><sf:grid-row sf:height="20"/></sf:rows><sf:datasource>${values}<sf:g sf:ct="1"/></sf:datasource></sf:grid>`
  return packed(
    'index.xml',
    `<ls:document ${spaces} xmlns:ls="${site}/ls" ls:version="72007061400"><ls:workspace-array><ls:workspace ls:workspace-name="Sheet"><ls:page-info><sf:layers><sf:layer><sf:drawables><sf:tabular-info>${placeAt(0)}<sf:tabular-model sf:name="Table">${grid}</sf:tabular-model></sf:tabular-info></sf:drawables></sf:layer></sf:layers></ls:page-info></ls:workspace></ls:workspace-array></ls:document>`,
  )
}

/** A slide a text. */
export function keynoteOf(slides: readonly string[]): Buffer {
  const path = '<sf:path><sf:bezier-path><sf:bezier sfa:path="M 0 0 L 400 0 L 400 100 L 0 100 Z"/></sf:bezier-path></sf:path>'
  const pages = slides.map(
    (text) =>
      `<key:slide><key:page><sf:layers><sf:layer><sf:drawables><sf:shape>${placeAt(300)}${path}<sf:text><sf:text-storage><sf:text-body><sf:p>${text}</sf:p></sf:text-body></sf:text-storage></sf:text></sf:shape></sf:drawables></sf:layer></sf:layers></key:page></key:slide>`,
  )
  return packed(
    'index.apxl',
    `<key:presentation ${spaces} xmlns:key="${site}/keynote2" key:version="${version}" sfa:ID="D"><key:size sfa:w="1024" sfa:h="768"/><key:slide-list>${pages.join('')}</key:slide-list></key:presentation>`,
  )
}

function placeAt(y: number): string {
  const size = 'sfa:w="400" sfa:h="100"'
  return `<sf:geometry><sf:naturalSize ${size}/><sf:size ${size}/><sf:position sfa:x="100" sfa:y="${y}"/></sf:geometry>`
}
