/** Machines and the shared queue in words, and in the order in which they are looked at. */
import type { TFunction } from 'i18next'
import type { FleetMachine, FleetStatus, MachineState } from '../../shared/fleet.ts'
import { countText } from '../ui/quantities.ts'

/** `ready`: it would work, and there is nothing to do. */
type MachineLabel = MachineState | 'ready'

export function labelOf({ state, doing }: Pick<FleetMachine, 'state' | 'doing'>): MachineLabel {
  return state === 'working' && doing.length === 0 ? 'ready' : state
}

type MachineTone = 'good' | 'calm' | 'warn'

const tones: Readonly<Record<MachineLabel, MachineTone>> = {
  working: 'good',
  ready: 'good',
  draining: 'calm',
  resting: 'calm',
  gone: 'calm',
  unfit: 'warn',
  'other-version': 'warn',
}

export function machineTone(label: MachineLabel): MachineTone {
  return tones[label]
}

/** What somebody has to see to stands first, what is no longer there last. In between nothing moves whenever work begins and ends. */
const ranks: Readonly<Record<MachineState, number>> = {
  unfit: 0,
  'other-version': 0,
  working: 1,
  draining: 1,
  resting: 1,
  gone: 2,
}

export function inOrder(machines: readonly FleetMachine[]): readonly FleetMachine[] {
  const byName = new Intl.Collator('en', { numeric: true })
  return machines.toSorted((one, other) => ranks[one.state] - ranks[other.state] || byName.compare(one.name, other.name))
}

/** What is done the longest stands first, so that rows only ever move up. */
export function tasksOf({ doing }: Pick<FleetMachine, 'doing'>): FleetMachine['doing'] {
  return doing.toSorted((one, other) => one.sinceMs - other.sinceMs || (one.name < other.name ? -1 : 1))
}

/** What its owner can tell it now: nothing where it would not hear it, or would do it all the same. */
export type MachineVerb = 'drain' | 'resume' | 'forget'

export function verbFor({ state, isDrained }: Pick<FleetMachine, 'state' | 'isDrained'>): MachineVerb | null {
  if (state === 'gone') return 'forget'
  if (state === 'other-version') return null
  if (isDrained) return 'resume'
  return state === 'draining' ? null : 'drain'
}

const kinds = ['audio', 'short', 'video', 'hardware', 'image', 'document', 'office'] as const

/** What nobody here knows stands last. */
function placeOf(kind: string): number {
  const place = kinds.findIndex((each) => each === kind)
  return place < 0 ? kinds.length : place
}

function kindText(kind: string, t: TFunction): string {
  const known = kinds.find((each) => each === kind)
  return known === undefined ? kind : t(`machines.kind.${known}`)
}

/** `video`, `documents with pandoc`: what an order needs of a machine. */
export function needText(need: string, t: TFunction): string {
  const [kind = '', program] = need.split(/\.(.*)/s)
  return program === undefined ? kindText(kind, t) : t('machines.kindWith', { kind: kindText(kind, t), program })
}

/** How much it takes at once, and the programs that it has besides. */
export function placesOf(
  { places }: Pick<FleetMachine, 'places'>,
  t: TFunction,
): { readonly places: string; readonly programs: string } {
  const needs = Object.entries(places).filter(([, count]) => count > 0)
  const programs = new Set(needs.flatMap(([need]) => need.split(/\.(.*)/s)[1] ?? []))
  const plain = needs.filter(([need]) => !need.includes('.')).toSorted(([one], [other]) => placeOf(one) - placeOf(other))
  return {
    places: plain.map(([need, count]) => `${countText(count)} × ${kindText(need, t)}`).join(' · '),
    programs: [...programs].toSorted().join(' · '),
  }
}

/** `3 working, 1 not ready`, of those that there are. */
export function countsText(machines: readonly FleetMachine[], t: TFunction): string {
  const order: readonly MachineLabel[] = ['working', 'ready', 'draining', 'resting', 'unfit', 'other-version', 'gone']
  const byLabel = Map.groupBy(machines, labelOf)
  return order
    .flatMap((label) => {
      const count = byLabel.get(label)?.length ?? 0
      return count === 0 ? [] : [`${countText(count)} ${t(`machines.counted.${label}`)}`]
    })
    .join(', ')
}

type QueueLabel = 'connecting' | 'connected' | 'away'

/** How the shared queue stands; null where no fleet is set up. */
export function queueLabel(state: FleetStatus['state']): QueueLabel | null {
  if (state.kind === 'off') return null
  return state.kind === 'connecting' && state.why !== null ? 'away' : state.kind
}
