/** What a fleet and its machines are called on a terminal. */
import { describe } from '../../../shared/describe.ts'
import type { CheckLine, FleetMachine, FleetStatus, MachineState } from '../../../shared/fleet.ts'
import type { LendingState, LendingStatus, Resting } from '../../../shared/lending.ts'
import { hoursText, timestampText } from '../labels.ts'
import type { Screen } from '../terminal/screen.ts'
import { table } from '../terminal/table.ts'
import { shown } from '../terminal/text.ts'

const stateLabels: Readonly<Record<MachineState, string>> = {
  working: 'working',
  draining: 'draining',
  resting: 'resting',
  unfit: 'not ready',
  gone: 'gone',
  'other-version': 'other version',
}

export function statusLines(now: FleetStatus, nowMs: number, screen: Screen): readonly string[] {
  if (now.state.kind === 'off') return ['No fleet is set up here.', 'To try one: beside fleet start --storage FOLDER --trial']
  const head =
    now.state.kind === 'connecting'
      ? [now.state.why === null ? 'Connecting to the shared queue …' : describe(now.state.why).message]
      : []
  const machines =
    now.machines.length === 0
      ? ['No machine has joined yet. `beside fleet start` prints the line for joining.']
      : [
          table(
            [
              { title: 'machine' },
              { title: 'state' },
              { title: 'now' },
              { title: 'done/h', align: 'right' },
              { title: 'load', align: 'right' },
              { title: 'since' },
              { title: 'version' },
            ],
            now.machines.map((machine) => rowOf(machine, nowMs)),
            screen,
          ),
        ]
  const unmet = now.unmet.map(
    ({ need, jobs }) => `${jobs} ${jobs === 1 ? 'file waits' : 'files wait'}: no machine has ${needLabel(need)}`,
  )
  return [...head, ...machines, ...unmet]
}

function rowOf(
  { name, state, doing, doneLately, load, startedAtMs, silentMs, version }: FleetMachine,
  nowMs: number,
): readonly string[] {
  const isHere = state !== 'gone'
  return [
    shown(name),
    isHere ? stateLabels[state] : `gone ${durationText(silentMs)}`,
    isHere ? doingText(doing) : '–',
    isHere ? String(doneLately) : '–',
    isHere && load !== null ? `${Math.round(load * 100)}%` : '–',
    isHere ? durationText(nowMs - startedAtMs) : '–',
    version,
  ]
}

function doingText(doing: FleetMachine['doing']): string {
  if (doing.length === 0) return 'nothing'
  const byNeed = Map.groupBy(doing, ({ need }) => need.split('.')[0] ?? need)
  const counts = [...byNeed].map(([need, some]) => `${some.length} ${need}`).join(', ')
  const [only] = doing
  return doing.length === 1 && only !== undefined
    ? `${shown(only.name)}${only.done === null ? '' : ` ${Math.floor(only.done * 100)}%`}`
    : counts
}

export function needLabel(need: string): string {
  const [kind = '', program] = need.split(/\.(.*)/s)
  return program === undefined ? `places for ${kind}` : `places for ${kind} with ${program}`
}

function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

/** As it follows `Rests`. */
export function restingText(because: Resting): string {
  switch (because.by) {
    case 'hours':
      return `until ${timestampText(because.untilMs)}`
    case 'battery':
      return 'while on battery'
    case 'user':
      return 'while somebody is at this computer'
    case 'user-unknown':
      return 'until Beside can tell that nobody is at this computer: open the app'
    case 'own-work':
      return 'while its own queue converts'
  }
}

