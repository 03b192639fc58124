/** Cells of the table of fates that do not turn out as it says, with what happens: to be mended, and to be struck off here then. */
export const knownDisagreements: Readonly<Record<string, string>> = {
  'chapters → mp3': 'not seen in the source',
  'format-data → mp3': 'kept',
  'chapters → aac': 'not seen in the source',
  'format-data → aac': 'kept',
  'chapters → m4a': 'not seen in the source',
  'chapters → alac': 'not seen in the source',
  'chapters → wav': 'not seen in the source',
  'format-data → wav': 'kept',
  'chapters → flac': 'not seen in the source',
  'chapters → ogg': 'not seen in the source',
  'chapters → opus': 'not seen in the source',
  'chapters → aiff': 'not seen in the source',
  'format-data → aiff': 'kept',
}
