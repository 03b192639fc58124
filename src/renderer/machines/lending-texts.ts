/** This computer as a machine of somebody's fleet, in words. Apart from its card, as it is pure. */
import type { TFunction } from 'i18next'
import type { LendingSettings, LendingStatus } from '../../shared/lending.ts'
import { hoursText } from '../ui/hours-text.ts'
import { momentText } from '../ui/quantities.ts'
import { labelOf, machineTone } from './machine-texts.ts'

/** How it stands, and how that looks. */
export function lendingLabel(
  { state, doing }: Pick<LendingStatus, 'state' | 'doing'>,
  t: TFunction,
): { readonly text: string; readonly tone: 'good' | 'calm' | 'warn' } {
  switch (state.kind) {
    case 'off':
    case 'dormant':
      return { text: t('machines.queue.connecting'), tone: 'calm' }
    case 'connecting':
      return state.why === null
        ? { text: t('machines.queue.connecting'), tone: 'calm' }
        : { text: t('machines.queue.away'), tone: 'warn' }
    case 'unfit':
      return state.checks.length === 0
        ? { text: t('machines.checking'), tone: 'calm' }
        : { text: t('machines.state.unfit'), tone: 'warn' }
    default: {
      const label = labelOf({ state: state.kind, doing })
      return { text: t(`machines.state.${label}`), tone: machineTone(label) }
    }
  }
}

/** Why it takes nothing, and when it will; null: it takes what there is, or that is said elsewhere. */
export function restText({ state }: Pick<LendingStatus, 'state'>, t: TFunction): string | null {
  if (state.kind === 'draining') return t('machines.lending.drained')
  if (state.kind !== 'resting') return null
  const { because } = state
  return because.by === 'hours'
    ? t('machines.lending.rests.hours', { time: momentText(because.untilMs) })
    : t(`machines.lending.rests.${because.by}`)
}

/** When it takes work: a line for each condition. */
export function termsTexts({ hours, onMains, whenIdle }: LendingSettings, t: TFunction): readonly string[] {
  return [
    ...(hours.length === 0 && !onMains && !whenIdle ? [t('machines.lending.anyTime')] : hours.map(hoursText)),
    ...(onMains ? [t('machines.lending.pluggedIn')] : []),
    ...(whenIdle ? [t('machines.lending.idle')] : []),
  ]
}
