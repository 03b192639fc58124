/** What an answer that is no success means, in words and in time. */
import { describe, expect, it } from 'vitest'
import { reasonIn, waitAskedMs } from '../../../src/main/providers/online/trouble.ts'

describe('an error body', () => {
  it.each<[unknown, string]>([
    [{ error: { code: 'X', message: 'no sound' } }, 'no sound'],
    [{ error: 'no sound' }, 'no sound'],
    [{ message: 'no sound' }, 'no sound'],
    [{ detail: 'no sound' }, 'no sound'],
    [
      {
        detail: [
          { loc: ['body', 'files'], msg: 'field required' },
          { loc: ['body'], msg: 'bad' },
        ],
      },
      'body.files: field required; body: bad',
    ],
    [{ success: false, error: { code: 'QUEUE_FULL' } }, 'QUEUE_FULL'],
    [{ error: true, message: 'no sound' }, 'no sound'],
    ['plain words', 'plain words'],
    ['<!DOCTYPE html><h1>502</h1>', ''],
    ['a\u001b[31mred\u0000', 'a [31mred'],
    [{}, ''],
    [null, ''],
    [42, ''],
  ])('%j is read as “%s”', (body, words) => {
    expect(reasonIn(body)).toBe(words)
  })
})

describe('a wait that is asked for', () => {
  it.each([
    ['120', undefined, 120_000],
    ['1.5', undefined, 1_500],
    ['Tue, 14 Nov 2023 22:14:20 GMT', undefined, 60_000],
    ['Tue, 14 Nov 2023 22:14:20 GMT', 'Tue, 14 Nov 2023 22:14:10 GMT', 10_000],
    ['Tue, 14 Nov 2023 22:00:00 GMT', undefined, 0],
    ['99999999', undefined, 24 * 3_600_000],
    ['soon', undefined, null],
    [undefined, undefined, null],
  ])('Retry-After %s at server time %s means %s ms', (said, date, ms) => {
    expect(waitAskedMs(said, date, 1_700_000_000_000)).toBe(ms)
  })
})
