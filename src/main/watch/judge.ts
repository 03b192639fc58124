/** Pure: what a rule says of a file by its name, size and age. What its contents say comes later, once it is complete. */
import { formatOfName, formats, type Family, type FormatId } from '../../shared/formats.ts'
import type { Rule, Why, WhyCode } from '../../shared/folders.ts'
import { failure } from '../../shared/failure.ts'
import { globOf } from '../engine/intake/walk.ts'
import { nameTrouble } from './names.ts'

export interface Candidate {
  /** Below the watched folder, with `/`. */
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly mtimeMs: number
}

export type Verdict =
  | { readonly kind: 'take' }
  | { readonly kind: 'leave'; readonly why: Why }
  | { readonly kind: 'later'; readonly why: Why; readonly dueAtMs: number }

export interface Judge {
  of(file: Candidate, nowMs: number): Verdict
  /** By content: what the look into a complete file told. */
  ofFormat(format: FormatId): Verdict
}

const take: Verdict = { kind: 'take' }

/**
 * @param targets the formats that its results have, presets resolved.
 * @param canBecome whether a format can become one of them, as far as that is known.
 */
export function judgeOf(rule: Rule, targets: readonly FormatId[], canBecome: (format: FormatId) => boolean): Judge {
  const included = rule.include.map(globOf)
  const excluded = rule.exclude.map((pattern) => ({ pattern, fits: globOf(pattern) }))
  const ofFormat = (format: FormatId): Verdict => {
    const { family, title } = formats[format]
    const kinds: readonly (Family | FormatId)[] = rule.kinds
    if (kinds.length > 0 && !kinds.includes(family) && !kinds.includes(format)) return leave('other-kind', { kind: title })
    // Beside itself it would only be a copy; in another folder it may be missed.
    if (rule.out === null && targets.every((target) => target === format)) return leave('already-target', { format: title })
    if (canBecome(format)) return take
    const target = targets.map((each) => formats[each].title).join(', ')
    return { kind: 'leave', why: failure('pair-unsupported', { from: title, target }) }
  }
  const ofName = (file: Candidate): Verdict => {
    const own = nameTrouble(file.name)
    if (own !== null) return leave(own)
    if (included.length > 0 && !included.some((fits) => fits(file.path))) return leave('not-included')
    const out = excluded.find(({ fits }) => fits(file.path))
    if (out !== undefined) return leave('excluded', { pattern: out.pattern })
    const format = formatOfName(file.name)
    if (format !== null) return ofFormat(format)
    // Only contents can tell, and looking into every file of a tree is worth it only for those that were meant.
    const meant = included.length > 0 || !file.name.includes('.')
    return meant ? take : { kind: 'leave', why: failure('source-unknown', { path: file.name }) }
  }
  return {
    ofFormat,
    of: (file, nowMs) => {
      const byName = ofName(file)
      if (byName.kind !== 'take') return byName
      if (file.bytes === 0) return leave('empty')
      const { minBytes, maxBytes } = rule.size
      if (minBytes !== null && file.bytes < minBytes) return leave('too-small')
      if (maxBytes !== null && file.bytes > maxBytes) return leave('too-big')
      const ageMs = nowMs - file.mtimeMs
      if (rule.age.maxMs !== null && ageMs > rule.age.maxMs) return leave('too-old')
      if (rule.age.minMs !== null && ageMs < rule.age.minMs) {
        return { kind: 'later', why: { code: 'too-young', facts: {} }, dueAtMs: file.mtimeMs + rule.age.minMs }
      }
      return take
    },
  }
}

function leave(code: WhyCode, facts: Readonly<Record<string, string>> = {}): Verdict {
  return { kind: 'leave', why: { code, facts } }
}

/** Whether a reason may no longer hold once the file has another name. */
export function hangsOnName({ code }: Why): boolean {
  return namely.has(code)
}
const namely: ReadonlySet<string> = new Set([
  'hidden', 'partial-name', 'temporary-name', 'sync-name', 'unpack-name', 'system-name', 'not-included', 'excluded', 'other-kind',
  'already-target', 'source-unknown', 'pair-unsupported', 'unfinished', 'empty', 'too-small', 'same-file',
]) // prettier-ignore
