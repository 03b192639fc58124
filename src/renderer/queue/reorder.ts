/** What waits can be put elsewhere in its batch: dragged by the pointer, or with Alt and an arrow. What came of it is announced. */
import { useRef, useState, type DragEvent, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { livePhases, type Job, type Phase } from '../../shared/job.ts'
import { nameOfOrder } from '../add/adding.ts'
import type { GridRows } from './job-grid.tsx'
import { guarded } from '../app/outcomes.ts'

export type Edge = 'before' | 'after'

const movable: ReadonlySet<Phase> = new Set(['queued', 'paused', 'waiting'])

export function isMovable({ state }: Job): boolean {
  return movable.has(state.phase)
}

interface ReorderProps {
  readonly rows: GridRows
  readonly rowPixels: number
  readonly scroller: RefObject<HTMLDivElement | null>
  /** The first of them is at this row now. */
  readonly moved: (index: number) => void
}

export function useReorder({ rows, rowPixels, scroller, moved }: ReorderProps) {
  const { t } = useTranslation()
  const dragged = useRef<readonly Job[]>([])
  const isMoving = useRef(false)
  /** The row that what is dragged over the list would be put above of. */
  const [gap, setGap] = useState<number | null>(null)
  const [announcement, announce] = useState('')

  const put = async (jobs: readonly Job[], index: number, edge: Edge) => {
    // A key held down: each move begins from where the last one ended.
    const [first] = jobs
    if (first === undefined || isMoving.current || rows.move === undefined) return
    isMoving.current = true
    try {
      await rows.move(jobs, index, edge)
      const place = placeOf(first, rows, index, jobs.length)
      if (place === null) return
      moved(place)
      const [header, last] = rows.groupOf(place)
      const facts = { name: nameOfOrder(first.order), place: place - header, of: last - header }
      announce(t(jobs.length === 1 ? 'move.moved' : 'move.movedSome', facts))
    } finally {
      isMoving.current = false
    }
  }
  /** By one place. */
  const step = (all: readonly Job[], focused: number, by: 1 | -1) => {
    const jobs = movableOfOneBatch(all)
    const [first] = jobs
    if (first === undefined) return announce(t('move.cannot'))
    const ids = new Set(jobs.map(({ id }) => id))
    let index = focused
    let neighbour = rows.jobAt(index)
    while (neighbour !== undefined && ids.has(neighbour.id)) neighbour = rows.jobAt((index += by))
    if (neighbour === undefined || !takes(neighbour, first)) return announce(t('move.cannot'))
    guarded(async () => await put(jobs, index, by === 1 ? 'after' : 'before'))
  }
  const over = ({ clientY }: DragEvent): { readonly index: number; readonly edge: Edge } | null => {
    const [first] = dragged.current
    const frame = scroller.current
    if (first === undefined || frame === null) return null
    const y = clientY - frame.getBoundingClientRect().top + frame.scrollTop
    const index = Math.floor(y / rowPixels)
    const job = rows.jobAt(index)
    return job === undefined || !takes(job, first) ? null : { index, edge: y % rowPixels < rowPixels / 2 ? 'before' : 'after' }
  }
  const end = () => {
    dragged.current = []
    setGap(null)
  }
  return {
    gap,
    announcement,
    step,
    start: (all: readonly Job[], { dataTransfer }: DragEvent) => {
      dragged.current = movableOfOneBatch(all)
      dataTransfer.effectAllowed = 'move'
      // A type of our own: to everything else, this is nothing.
      dataTransfer.setData('application/x-beside-jobs', '')
    },
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (dragged.current.length === 0) return
        const place = over(event)
        setGap(place === null ? null : place.index + (place.edge === 'after' ? 1 : 0))
        if (place === null) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'move'
      },
      onDrop: (event: DragEvent) => {
        const place = over(event)
        const jobs = dragged.current
        end()
        if (place === null) return
        event.preventDefault()
        guarded(async () => await put(jobs, place.index, place.edge))
      },
      onDragEnd: end,
    },
  }
}

/** Those that can be moved, of the batch of the first: what was added at once stays one batch. */
function movableOfOneBatch(jobs: readonly Job[]): readonly Job[] {
  const can = jobs.filter(isMovable)
  return can.filter(({ batchId }) => batchId === can[0]?.batchId)
}

/** Only what still is in the queue has a place there. */
function takes(neighbour: Job, job: Job): boolean {
  return neighbour.batchId === job.batchId && (livePhases as readonly Phase[]).includes(neighbour.state.phase)
}

/** Near where it was put. */
function placeOf(job: Job, rows: GridRows, index: number, count: number): number | null {
  for (let off = 0; off <= count + 1; off += 1) {
    for (const place of [index - off, index + off]) if (rows.jobAt(place)?.id === job.id) return place
  }
  return null
}
