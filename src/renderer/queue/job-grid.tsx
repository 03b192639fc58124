/**
 * A long list of rows: only those on screen exist. One stop for Tab; arrows move a focus of its own, Shift and Ctrl select as in any
 * file manager, and letters do what the row's buttons do.
 */
import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  useCallback,
  useEffect,
  useRef,
  useState,
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import css from './job-grid.module.css'
import { useStore } from 'zustand'
import { keyActions, useJobActions } from './job-actions.ts'
import { createSelection, SelectionBar } from './selection.tsx'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { isMovable, useReorder, type Edge } from './reorder.ts'

export interface GridRows {
  readonly count: number
  /** Undefined for rows that are no job, or not here yet. */
  jobAt(index: number): Job | undefined
  jobsBetween(from: number, to: number): Promise<readonly Job[]>
  /** First and last row of the batch of this row, or of all where there are no batches: for select all. */
  groupOf(index: number): readonly [from: number, to: number]
  /** Enter on a row that is no job. */
  enter?(index: number): void
  /** The last rows are on screen. */
  reached?(): void
  /** Puts jobs before or after the one at this row; resolves when the rows around there are up to date. */
  move?(jobs: readonly Job[], index: number, edge: Edge): Promise<void>
}

export interface RowState {
  readonly index: number
  readonly isSelected: boolean
  readonly isFocused: boolean
  onPick(index: number, event: MouseEvent): void
  onDrag(job: Job, event: DragEvent): void
  /** Null where rows have the place that they have. */
  readonly onStep: ((index: number, by: 1 | -1) => void) | null
}

interface JobGridProps {
  readonly label: string
  /** A tree where rows can be opened and closed. */
  readonly role: 'grid' | 'treegrid'
  readonly rows: GridRows
  readonly draw: (state: RowState) => ReactNode
}

const rowPixels = 54
/** Below the bar over the end of the list, and free above it. */
const barMarginPixels = 30

