import { describe, expect, it } from 'vitest'
import { describeWhy } from '../../src/shared/describe-why.ts'
import { failure } from '../../src/shared/failure.ts'
import { whySchema } from '../../src/shared/folders.ts'

describe('the reason why a file stands where it stands', () => {
  it('says what led to it, in the words of that failure', () => {
    const cause = failure('disk-full', { path: '/results' })
    expect(describeWhy({ code: 'given-up', facts: { attempts: 3 }, cause })).toBe(`It failed 3 times. ${describeWhy(cause)}`)
  })

  it('is read as it was written by an older Beside, with a sentence among its facts', () => {
    const old = whySchema.parse({ code: 'given-up', facts: { attempts: '3', reason: 'The disk is full.' } })
    expect(describeWhy(old)).toBe('It failed 3 times. The disk is full.')
  })

  it('is whole without anything that led to it', () => {
    expect(describeWhy({ code: 'not-now', facts: {} })).toBe('It cannot be converted right now.')
  })

  it('says with numbers how much is missing', () => {
    expect([
      describeWhy({ code: 'incomplete', facts: { declared: 16_044, bytes: 10_000 } }),
      describeWhy({ code: 'incomplete', facts: { unwritten: 4096 } }),
    ]).toEqual([
      'It ends too early: it should have 16044 bytes and has 10000; the rest may still arrive.',
      'It ends too early: its last 4096 bytes have not been written; the rest may still arrive.',
    ])
  })
})
