/** What every section of a rule's form gets. */
import type { Rule } from '../../shared/folders.ts'

export interface RuleFields {
  readonly rule: Rule
  readonly set: (change: Partial<Rule>) => void
}

/** Of these, none makes another result of a file that was dealt with, or takes it where it was left. */
const later = new Set<keyof Rule>(['schedule', 'holdMs', 'seeing', 'spend', 'keepDates', 'afterwards', 'ifExists'])

/** Whether files that were dealt with may come out differently by the new rule. */
export function asksAboutOldFiles(before: Rule, after: Rule): boolean {
  const keys = Object.keys(after) as (keyof Rule)[]
  return keys.some((key) => !later.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}
