import { describe, expect, it } from 'vitest'
import {
  boxOf,
  canPan,
  fitZoom,
  ownBox,
  panned,
  seenOf,
  settled,
  zoomedTo,
  type Scene,
} from '../../../src/renderer/compare/camera.ts'

const scene: Scene = { whole: { width: 4000, height: 2000 }, stage: { width: 1000, height: 800 } }

describe('where somebody looks in a picture', () => {
  it('is all of it at first, in the middle, and small pictures are not blown up', () => {
    expect([fitZoom(scene), boxOf('fit', scene)]).toEqual([0.25, { left: 0, top: 150, width: 1000, height: 500 }])
    expect(fitZoom({ ...scene, whole: { width: 100, height: 100 } })).toBe(1)
  })

  it('stays under the pointer while it comes nearer', () => {
    const at = { x: 250, y: 400 }
    const camera = zoomedTo('fit', 1, at, scene)
    const { left, top, width, height } = boxOf(camera, scene)
    expect([(at.x - left) / width, (at.y - top) / height]).toEqual([0.25, 0.5])
  })

  it('never leaves the picture, and goes back to all of it', () => {
    const near = zoomedTo('fit', 1, { x: 500, y: 400 }, scene)
    expect([canPan(near, scene), boxOf(panned(near, 90_000, 90_000, scene), scene)]).toEqual([
      true,
      { left: 0, top: 0, width: 4000, height: 2000 },
    ])
    expect([
      zoomedTo(near, 0.001, { x: 0, y: 0 }, scene),
      settled({ zoom: 0.2, x: 0, y: 0 }, scene),
      canPan('fit', scene),
    ]).toEqual(['fit', 'fit', false])
    expect(zoomedTo(near, 1e9, { x: 500, y: 400 }, scene)).toMatchObject({ zoom: 32 })
  })

  it('asks for the part that is seen and a little around it', () => {
    const { width, height } = scene.stage
    expect(seenOf({ left: -900, top: 0, width: 4000, height: 800 }, { width, height })).toEqual({
      left: 0.2,
      top: 0,
      width: 0.3,
      height: 1,
    })
    expect(seenOf({ left: 2000, top: 0, width: 10, height: 10 }, { width, height })).toBe(null)
  })

  it('lays pictures of nearly one shape over each other, and keeps the shape of one that was cut', () => {
    const box = { left: 0, top: 150, width: 1000, height: 500 }
    expect(ownBox({ width: 333, height: 166 }, box)).toEqual(box)
    expect(ownBox({ width: 100, height: 100 }, box)).toEqual({ left: 250, top: 150, width: 500, height: 500 })
  })
})