export function JobGrid({ label, role, rows, draw }: JobGridProps) {
  const { t } = useTranslation()
  const beside = useBeside()
  const actionsOf = useJobActions()
  const scroller = useRef<HTMLDivElement>(null)
  const [selection] = useState(createSelection)
  const { focus, jobs: selected } = useStore(selection.state)
  const { ref: bar, height: barHeight } = useElementSize<HTMLDivElement>()
  // What can be done with the selected ones lies over the end of the list, in one row of buttons or in several.
  const barPixels = selected.size > 1 ? barHeight + barMarginPixels : 0
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 6,
    paddingEnd: barPixels,
    scrollPaddingEnd: barPixels,
    useFlushSync: false,
  })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  const focused = Math.min(focus, Math.max(0, rows.count - 1))

  useEffect(() => {
    if (last >= rows.count - 10) rows.reached?.()
  }, [last, rows])

  const extendTo = (index: number) => guarded(async () => await selection.extendTo(index, rows.jobsBetween))
  const toggle = (index: number) => {
    const job = rows.jobAt(index)
    if (job !== undefined) selection.toggle(job)
  }
  const moveTo = (index: number, isExtending: boolean) => {
    const to = Math.max(0, Math.min(rows.count - 1, index))
    selection.focus(to)
    virtual.scrollToIndex(to)
    if (isExtending) extendTo(to)
    else selection.anchor(to)
  }
  const pick = (index: number, event: MouseEvent) => {
    scroller.current?.focus({ preventScroll: true })
    selection.focus(index)
    if (event.shiftKey) return extendTo(index)
    selection.anchor(index)
    if (event.ctrlKey || event.metaKey) return toggle(index)
    const job = rows.jobAt(index)
    selection.select(job === undefined ? [] : [job])
  }
  const reorder = useReorder({ rows, rowPixels, scroller, moved: (index) => moveTo(index, false) })
  const targets = (index = focused): readonly Job[] => {
    const job = rows.jobAt(index)
    return selected.size > 0 ? [...selected.values()] : job === undefined ? [] : [job]
  }
  const drag = (job: Job, event: DragEvent) => {
    const jobs = (selected.has(job.id) ? [...selected.values()] : [job]).map(beside.queue.newestOf)
    if (job.state.phase === 'done') beside.host.drag?.(jobs, event)
    else if (rows.move !== undefined && isMovable(job)) reorder.start(jobs, event)
    else event.preventDefault()
  }
  const step = (index: number, by: 1 | -1) => {
    const job = rows.jobAt(index)
    if (job !== undefined) reorder.step(selected.has(job.id) ? targets(index) : [job], index, by)
  }
  const newest = useRef({ pick, drag, step })
  newest.current = { pick, drag, step }
  const onPick = useCallback((index: number, event: MouseEvent) => newest.current.pick(index, event), [])
  const onDrag = useCallback((job: Job, event: DragEvent) => newest.current.drag(job, event), [])
  const onStep = useCallback((index: number, by: 1 | -1) => newest.current.step(index, by), [])
  const press = (event: KeyboardEvent) => {
    if (event.target !== scroller.current) return
    const page = Math.max(1, Math.floor(scroller.current.clientHeight / rowPixels) - 1)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: focused + 1,
      ArrowUp: focused - 1,
      PageDown: focused + page,
      PageUp: focused - page,
      Home: 0,
      End: rows.count - 1,
    }
    const to = moves[event.key]
    if (event.altKey && rows.move !== undefined && (event.key === 'ArrowUp' || event.key === 'ArrowDown'))
      step(focused, event.key === 'ArrowUp' ? -1 : 1)
    else if (to !== undefined) moveTo(to, event.shiftKey)
    else if (event.key === ' ') toggle(focused)
    else if (event.key === 'Escape') selection.select([])
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      const [from, end] = rows.groupOf(focused)
      selection.anchor(from)
      extendTo(end)
    } else if (event.ctrlKey || event.metaKey || event.altKey) return
    else if (event.key === 'Enter' && rows.jobAt(focused) === undefined) rows.enter?.(focused)
    else if (!keyActions(event.key, targets(), beside, actionsOf)) return
    event.preventDefault()
  }
  return (
    <div className={css.frame}>
      <div
        ref={scroller}
        role={role}
        aria-label={label}
        aria-rowcount={rows.count}
        aria-multiselectable
        aria-activedescendant={shown.some(({ index }) => index === focused) ? `row-${focused}` : undefined}
        tabIndex={0}
        className={css.grid}
        onKeyDown={press}
        {...reorder.handlers}
      >
        <div role="rowgroup" className={css.space} style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, start, key }) => {
            const job = rows.jobAt(index)
            const state: RowState = {
              index,
              isSelected: job !== undefined && selected.has(job.id),
              isFocused: index === focused,
              onPick,
              onDrag,
              onStep: rows.move === undefined ? null : onStep,
            }
            return (
              <div
                key={key}
                role="presentation"
                className={css.line}
                style={{ height: rowPixels, transform: `translateY(${start}px)` }}
                onDoubleClick={() => keyActions('Enter', job === undefined ? [] : [job], beside, actionsOf)}
              >
                {draw(state) ?? (
                  <div role="row" id={`row-${index}`} aria-rowindex={index + 1} className={css.coming}>
                    <span role="gridcell">{t('queue.row')}</span>
                  </div>
                )}
              </div>
            )
          })}
          {reorder.gap !== null && <div className={css.gap} style={{ transform: `translateY(${reorder.gap * rowPixels}px)` }} />}
        </div>
      </div>
      <p className="visually-hidden" role="status">
        {reorder.announcement}
      </p>
      {selected.size > 1 && <SelectionBar ref={bar} jobs={[...selected.values()]} clear={() => selection.select([])} />}
    </div>
  )
}
