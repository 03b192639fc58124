/** From the words of the command line to a rule, and back to one line for people. */
import { resolve } from 'node:path'
import { JobError } from '../../../shared/failure.ts'
import { formats, type Family, type FormatId } from '../../../shared/formats.ts'
import { plainRule, type FolderOutput, type Rule } from '../../../shared/folders.ts'
import type { Hours } from '../../../shared/hours.ts'
import type { ClashPolicy, ProviderChoice, SourceAftermath } from '../../../shared/job.ts'
import { parseOptions } from '../../../shared/options.ts'
import type { Setting } from '../arguments.ts'
import { bytesText, shown } from '../text.ts'

/** Whatever is said can be taken back: by `none` or `settings`, a list, a name or a folder by an empty one. */
export interface RuleWords {
  readonly to?: readonly FormatId[]
  readonly preset?: readonly string[]
  readonly set?: readonly Setting[]
  readonly recursive?: boolean
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly kind?: readonly (Family | FormatId)[]
  readonly larger?: number | 'none'
  readonly smaller?: number | 'none'
  readonly older?: number | 'none'
  readonly newer?: number | 'none'
  readonly with?: ProviderChoice
  readonly localOnly?: boolean
  readonly maySpend?: number | 'none'
  readonly per?: 'day' | 'month'
  readonly out?: string
  readonly name?: string
  readonly ifExists?: ClashPolicy | 'settings'
  readonly afterwards?: SourceAftermath | 'settings'
  readonly whenChanged?: Rule['whenChanged']
  readonly hold?: number
  readonly hours?: readonly Hours[]
  readonly polling?: boolean
}

/** A whole rule from what was said; what was not stays as it is in `before`. */
export function ruleFrom(words: RuleWords, before: Rule, cwd: string): Rule {
  return {
    ...before,
    outputs: outputsFrom(words, before),
    recursive: words.recursive ?? before.recursive,
    include: [...(words.include ?? before.include)],
    exclude: [...(words.exclude ?? before.exclude)],
    kinds: [...(words.kind ?? before.kinds)],
    size: { minBytes: said(words.larger, before.size.minBytes), maxBytes: said(words.smaller, before.size.maxBytes) },
    age: { minMs: said(words.older, before.age.minMs), maxMs: said(words.newer, before.age.maxMs) },
    with: words.with ?? before.with,
    localOnly: words.localOnly ?? before.localOnly,
    spend: spendFrom(words, before),
    out: words.out === undefined ? before.out : words.out === '' ? null : resolve(cwd, words.out),
    nameTemplate: words.name === '' ? null : (words.name ?? before.nameTemplate),
    ifExists: said(words.ifExists, before.ifExists),
    afterwards: said(words.afterwards, before.afterwards),
    whenChanged: words.whenChanged ?? before.whenChanged,
    holdMs: words.hold ?? before.holdMs,
    schedule: [...(words.hours ?? before.schedule)],
    seeing: words.polling === undefined ? before.seeing : words.polling ? 'polling' : 'auto',
  }
}

export function newRule(folder: string, words: RuleWords, cwd: string): Rule {
  return ruleFrom(words, plainRule(resolve(cwd, folder), []), cwd)
}

function said<T>(now: T | 'none' | 'settings' | undefined, before: T | null): T | null {
  if (now === undefined) return before
  return now === 'none' || now === 'settings' ? null : now
}

/** The standing permission to spend. */
function spendFrom({ maySpend, per }: RuleWords, before: Rule): Rule['spend'] {
  const cap = said(maySpend, before.spend?.cap ?? null)
  if (cap !== null) return { cap, per: per ?? before.spend?.per ?? 'day' }
  if (per === undefined) return null
  throw new JobError('usage', {
    reason: '--per says what an amount is for, and there is none.',
    hint: 'Say how much: --may-spend N.',
  })
}

/** Each format and each preset is a result of its own; the options are for all of them. */
function outputsFrom({ to, preset, set }: RuleWords, before: Rule): FolderOutput[] {
  const parsed = parseOptions(Object.fromEntries(set ?? []))
  if (!parsed.ok) throw new JobError(parsed.failure.code, parsed.failure.facts)
  if (to === undefined && preset === undefined) {
    return set === undefined ? before.outputs : before.outputs.map((output) => ({ ...output, options: parsed.value }))
  }
  const options = parsed.value
  return [
    ...(to ?? []).map((target) => ({ target, preset: null, options })),
    ...(preset ?? []).map((name) => ({ target: null, preset: name, options })),
  ]
}

/** `audio → MP3 (bitrate=192), with subfolders, sources to the archive`. */
export function sentence(rule: Rule): string {
  const what = rule.kinds.length === 0 ? 'files' : rule.kinds.join(', ')
  const results = rule.outputs.map(({ target, preset, options }) => {
    const settings = Object.entries(options).map(([name, value]) => `${name}=${String(value)}`)
    const name = preset ?? (target === null ? '' : formats[target].title)
    return settings.length === 0 ? name : `${name} (${settings.join(', ')})`
  })
  const more = [
    rule.recursive ? 'with subfolders' : null,
    rule.include.length > 0 ? `only ${rule.include.join(' ')}` : null,
    rule.exclude.length > 0 ? `without ${rule.exclude.join(' ')}` : null,
    rule.size.minBytes === null ? null : `from ${bytesText(rule.size.minBytes)}`,
    rule.size.maxBytes === null ? null : `up to ${bytesText(rule.size.maxBytes)}`,
    rule.out === null ? null : `into ${rule.out}`,
    rule.with === 'auto' ? null : `with ${rule.with}`,
    rule.localOnly ? 'on this machine only' : null,
    rule.spend === null ? null : `may spend ${rule.spend.cap} a ${rule.spend.per}`,
    rule.afterwards === 'archive' ? 'then sources to the archive' : null,
    rule.afterwards === 'trash' ? 'then sources to the trash' : null,
    rule.holdMs > 0 ? `after ${Math.round(rule.holdMs / 1000)} s` : null,
    rule.schedule.length > 0 ? 'at certain hours' : null,
  ]
  return shown([`${what} → ${results.join(' and ')}`, ...more.filter((part) => part !== null)].join(', '))
}
