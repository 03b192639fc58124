/** The first thing wrong with a rule, before it is stored. */
import { isAbsolute } from 'node:path'
import { failure, type Failure } from '../../shared/failure.ts'
import type { Rule } from '../../shared/folders.ts'
import type { Preset } from '../../shared/model.ts'
import { templateTrouble } from '../../shared/naming.ts'

export function ruleTrouble(rule: Rule, presets: readonly Preset[]): Failure | null {
  for (const path of [rule.path, rule.out]) {
    if (path !== null && !isAbsolute(path)) return failure('usage', { reason: `“${path}” is no whole path.` })
  }
  for (const { target, preset } of rule.outputs) {
    if (preset !== null && !presets.some(({ name }) => name === preset)) return failure('preset-unknown', { preset })
    if (target === null && preset === null) return failure('usage', { reason: 'A result has neither a format nor a preset.' })
  }
  const sendsAway = rule.with !== 'auto' && rule.with !== 'local'
  if (sendsAway && rule.localOnly)
    return failure('usage', { reason: 'A rule that keeps files here cannot send them to an online provider.' })
  if (sendsAway && rule.spend === null) {
    return failure('usage', {
      reason: 'An online provider may cost, and the folder has no standing permission to spend.',
      hint: 'Give it one, with a cap (--may-spend N).',
    })
  }
  const { minBytes, maxBytes } = rule.size
  if (minBytes !== null && maxBytes !== null && minBytes > maxBytes) return failure('usage', { reason: 'No file has that size.' })
  return rule.nameTemplate === null ? null : templateTrouble(rule.nameTemplate)
}
