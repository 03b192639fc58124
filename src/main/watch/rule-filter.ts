/**
 * What a rule takes and what it leaves: by name, size and age as soon as a file is seen, by content once it is complete. And the rule
 * itself, checked before it is stored.
 */
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { failure, JobError, type Failure } from '../../shared/failure.ts'
import type { Rule, Why, WhyCode } from '../../shared/folders.ts'
import { formatOfName, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import type { Preset } from '../../shared/model.ts'
import { plannedOutputs } from '../../shared/outputs.ts'
import { templateTrouble } from '../../shared/naming.ts'
import { whyUnmeant } from '../../shared/unmeant.ts'
import { globOf } from '../engine/intake/walk.ts'

/** A file as it is seen. */
export interface SeenFile {
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

export interface RuleFilter {
  /** By name, size and age. */
  check(file: SeenFile, nowMs: number): Verdict
  /** By content: what inspecting a complete file showed. */
  checkFormat(format: FormatId): Verdict
}

const take: Verdict = { kind: 'take' }

/**
 * @param targets the formats that its results have, presets resolved.
 * @param canBecome whether a format can become one of them, as far as that is known.
 */
export function filterOf(rule: Rule, targets: readonly FormatId[], canBecome: (format: FormatId) => boolean): RuleFilter {
  const included = rule.include.map(globOf)
  const excluded = rule.exclude.map((pattern) => ({ pattern, fits: globOf(pattern) }))
  const verdicts = new Map<FormatId, Verdict>()
  const checkFormat = (format: FormatId): Verdict => {
    const known = verdicts.get(format) ?? judgeFormat(format)
    verdicts.set(format, known)
    return known
  }
  const judgeFormat = (format: FormatId): Verdict => {
    const { family, title } = factsOf(format)
    const kinds: readonly (Family | FormatId)[] = rule.kinds
    if (kinds.length > 0 && !kinds.includes(family) && !kinds.includes(format)) return leave('other-kind', { kind: title })
    // Beside itself it would only be a copy; in another folder it may be missed.
    if (rule.out === null && targets.every((target) => target === format)) return leave('already-target', { format: title })
    if (canBecome(format)) return take
    const target = targets.map((each) => factsOf(each).title).join(', ')
    return { kind: 'leave', why: failure('pair-unsupported', { from: title, target }) }
  }
  const checkName = (file: SeenFile): Verdict => {
    const own = whyUnmeant(file.name)
    if (own !== null) return leave(own)
    if (included.length > 0 && !included.some((fits) => fits(file.path))) return leave('not-included')
    const out = excluded.find(({ fits }) => fits(file.path))
    if (out !== undefined) return leave('excluded', { pattern: out.pattern })
    const format = formatOfName(file.name)
    if (format !== null) return checkFormat(format)
    // Only contents can tell, and inspecting every file of a tree is worth it only for those that were meant.
    const meant = included.length > 0 || !file.name.includes('.')
    return meant ? take : { kind: 'leave', why: failure('source-unknown', { path: file.name }) }
  }
  return {
    checkFormat,
    check: (file, nowMs) => {
      const byName = checkName(file)
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
export function dependsOnName({ code }: Why): boolean {
  return nameCodes.has(code)
}
const nameCodes: ReadonlySet<string> = new Set([
  'hidden', 'partial-name', 'temporary-name', 'sync-name', 'unpack-name', 'system-name', 'camera-companion', 'not-included', 'excluded', 'other-kind',
  'already-target', 'source-unknown', 'source-unsupported', 'pair-unsupported', 'unfinished', 'empty', 'too-small', 'same-file',
]) // prettier-ignore

/** The first thing wrong with a rule, or null. */
export function ruleTrouble(rule: Rule, presets: readonly Preset[]): Failure | null {
  for (const path of [rule.path, rule.out]) {
    if (path !== null && !isAbsolute(path)) return failure('usage', { because: 'path-not-absolute', path })
  }
  for (const { target, preset } of rule.outputs) {
    if (preset !== null && !presets.some(({ name }) => name === preset)) return failure('preset-unknown', { preset })
    if (target === null && preset === null) return failure('usage', { because: 'rule-without-result' })
  }
  const planned = plannedOutputs(rule.outputs, {}, (wanted) => presets.find(({ name }) => name === wanted) ?? null, [])
  if ('code' in planned) return planned
  const sendsAway = rule.with !== 'auto' && rule.with !== 'local'
  if (sendsAway && rule.localOnly) return failure('usage', { because: 'rule-keeps-files-here' })
  if (sendsAway && rule.spend === null) return failure('usage', { because: 'rule-may-not-spend' })
  const { minBytes, maxBytes } = rule.size
  if (minBytes !== null && maxBytes !== null && minBytes > maxBytes)
    return failure('usage', { because: 'rule-fits-no-size', minBytes, maxBytes })
  return rule.nameTemplate === null ? null : templateTrouble(rule.nameTemplate)
}

/**
 * With no links in its paths: events of a folder name its real one, and results are known again by theirs.
 * @param before the rule that it takes the place of: its folder may be away.
 */
export async function withRealPaths(rule: Rule, before: Rule | null): Promise<Rule> {
  const out = rule.out === null ? null : await realPath(resolve(rule.out))
  if (rule.path === before?.path) return { ...rule, out }
  const path = await realpath(resolve(rule.path)).catch(() => {
    throw new JobError('folder-missing', { path: rule.path })
  })
  return { ...rule, path, out }
}

/** Of a folder that may not be there yet. */
async function realPath(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null)
  if (real !== null || dirname(path) === path) return real ?? path
  return join(await realPath(dirname(path)), basename(path))
}
