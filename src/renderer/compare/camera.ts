/**
 * Where somebody looks in a picture: how near, and at which place. Pure. Lengths are CSS pixels; places in a picture are shares of it, so that
 * two of different size can lie over each other.
 */
import type { Region } from '../../shared/views.ts'

export interface Extent {
  readonly width: number
  readonly height: number
}

export interface Rectangle extends Extent {
  readonly left: number
  readonly top: number
}

/** `fit` follows the window; else CSS pixels for a pixel of the larger picture, and which place is in the middle. */
export type Camera = 'fit' | { readonly zoom: number; readonly x: number; readonly y: number }

/** The pictures as large as the larger one is, and the place that there is for them. */
export interface Scene {
  readonly whole: Extent
  readonly stage: Extent
}

const nearest = 32
/** Of one press of a button. */
export const zoomStep = 1.5

/** Small pictures are not blown up by themselves. */
export function fitZoom({ whole, stage }: Scene): number {
  return Math.min(1, stage.width / whole.width, stage.height / whole.height)
}

export function zoomOf(camera: Camera, scene: Scene): number {
  return camera === 'fit' ? fitZoom(scene) : camera.zoom
}

/** Where the picture lies on the stage. */
export function boxOf(camera: Camera, scene: Scene): Rectangle {
  const { whole, stage } = scene
  const zoom = zoomOf(camera, scene)
  const { x, y } = camera === 'fit' ? { x: 0.5, y: 0.5 } : camera
  const [width, height] = [whole.width * zoom, whole.height * zoom]
  return { left: stage.width / 2 - x * width, top: stage.height / 2 - y * height, width, height }
}

/** Nothing is gained by looking past the edges, nor from farther than all of it. */
export function settled(camera: Camera, scene: Scene): Camera {
  if (camera === 'fit') return camera
  const fit = fitZoom(scene)
  const zoom = Math.min(nearest, camera.zoom)
  if (zoom <= fit * 1.001 && fit < 1) return 'fit'
  const { whole, stage } = scene
  return {
    zoom: Math.max(fit, zoom),
    x: within(camera.x, stage.width / (whole.width * zoom)),
    y: within(camera.y, stage.height / (whole.height * zoom)),
  }
}

/** @param seen share of the picture that the stage shows */
function within(middle: number, seen: number): number {
  return seen >= 1 ? 0.5 : Math.min(1 - seen / 2, Math.max(seen / 2, middle))
}

/** The place under the pointer stays under it. */
export function zoomedTo(camera: Camera, zoom: number, at: { readonly x: number; readonly y: number }, scene: Scene): Camera {
  const box = boxOf(camera, scene)
  const bounded = Math.min(nearest, Math.max(fitZoom(scene), zoom))
  const [x, y] = [(at.x - box.left) / box.width, (at.y - box.top) / box.height]
  const { whole, stage } = scene
  const moved = {
    zoom: bounded,
    x: x + (stage.width / 2 - at.x) / (whole.width * bounded),
    y: y + (stage.height / 2 - at.y) / (whole.height * bounded),
  }
  return settled(moved, scene)
}

export function panned(camera: Camera, dx: number, dy: number, scene: Scene): Camera {
  const zoom = zoomOf(camera, scene)
  const { x, y } = camera === 'fit' ? { x: 0.5, y: 0.5 } : camera
  return settled({ zoom, x: x - dx / (scene.whole.width * zoom), y: y - dy / (scene.whole.height * zoom) }, scene)
}

export function canPan(camera: Camera, scene: Scene): boolean {
  const { width, height } = boxOf(camera, scene)
  return width > scene.stage.width + 1 || height > scene.stage.height + 1
}

/** Two pictures of nearly one shape lie over each other; one that was cut keeps its own, in the middle. */
export function ownBox(own: Extent, box: Rectangle): Rectangle {
  const [shape, wanted] = [own.width / own.height, box.width / box.height]
  if (Math.abs(shape / wanted - 1) < sameShape) return box
  const [width, height] = shape > wanted ? [box.width, box.width / shape] : [box.height * shape, box.height]
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height }
}

/** Rounding to whole pixels bends a small picture by so much. */
const sameShape = 0.03

/** What of a picture is on the stage, and a little around it; null where nothing is. */
export function seenOf(box: Rectangle, { width, height }: Extent): Region | null {
  const margin = 0.1
  const left = share(-margin * width - box.left, box.width)
  const top = share(-margin * height - box.top, box.height)
  const right = share((1 + margin) * width - box.left, box.width)
  const bottom = share((1 + margin) * height - box.top, box.height)
  return right <= left || bottom <= top ? null : { left, top, width: right - left, height: bottom - top }
}

function share(length: number, whole: number): number {
  return Math.min(1, Math.max(0, length / whole))
}

/** Where a part of a picture lies, that itself lies in a box. */
export function partBox({ left, top, width, height }: Region, box: Rectangle): Rectangle {
  return {
    left: box.left + left * box.width,
    top: box.top + top * box.height,
    width: width * box.width,
    height: height * box.height,
  }
}

export function contains(outer: Region, inner: Region): boolean {
  const slack = 1e-6
  return (
    outer.left <= inner.left + slack &&
    outer.top <= inner.top + slack &&
    outer.left + outer.width >= inner.left + inner.width - slack &&
    outer.top + outer.height >= inner.top + inner.height - slack
  )
}
