/** What readers of office files answer. Apart, for all of them. */
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { MediaFacts } from '../../../../shared/media.ts'

export interface OfficeLook {
  /** By its contents. */
  readonly format: FormatId
  readonly facts: DocumentFacts
  readonly tags: MediaFacts['tags']
  /** How LibreOffice is to take it, where that is not the usual ending of the format. */
  readonly ending?: string
}

/** Those that say something. */
export function tagsOf(values: Readonly<Record<string, string>>): MediaFacts['tags'] {
  return Object.entries(values).flatMap(([name, value]) => (value.trim() === '' ? [] : [{ name, values: [value.trim()] }]))
}
