/** Cells of the table of fates that do not turn out as it says, with what happens: to be mended, and to be struck off here then. */
export const knownDisagreements: Readonly<Record<string, string>> = {}
