/** Two pictures over each other, and a boundary that is moved between them; both are looked at more nearly, or elsewhere, at once. */
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { IconMinus, IconPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState, type PointerEvent, type ReactNode, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { percentText } from '../ui/quantities.ts'
import { AbsenceNote } from './absence-note.tsx'
import { boxOf, canPan, panned, settled, zoomedTo, zoomOf, zoomStep, type Camera, type Scene } from './camera.ts'
import type { ComparedPair } from './compared.ts'
import { paint } from './draw.ts'
import css from './split-view.module.css'
import { useSide, wholeOf, type Look } from './use-side.ts'

interface SplitViewProps extends ComparedPair {
  /** From where the time in common begins, ms. */
  readonly atMs: number
  /** Beside the buttons: what else is to be chosen. */
  readonly children?: ReactNode
}

const middle = 0.5
const keyPan = 60

export function SplitView({ before, after, atMs, children }: SplitViewProps) {
  const { t } = useTranslation()
  const { ref: measured, width, height } = useElementSize<HTMLDivElement>()
  const element = useRef<HTMLDivElement>(null)
  const stageRef = useMergedRef(measured, element)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [chosen, setCamera] = useState<Camera>('fit')
  const [boundary, setBoundary] = useState(middle)
  const stage = { width, height }
  const [look, setLook] = useState<Look>({ box: null, stage })
  const first = useSide(before, atMs, { ...look, stage })
  const second = useSide(after, atMs, { ...look, stage })
  const whole = wholeOf([first, second])
  const scene: Scene | null = whole === null || width === 0 ? null : { whole, stage }
  const camera = scene === null ? 'fit' : settled(chosen, scene)
  const box = scene === null ? null : boxOf(camera, scene)
  const drawn = { before: first, after: second, box, stage, boundary }
  useEffect(() => setLook({ box, stage }), [JSON.stringify(box), width, height])
  useEffect(() => {
    const { box: there, ...rest } = drawn
    if (canvas.current !== null && there !== null) paint(canvas.current, { ...rest, box: there })
  })
  const zoomAt = (factor: number, at = { x: width / 2, y: height / 2 }) =>
    scene !== null && setCamera((now) => zoomedTo(now, zoomOf(now, scene) * factor, at, scene))
  const actual = () => scene !== null && setCamera((now) => zoomedTo(now, 1, { x: width / 2, y: height / 2 }, scene))
  const pan = (dx: number, dy: number) => scene !== null && setCamera((now) => panned(now, dx, dy, scene))
  const gestures = useGestures({ pan, zoomAt, canPan: scene !== null && canPan(camera, scene), setBoundary })
  useWheel(element, zoomAt)
  useZoomKeys({ zoomAt, actual, fit: () => setCamera('fit') })
  const sides = [
    { compared: before, side: first, left: 0, share: boundary, label: t('media.original') },
    { compared: after, side: second, left: boundary, share: 1 - boundary, label: t('media.result') },
  ]
  return (
    <div className={css.view}>
      <div
        className={css.stage}
        ref={stageRef}
        data-pannable={(scene !== null && canPan(camera, scene)) || undefined}
        {...gestures}
      >
        <canvas
          ref={canvas}
          className={css.canvas}
          role="img"
          tabIndex={0}
          aria-label={t('comparison.picture', { before: before.name, after: after.name })}
          onKeyDown={(event) => {
            const [dx, dy] = directions[event.key] ?? [0, 0]
            if (dx === 0 && dy === 0) return
            event.preventDefault()
            pan(dx * keyPan, dy * keyPan)
          }}
        />
        {sides.map(({ compared, side, left, share, label }) => (
          <div key={compared.file.of} className={css.half} style={{ left: `${left * 100}%`, width: `${share * 100}%` }}>
            <span className={css.tag} data-hidden={share < 0.12 || undefined}>
              {label}
            </span>
            <AbsenceNote compared={compared} failure={side.failure} />
            {side.isDrawing && side.failure === null && (
              <span className={css.drawing} role="status">
                {t('comparison.drawing')}
              </span>
            )}
          </div>
        ))}
        <Boundary at={boundary} onChange={setBoundary} />
      </div>
      <div className={css.controls}>
        <div className={css.zoom} role="group" aria-label={t('comparison.zoom')}>
          <button
            type="button"
            aria-label={t('comparison.zoomOut')}
            title={t('comparison.zoomOut')}
            onClick={() => zoomAt(1 / zoomStep)}
          >
            <IconMinus size={16} aria-hidden />
          </button>
          <output className={css.percent}>{scene === null ? '' : percentText(zoomOf(camera, scene))}</output>
          <button
            type="button"
            aria-label={t('comparison.zoomIn')}
            title={t('comparison.zoomIn')}
            onClick={() => zoomAt(zoomStep)}
          >
            <IconPlus size={16} aria-hidden />
          </button>
          <button type="button" aria-pressed={camera === 'fit'} onClick={() => setCamera('fit')}>
            {t('comparison.fit')}
          </button>
          <button type="button" aria-pressed={scene !== null && zoomOf(camera, scene) === 1} onClick={actual}>
            {percentText(1)}
          </button>
        </div>
        {children}
      </div>
    </div>
  )
}

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}

