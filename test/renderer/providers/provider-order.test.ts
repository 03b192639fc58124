import { describe, expect, it } from 'vitest'
import { reordered } from '../../../src/renderer/providers/provider-order.tsx'

describe('the order of providers, changed by what is shown of it', () => {
  it('leaves what is not shown where it is', () => {
    expect(reordered(['local', 'fleet', 'xconvert', 'musicgpt'], ['musicgpt', 'local', 'xconvert'])).toEqual([
      'musicgpt',
      'fleet',
      'local',
      'xconvert',
    ])
  })

  it('is what is shown where all is, and takes in what it did not have', () => {
    expect(reordered(['local', 'fleet'], ['fleet', 'local'])).toEqual(['fleet', 'local'])
    expect(reordered(['local'], ['xconvert', 'local'])).toEqual(['xconvert', 'local'])
  })
})
