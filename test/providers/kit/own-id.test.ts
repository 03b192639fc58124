/** Ids that services give: one that is given twice is nobody's, and the memory of them has an end. */
import { describe, expect, it } from 'vitest'
import { createOwnId } from '../../../src/main/providers/kit/service.ts'

describe('the id of a job', () => {
  it('belongs to the submit that it was given first, at that address', () => {
    let base = 'https://a.example'
    const ownId = createOwnId('Test', () => base)
    expect([ownId('1', 'one'), ownId('1', 'one')]).toEqual(['1', '1'])
    expect(() => ownId('1', 'two')).toThrow('answer-lost')
    base = 'https://b.example'
    expect(ownId('1', 'two')).toBe('1')
  })

  it('is remembered among the last few thousand, so that a long life needs no more memory than a short one', () => {
    const ownId = createOwnId('Test', () => 'https://a.example')
    const given = 5_000
    for (let n = 0; n < given; n += 1) ownId(`job ${n}`, `submit ${n}`)
    expect(() => ownId(`job ${given - 1_000}`, 'another')).toThrow('answer-lost')
    expect(ownId('job 0', 'another')).toBe('job 0')
  })
})
