/**
 * What has been drawn of one of two compared pictures: all of it as large as there is room for, and, where somebody looks nearer, the part
 * that they see, as sharp as it is.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { toFailure, type Failure } from '../../shared/failure.ts'
import { wholeRegion, type View, type ViewRequest } from '../../shared/views.ts'
import { useBeside } from '../app/context.tsx'
import { contains, ownBox, seenOf, type Rectangle, type Extent } from './camera.ts'
import type { ComparedFile } from './compared.ts'
import { createNewest, type Newest } from './newest.ts'

export interface Drawn extends Pick<View, 'region' | 'whole'> {
  readonly image: HTMLImageElement
  readonly atMs: number
}

export interface DrawnSide {
  readonly base: Drawn | null
  /** Of the same instant as the base. */
  readonly detail: Drawn | null
  readonly failure: Failure | null
  /** The picture of this instant is not there yet. */
  readonly isDrawing: boolean
}

/** How the picture is looked at now. */
export interface Look {
  /** Where the larger of both pictures lies on the stage, CSS pixels; null before its size is known. */
  readonly box: Rectangle | null
  readonly stage: Extent
}

/** A hand that still moves asks for nothing. */
const restMs = 120
const pixelStep = 128

/** @param atMs the instant, from where the time in common begins */
export function useSide({ file, fromMs, page, absence }: ComparedFile, atMs: number, { box, stage }: Look): DrawnSide {
  const place = { file, page, atMs: Math.round(fromMs + atMs) }
  const room = roomFor(stage)
  const isWanted = absence === null && stage.width > 0
  const base = useDrawn(isWanted ? { ...place, region: wholeRegion, room } : null)
  const shown = base?.drawn ?? null
  const [wantedDetail, setWantedDetail] = useState<ViewRequest | null>(null)
  const detail = useDrawn(wantedDetail)
  const key = JSON.stringify([box, stage, place])
  useEffect(() => {
    const timer = setTimeout(() => {
      if (box === null || shown === null) return
      const own = ownBox(shown.whole, box)
      const region = seenOf(own, stage)
      if (region === null) return
      const wanted = own.width * devicePixelRatio
      if (densityOf(shown) >= sharpest(shown, wanted)) return
      const have = detail?.drawn ?? null
      const isThere = have !== null && have.atMs === place.atMs && contains(have.region, region)
      if (isThere && densityOf(have) >= sharpest(have, wanted)) return
      setWantedDetail({
        ...place,
        region,
        room: pixels({ width: region.width * wanted, height: region.height * own.height * devicePixelRatio }),
      })
    }, restMs)
    return () => clearTimeout(timer)
  }, [key, shown])
  const drawnDetail = detail?.drawn ?? null
  return {
    base: shown,
    detail: drawnDetail !== null && drawnDetail.atMs === shown?.atMs ? drawnDetail : null,
    failure: base?.failure ?? null,
    isDrawing: isWanted && (base === null || base.atMs !== place.atMs),
  }
}

/** Pixels that the whole picture would have across. */
function densityOf({ image, region }: Drawn): number {
  return image.naturalWidth / region.width
}

/** A drawing has as many pixels as one asks for; any other picture no more than its own. */
function sharpest({ image, region, whole }: Drawn, wanted: number): number {
  const isDrawing = image.naturalWidth / region.width > whole.width * 1.05
  return (isDrawing ? wanted : Math.min(wanted, whole.width)) * 0.98
}

function pixels({ width, height }: Extent): Extent {
  return { width: Math.min(8192, Math.max(1, Math.ceil(width))), height: Math.min(8192, Math.max(1, Math.ceil(height))) }
}

/** In steps, so that a window that is being resized does not ask for a picture a pixel. */
function roomFor({ width, height }: Extent): Extent {
  const stepped = (length: number) => Math.ceil((length * devicePixelRatio) / pixelStep) * pixelStep
  return pixels({ width: stepped(width), height: stepped(height) })
}

interface Outcome {
  readonly atMs: number
  readonly drawn: Drawn | null
  readonly failure: Failure | null
}

/** The last answer stays until the next is there. */
function useDrawn(request: ViewRequest | null): Outcome | null {
  const { calls } = useBeside()
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const newest = useRef<Newest<ViewRequest> | null>(null)
  const answer = useCallback(
    async (wanted: ViewRequest, signal: AbortSignal): Promise<Drawn> => {
      const { type, data, region, whole } = await calls.media.view(wanted, { signal })
      const image = new Image()
      image.src = `data:${type};base64,${data}`
      await image.decode()
      return { image, region, whole, atMs: wanted.atMs }
    },
    [calls],
  )
  useEffect(() => {
    const made = createNewest(answer, ({ atMs }: ViewRequest, result) =>
      setOutcome((before) =>
        'answer' in result
          ? { atMs, drawn: result.answer, failure: null }
          : { atMs, drawn: before?.drawn ?? null, failure: toFailure(result.error) },
      ),
    )
    newest.current = made
    return () => made.stop()
  }, [answer])
  const key = JSON.stringify(request)
  useEffect(() => {
    if (request !== null) newest.current?.ask(request)
  }, [key])
  return outcome
}

/** What of the scene is seen, for whoever draws it. */
export function wholeOf(sides: readonly DrawnSide[]): Extent | null {
  const sizes = sides.flatMap(({ base }) => (base === null ? [] : [base.whole]))
  return sizes.toSorted((one, other) => other.width * other.height - one.width * one.height)[0] ?? null
}
