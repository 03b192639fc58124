/** Hooks and their deliveries as a terminal shows them. */
import { basename } from 'node:path'
import { describe } from '../../../shared/describe.ts'
import type { HookEvent } from '../../../shared/hook-events.ts'
import {
  hookOutcomes,
  type Delivery,
  type DeliveryCounts,
  type DeliveryPhase,
  type Hook,
  type HookStatus,
  type HookTest,
} from '../../../shared/hooks.ts'
import { timestampText } from '../labels.ts'
import type { Screen } from '../terminal/screen.ts'
import { table } from '../terminal/table.ts'
import { counted, durationText, numberText, shown } from '../terminal/text.ts'

const moments: Readonly<Record<Hook['after'], string>> = {
  job: 'each job',
  batch: 'each batch',
  folder: 'a watched folder at rest',
}

const phaseWords: Readonly<Record<DeliveryPhase, string>> = {
  due: 'due',
  running: 'running',
  delivered: 'delivered',
  failed: 'failed, will be tried again',
  'given-up': 'given up',
}

export function hookText(hook: Hook): string {
  const { name, timeoutMs } = hook
  const limit = `time limit ${durationText(timeoutMs)}`
  return [shown(name), `  after ${whenText(hook)}`, `  ${doesText(hook)}`, `  ${limit}${hook.on ? '' : ' · off'}`].join('\n')
}

function whenText({ after, outcomes, folderId, preset }: Hook): string {
  return [
    moments[after],
    ...(outcomes.length === hookOutcomes.length ? [] : [outcomes.join(', ')]),
    ...(folderId === null ? [] : [`folder ${folderId}`]),
    ...(preset === null ? [] : [`preset ${shown(preset)}`]),
  ].join(' · ')
}

/** As it could be typed again. */
function doesText({ action }: Hook): string {
  if (action.kind === 'url') return `POST ${shown(action.url)}`
  return [action.program, ...action.args].map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${shown(word)}'`)).join(' ')
}

export function hookTable(hooks: readonly HookStatus[], screen: Screen): string {
  const columns = [
    { title: 'NAME', yields: 'in the middle' },
    { title: 'AFTER', yields: 'at the end' },
    { title: 'DOES', yields: 'in the middle' },
    { title: 'DELIVERIES', yields: 'at the end' },
  ] as const
  return table(
    columns,
    hooks.map(({ hook, counts }) => [
      shown(hook.name),
      whenText(hook),
      doesText(hook),
      (hook.on ? '' : 'off · ') + countsText(counts),
    ]),
    screen,
  )
}

function countsText(counts: DeliveryCounts): string {
  const words = { ...phaseWords, failed: 'to be tried again' }
  const some = (Object.keys(words) as DeliveryPhase[]).filter((phase) => counts[phase] > 0)
  return some.length === 0 ? 'none yet' : some.map((phase) => `${numberText(counts[phase])} ${words[phase]}`).join(', ')
}

export function deliveryTable(deliveries: readonly Delivery[], hooks: readonly HookStatus[], screen: Screen): string {
  const names = new Map(hooks.map(({ hook }) => [hook.id, hook.name]))
  const columns = [
    { title: 'WHEN' },
    { title: 'HOOK', yields: 'in the middle' },
    { title: 'ABOUT', yields: 'in the middle' },
    { title: 'STATE', yields: 'at the end' },
  ] as const
  const rows = deliveries.map(({ createdAtMs, hookId, event, state, attempt }) => {
    const tries = attempt > 1 ? ` (${counted(attempt, 'try', 'tries')})` : ''
    const why = 'why' in state ? `: ${shown(describe(state.why).message)}` : ''
    const due = state.phase === 'failed' ? ` next at ${timestampText(state.dueAtMs)}` : ''
    return [
      timestampText(createdAtMs),
      shown(names.get(hookId) ?? ''),
      aboutText(event),
      `${phaseWords[state.phase]}${tries}${why}${due}`,
    ]
  })
  return table(columns, rows, screen)
}

function aboutText(event: HookEvent): string {
  switch (event.about) {
    case 'job':
      return `${event.outcome}: ${shown(basename(event.job.source))}`
    case 'batch':
      return `batch ${event.batch.id}: ${shown(event.batch.label)}`
    case 'folder':
      return `folder ${event.folder.id}: ${shown(event.folder.path)}`
  }
}

export function testText(hook: Hook, { answer, why, output }: HookTest): string {
  const said = output.trim() === '' ? [] : [output.split('\n').map(shown).join('\n').trimEnd()]
  if (why !== null) {
    const { message, action } = describe(why)
    return [message, action, ...said].filter((text) => text !== '').join('\n')
  }
  const status = answer?.status ?? 0
  const what = hook.action.kind === 'url' ? `The server answered ${status}` : 'The program ended well'
  return [`${what} after ${durationText(answer?.tookMs ?? 0)}.`, ...said].join('\n')
}