/** This computer as a machine of a fleet. */
export function lendingLines({ settings, state, doing, doneLately }: LendingStatus): readonly string[] {
  if (settings === null)
    return ['This computer is not lent.', "To lend it: beside fleet lend --join 'beside://…' --storage FOLDER"]
  const { name, queue, storage, hours, onMains, whenIdle } = settings
  const { host, pathname } = new URL(queue)
  const terms = [
    hours.length === 0 ? 'at any time' : hours.map(hoursText).join('; '),
    ...(onMains ? ['only while plugged in'] : []),
    ...(whenIdle ? ['only when nobody is at it'] : []),
  ]
  return [
    `This computer is lent to the fleet at ${shown(host + pathname)} as ${shown(name)}.`,
    `storage: ${storage.map((path) => shown(path)).join(', ')}`,
    `works: ${terms.join(', ')}`,
    `now: ${lendingText(state)}`,
    ...(state.kind === 'unfit' ? state.checks.map((line) => `  ${checkText(line)}`) : []),
    ...(doing.length > 0 ? [`converting: ${doingText(doing)}`] : []),
    ...(state.kind === 'dormant' ? [] : [`done in the last hour: ${doneLately}`]),
  ]
}

function lendingText(state: LendingState): string {
  switch (state.kind) {
    case 'off':
      return 'not lent'
    case 'dormant':
      return 'takes work while Beside is open: the app, or `beside serve`'
    case 'connecting':
      return state.why === null ? 'connecting' : `tries again to join: ${describe(state.why).message}`
    case 'unfit':
      return state.checks.length === 0 ? 'is being checked' : 'takes no work until all of this is right:'
    case 'working':
      return 'takes work'
    case 'resting':
      return `rests ${restingText(state.because)}`
    case 'draining':
      return 'takes no more work: its fleet has drained it'
  }
}

const marks: Readonly<Record<CheckLine['state'], string>> = { fine: '✓', remark: '!', trouble: '✗' }

/** One line of the proof. */
export function checkText({ check, state, facts }: CheckLine): string {
  return `${marks[state]} ${checkSentence(check, state, facts)}`
}

function checkSentence(check: CheckLine['check'], state: CheckLine['state'], facts: CheckLine['facts']): string {
  const path = shown(String(facts['path'] ?? ''))
  const reason = facts['reason'] === undefined ? '' : ` (${shown(String(facts['reason']))})`
  switch (check) {
    case 'clock': {
      const seconds = (Number(facts['apartMs'] ?? 0) / 1000).toFixed(1)
      return state === 'fine' ? `clock ${sign(seconds)} s` : `the clock is ${sign(seconds)} s off: dates of files will be, too`
    }
    case 'storage':
      return `shared storage at ${path}`
    case 'canary':
      if (state === 'fine') return `it is that of ${shown(String(facts['heads'] ?? ''))}`
      if (facts['because'] === 'no-head')
        return `no Beside that has the queue is running with this storage: start it with \`beside fleet start\``
      return facts['because'] === 'canary-missing'
        ? `${path} does not show what ${shown(String(facts['head']))} has put there: another folder, or a share that is not mounted`
        : `${path} shows something else than what ${shown(String(facts['head']))} has put there: a copy of the storage`
    case 'write':
      if (state === 'fine') return `what is written here is seen there after ${String(facts['seenMs'])} ms`
      return facts['because'] === 'not-seen'
        ? `what is written to ${path} is not seen by the Beside that has the queue`
        : `cannot write to ${path}${reason}`
    case 'names':
      if (state === 'trouble')
        return facts['because'] === 'not-exclusive'
          ? `${path} lets two machines make the same file`
          : `cannot rename in ${path}${reason}`
      return state === 'fine' ? 'links, renames, letters and case work' : `names: ${remarksText(String(facts['remarks'] ?? ''))}`
    case 'space':
      return state === 'fine' ? 'there is room' : `only ${Math.round(Number(facts['bytes'] ?? 0) / 1e6)} MB are free in ${path}`
    case 'ffmpeg':
      return state === 'fine'
        ? `FFmpeg ${shown(String(facts['version'] ?? ''))}`
        : 'FFmpeg is missing: install it, or run `beside doctor`'
  }
}

const remarkTexts: Readonly<Record<string, string>> = {
  links: 'no hard links',
  colon: 'none with a colon',
  case: 'case makes no difference',
  composed: 'accents are one letter, however they are written',
}

function remarksText(remarks: string): string {
  return remarks
    .split(' ')
    .map((each) => remarkTexts[each] ?? each)
    .join(', ')
}

function sign(seconds: string): string {
  return seconds.startsWith('-') ? seconds : `+${seconds}`
}