interface Zooming {
  zoomAt(factor: number): unknown
  actual(): unknown
  fit(): unknown
}

const zoomKeys: Readonly<Record<string, (zooming: Zooming) => unknown>> = {
  '+': ({ zoomAt }) => zoomAt(zoomStep),
  '=': ({ zoomAt }) => zoomAt(zoomStep),
  '-': ({ zoomAt }) => zoomAt(1 / zoomStep),
  '0': ({ fit }) => fit(),
  '1': ({ actual }) => actual(),
}

/** Wherever the focus is in the dialog. */
function useZoomKeys(zooming: Zooming): void {
  const latest = useRef(zooming)
  useEffect(() => {
    latest.current = zooming
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const act = zoomKeys[event.key]
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      act(latest.current)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

const boundaryKeys: Readonly<Record<string, (at: number) => number>> = {
  ArrowLeft: (at) => at - 0.02,
  ArrowDown: (at) => at - 0.02,
  ArrowRight: (at) => at + 0.02,
  ArrowUp: (at) => at + 0.02,
  PageDown: (at) => at - 0.1,
  PageUp: (at) => at + 0.1,
  Home: () => 0,
  End: () => 1,
}

function Boundary({ at, onChange }: { readonly at: number; readonly onChange: (at: number) => void }) {
  const { t } = useTranslation()
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The dialog was there before it, and its first button has the focus by now.
    if (document.activeElement?.closest('header') !== null) element.current?.focus({ preventScroll: true })
  }, [])
  return (
    <div
      ref={element}
      className={css.boundary}
      style={{ left: `${at * 100}%` }}
      role="slider"
      tabIndex={0}
      data-boundary
      aria-label={t('comparison.boundary')}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(at * 100)}
      aria-valuetext={t('comparison.boundaryAt', { before: percentText(at), after: percentText(1 - at) })}
      onKeyDown={(event) => {
        const move = boundaryKeys[event.key]
        if (move === undefined) return
        event.preventDefault()
        onChange(Math.min(1, Math.max(0, Math.round(move(at) * 1000) / 1000)))
      }}
    >
      <span className={css.knob} aria-hidden>
        ‹ ›
      </span>
    </div>
  )
}

interface Gestures {
  readonly pan: (dx: number, dy: number) => unknown
  readonly zoomAt: (factor: number, at: { readonly x: number; readonly y: number }) => unknown
  /** Where there is nothing to be moved, the whole picture moves the boundary. */
  readonly canPan: boolean
  readonly setBoundary: (at: number) => void
}

/** One finger or the mouse moves, two fingers zoom. */
function useGestures({ pan, zoomAt, canPan: isPannable, setBoundary }: Gestures) {
  const pointers = useRef(new Map<number, { readonly x: number; readonly y: number }>())
  const isMovingBoundary = useRef(false)
  const placeIn = (event: PointerEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const boundaryTo = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    setBoundary(Math.min(1, Math.max(0, (event.clientX - left) / width)))
  }
  const onPointerUp = (event: PointerEvent<HTMLElement>) => void pointers.current.delete(event.pointerId)
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      pointers.current.set(event.pointerId, placeIn(event))
      isMovingBoundary.current = !isPannable || (event.target as Element).closest('[data-boundary]') !== null
      if (isMovingBoundary.current && pointers.current.size === 1) boundaryTo(event)
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const from = pointers.current.get(event.pointerId)
      if (from === undefined) return
      const to = placeIn(event)
      const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, place]) => place)
      pointers.current.set(event.pointerId, to)
      if (other !== undefined) {
        const apart = (place: { readonly x: number; readonly y: number }) => Math.hypot(place.x - other.x, place.y - other.y)
        zoomAt(apart(to) / Math.max(1, apart(from)), { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 })
      } else if (isMovingBoundary.current) boundaryTo(event)
      else pan(to.x - from.x, to.y - from.y)
    },
    onPointerUp,
    onPointerCancel: onPointerUp,
  }
}

function useWheel(stage: RefObject<HTMLElement | null>, zoomAt: Gestures['zoomAt']): void {
  const latest = useRef(zoomAt)
  useEffect(() => {
    latest.current = zoomAt
  })
  useEffect(() => {
    const element = stage.current
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const { left, top } = element?.getBoundingClientRect() ?? { left: 0, top: 0 }
      latest.current(Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top })
    }
    // Not passive, so that nothing behind it moves.
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => element?.removeEventListener('wheel', onWheel)
  }, [stage])
}
