/** One job as a row: what it is, what it becomes, where it stands, what can be done. */
import { isOnlineProvider } from '../../shared/providers.ts'
import {
  IconArrowDown,
  IconArrowNarrowDown,
  IconArrowNarrowUp,
  IconArrowRight,
  IconArrowUp,
  IconCloudUp,
  IconServer2,
} from '@tabler/icons-react'
import { memo, type DragEvent, type MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { leftCount } from '../../shared/content-texts.ts'
import type { Job } from '../../shared/job.ts'
import type { Progress } from '../../shared/wire/contract.ts'
import { nameOfOrder } from '../add/adding.ts'
import { useBeside, useJob } from '../app/context.tsx'
import { bytesText, changeText, percentText, speedText, waitText } from '../ui/quantities.ts'
import { leftBehind } from '../app/outcomes.ts'
import { useJobActions, type Action } from './job-actions.ts'
import {
  describeTrouble,
  folderText,
  machinesOf,
  machineText,
  outputBytes,
  sourceBytes,
  stateText,
  toneOf,
  failureBesideSource,
} from './job-texts.ts'
import css from './job-row.module.css'
import { RowPreview } from './preview.tsx'
import { providerName } from '../providers/provider-texts.ts'
import { isMovable } from './reorder.ts'
import { Bar, RowButton, RowMenu } from './row-button.tsx'

interface JobRowProps {
  readonly job: Job
  readonly index: number
  readonly isSelected: boolean
  readonly isFocused: boolean
  /** Always the same one, or every row would be drawn again. */
  readonly onPick: (index: number, event: MouseEvent) => void
  readonly onDrag: (job: Job, event: DragEvent) => void
  readonly onStep: ((index: number, by: 1 | -1) => void) | null
  /** When it happened, where that matters more than what to press. */
  readonly when?: string
}

export const JobRow = memo(function JobRow(props: JobRowProps) {
  const { job: first, index, isSelected, isFocused, onPick, onDrag, onStep, when } = props
  const { t } = useTranslation()
  const { host } = useBeside()
  const { job, progress } = useJob(first)
  const name = nameOfOrder(job.order)
  const folder = folderText(job, t)
  const failure = failureBesideSource(job)
  const label = stateText(job, t, progress)
  const isRunning = job.state.phase === 'running'
  const share = progress?.progress ?? null
  const canMove = onStep !== null && isMovable(job)
  const hasResults = job.state.phase === 'done' && job.state.outputs.length > 0
  return (
    <div
      role="row"
      id={`row-${index}`}
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      data-focused={isFocused || undefined}
      data-phase={job.state.phase}
      className={css.row}
      onClick={(event) => onPick(index, event)}
      draggable={canMove || (hasResults && host.drag !== null)}
      onDragStart={(event) => onDrag(job, event)}
    >
      <div role="gridcell" className={css.file}>
        <RowPreview job={job} />
        <span className={css.names}>
          <span className={css.name} title={name}>
            <span className={css.text}>{name}</span>
            {job.priority > 0 && <IconArrowNarrowUp size={15} className={css.high} aria-label={t('job.high')} />}
            {job.priority < 0 && <IconArrowNarrowDown size={15} className={css.low} aria-label={t('job.low')} />}
          </span>
          <span className={css.folder} title={folder}>
            <bdi>{folder}</bdi>
          </span>
        </span>
      </div>
      <div role="gridcell" className={css.route}>
        <span>{job.order.from === null ? '?' : job.order.from.toUpperCase()}</span>
        <IconArrowRight size={14} aria-label="→" className={css.arrow} />
        <strong>{job.order.target.toUpperCase()}</strong>
        {isOnlineProvider(job.provider) && (
          <span
            className={css.cloud}
            role="img"
            title={t('job.cloud', { provider: providerName(job.provider, t) })}
            aria-label={t('job.cloud', { provider: providerName(job.provider, t) })}
          >
            <IconCloudUp size={13} aria-hidden />
            {providerName(job.provider, t)}
          </span>
        )}
        {job.provider === 'fleet' && <OnMachine machines={machinesOf(job, progress)} />}
      </div>
      <Sizes job={job} />
      <div role="gridcell" className={css.state} data-tone={toneOf(job)}>
        {isRunning ? (
          <>
            <span className={css.label}>
              <span>{label}</span>
              {share !== null && <span className={css.share}>{percentText(share)}</span>}
            </span>
            <Bar share={share} label={t('job.progress', { name })} />
            <Pace progress={progress} />
          </>
        ) : (
          <>
            <span className={css.label}>
              <i className={css.dot} />
              <span>{label}</span>
              {when !== undefined && <span className={css.when}>{when}</span>}
            </span>
            {failure !== null && (
              <span
                className={css.why}
                title={`${describeTrouble(job.order, failure).message} ${describeTrouble(job.order, failure).action}`}
              >
                {describeTrouble(job.order, failure).message}
              </span>
            )}
            <LeftBehind job={job} />
          </>
        )}
      </div>
      <RowActions job={job} name={name} isFocused={isFocused} step={canMove ? (by) => onStep(index, by) : null} />
    </div>
  )
})

/** Of a job for the fleet: which machine has it. */
function OnMachine({ machines }: { readonly machines: readonly string[] }) {
  const { t } = useTranslation()
  const text = machineText(machines, t) ?? providerName('fleet', t)
  return (
    <span className={css.machine} title={machines.length > 1 ? machines.join(' → ') : text}>
      <IconServer2 size={13} aria-hidden />
      <span>{text}</span>
    </span>
  )
}

/** How fast, and how long yet; empty as long as nobody knows, so that nothing moves when it comes. */
function Pace({ progress }: { readonly progress: Progress | undefined }) {
  const { t } = useTranslation()
  const { speed = null, leftMs = null } = progress ?? {}
  return (
    <span className={css.pace}>
      <span>{speed !== null && speedText(speed)}</span>
      <span>{leftMs !== null && t('job.left', { time: waitText(leftMs) })}</span>
    </span>
  )
}

/** Said quietly: the format has no room for it, and nothing went wrong. */
function LeftBehind({ job: { state } }: { readonly job: Job }) {
  const { t } = useTranslation()
  const count = state.phase === 'done' ? leftCount(state.notes) : 0
  if (state.phase !== 'done' || count === 0) return null
  const list = leftBehind(state.notes)
  return (
    <span className={css.why} title={list.join('\n')}>
      {t('job.leftBehind', { count })}
      <span className="visually-hidden">{`: ${list.join('; ')}`}</span>
    </span>
  )
}

function Sizes({ job }: { readonly job: Job }) {
  const before = sourceBytes(job)
  const after = outputBytes(job)
  return (
    <div role="gridcell" className={css.sizes}>
      {before !== null && <span>{bytesText(before)}</span>}
      {after !== null && (
        <span className={css.after}>
          {bytesText(after)}
          {before !== null && before > 0 && (
            <small data-less={after < before || undefined}>{changeText(after / before - 1)}</small>
          )}
        </span>
      )}
    </div>
  )
}

interface RowActionsProps {
  readonly job: Job
  readonly name: string
  readonly isFocused: boolean
  readonly step: ((by: 1 | -1) => void) | null
}

function RowActions({ job, name, isFocused, step }: RowActionsProps) {
  const { t } = useTranslation()
  const moves: readonly Action[] =
    step === null
      ? []
      : [
          { name: 'up', label: t('move.up'), icon: IconArrowUp, run: () => step(-1) },
          { name: 'down', label: t('move.down'), icon: IconArrowDown, run: () => step(1) },
        ]
  const actions = [...useJobActions()(job), ...moves]
  // In a list of thousands, Tab leads into the row that has the focus and then on.
  const tabIndex = isFocused ? 0 : -1
  return (
    <div role="gridcell" className={css.actions} onClick={(event) => event.stopPropagation()}>
      {actions
        .filter(({ first }) => first === true)
        .map(({ name: key, label, icon, run }) => (
          <RowButton key={key} icon={icon} title={label} label={`${label}: ${name}`} onClick={run} tabIndex={tabIndex} />
        ))}
      <RowMenu actions={actions} label={t('job.more', { name })} tabIndex={tabIndex} />
    </div>
  )
}
