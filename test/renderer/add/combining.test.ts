import { describe, expect, it } from 'vitest'
import { combinedTargets, movedTo, nameFor, parted, pieceOf, sortedByName } from '../../../src/renderer/add/combining.ts'
import { targetsOfOrder, type Pairings } from '../../../src/renderer/add/pairings.ts'

const nothing = { values: {}, defaults: {}, options: [] }
const pairings: Pairings = [
  { provider: 'local', from: ['png', 'jpeg'], to: ['webp', 'pdf'], ...nothing },
  { provider: 'local', from: ['png', 'jpeg', 'pdf'], to: ['pdf'], joins: true, ...nothing },
  { provider: 'local', from: ['png', 'jpeg', 'pdf', 'wav'], to: ['zip'], joins: true, ...nothing },
]
const pieces = (...names: readonly string[]) => names.map((path) => pieceOf(path, { path }))
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)

describe('files that become one', () => {
  it('are told from those that cannot be part of it, each with its reason', () => {
    const { taken, leftOut } = parted(pieces('a.png', 'b.wav', 'https://example.org/c.png', 'd.pdf'), 'pdf', pairings)
    expect(names(taken)).toEqual(['a.png', 'd.pdf'])
    expect(leftOut.map(({ source, why }) => [source, why.code])).toEqual([
      ['b.wav', 'pair-unsupported'],
      ['https://example.org/c.png', 'source-not-local'],
    ])
  })

  it('are offered only what takes them all', () => {
    expect(combinedTargets(pairings, pieces('a.png', 'b.pdf'))).toEqual(expect.arrayContaining(['pdf', 'zip']))
    expect(combinedTargets(pairings, pieces('a.png', 'b.wav'))).toEqual(['zip'])
    const others = [{ kind: 'file' as const, path: '/b.wav', bytes: 1, mtimeMs: 1 }]
    expect(targetsOfOrder(pairings, { from: 'png', others })).toEqual(['zip'])
  })

  it('are sorted as people count', () => {
    expect(names(sortedByName(pieces('page 10.png', 'page 2.png', 'page 1.png')))).toEqual([
      'page 1.png',
      'page 2.png',
      'page 10.png',
    ])
  })

  it('can be put anywhere', () => {
    const list = pieces('a', 'b', 'c')
    const moved = (from: number, to: number) => names(movedTo(list, from, to)).join('')
    expect([moved(0, 2), moved(0, 3), moved(2, 0), moved(1, 1), moved(1, 2)]).toEqual(['bac', 'bca', 'cab', 'abc', 'abc'])
  })

  it('are named after the folder that was dropped, else after the first, without what a template would fill in', () => {
    const file = (path: string) => pieceOf(path, { file: { file: new File([], path), path } })
    expect(nameFor([file('Trip/1.png'), file('Trip/2.png')])).toBe('Trip')
    expect(nameFor([file('a {1}.tar.png'), file('b.png')])).toBe('a 1.tar')
  })
})
