/** A rule, before it is stored: the first thing wrong with it, and where its folders really are. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { failure, JobError, type Failure } from '../../shared/failure.ts'
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
    return failure('usage', {
      reason: 'A rule that keeps files here cannot send them to an online provider.',
      hint: 'Let it send them (--no-local-only), or name none (--with auto).',
    })
  if (sendsAway && rule.spend === null) {
    return failure('usage', {
      reason: 'An online provider may cost, and the folder has no standing permission to spend.',
      hint: 'Give it one, with a cap (--may-spend N), or name no provider (--with auto).',
    })
  }
  const { minBytes, maxBytes } = rule.size
  if (minBytes !== null && maxBytes !== null && minBytes > maxBytes) return failure('usage', { reason: 'No file has that size.' })
  return rule.nameTemplate === null ? null : templateTrouble(rule.nameTemplate)
}

/**
 * With no links in its paths: what happens in a folder is told by its real one, and results are known again by theirs.
 * @param before the rule that it takes the place of: its folder may be away.
 */
export async function inRealPlaces(rule: Rule, before: Rule | null): Promise<Rule> {
  const out = rule.out === null ? null : await realPlace(resolve(rule.out))
  if (rule.path === before?.path) return { ...rule, out }
  const path = await realpath(resolve(rule.path)).catch(() => {
    throw new JobError('folder-missing', { path: rule.path })
  })
  return { ...rule, path, out }
}

/** Of a folder that may not be there yet. */
async function realPlace(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null)
  if (real !== null || dirname(path) === path) return real ?? path
  return join(await realPlace(dirname(path)), basename(path))
}
