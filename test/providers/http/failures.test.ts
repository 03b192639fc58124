/** What an answer that is no success means, in words and in time. */
import { describe, expect, it } from 'vitest'
import { reasonIn, safeReason, waitAskedMs } from '../../../src/main/providers/http/failures.ts'

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

describe('a key that comes back in an error body', () => {
  it.each<[name: string, key: string, body: unknown, reason: string]>([
    ['inside a text', 'abc', { error: { message: 'no abc here' } }, 'no (key) here'],
    ['of digits, beside numbers that hold it', '404', { code: 40404, detail: 'no 404' }, 'no (key)'],
    ['of digits, as the only content', '404', { code: 404 }, '(key)'],
    ['that is a word of JSON', 'true', { error: true, message: 'is it true?' }, 'is it (key)?'],
    ['that is the name of a field', 'message', { message: 'a message' }, 'a (key)'],
    ['with signs that JSON escapes', 'a"b\\c', { message: 'no a"b\\c' }, 'no (key)'],
    ['in a list of details', 'abc', { detail: [{ loc: ['body', 'abc'], msg: 'bad abc' }] }, 'body.(key): bad (key)'],
    ['in a text that is no JSON', 'abc', 'no abc', 'no (key)'],
    ['of digits, within a number', '404', { code: 40412 }, '(key)12'],
    ['twice', 'abc', { message: 'abc abc' }, '(key) (key)'],
  ])('is cut out %s', (_name, key, body, reason) => {
    expect(safeReason(body, [key])).toBe(reason)
  })

  it('is cut out with what is longer and begins with it', () => {
    expect(safeReason({ message: 'abc and abcdef' }, ['abc', 'abcdef'])).toBe('(key) and (key)')
  })

  it('is looked for in no more than a person would read: an answer without a bottom says nothing', () => {
    expect(safeReason(JSON.parse('['.repeat(30_000) + ']'.repeat(30_000)), ['abc'])).toBe('')
  })

  it('is cut out before what it stands in is cut short', () => {
    const reason = safeReason({ message: `${'x'.repeat(298)}abcdef` }, ['abcdef'])
    expect(reason).toBe(`${'x'.repeat(298)}(k…`)
  })

  it('that is empty cuts nothing out', () => {
    expect(safeReason({ message: 'no sound' }, [''])).toBe('no sound')
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
  ])('Retry-After %s at server time %s means %s ms', (header, date, ms) => {
    expect(waitAskedMs(header, date, 1_700_000_000_000)).toBe(ms)
  })
})
