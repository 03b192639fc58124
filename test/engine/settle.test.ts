import { describe, expect, it } from 'vitest'
import { failed } from '../../src/main/engine/settle.ts'
import { failure, type FailureCode } from '../../src/shared/failure.ts'

const submit = { step: 'submit', key: 'k', notes: {} } as const
const phaseAfter = (code: FailureCode, attempt: number, resubmit: 'never' | 'same-key') =>
  failed({ why: failure(code), work: submit, attempt, resubmit, nowMs: 0, unit: 0 }).event.type

describe('a submit whose answer was lost', () => {
  it('is left to the user where it would be paid for twice', () => {
    expect(phaseAfter('answer-lost', 1, 'never')).toBe('doubt')
  })

  it('is sent again under the same key, and left to the user when that has told nothing for long', () => {
    expect([phaseAfter('answer-lost', 1, 'same-key'), phaseAfter('answer-lost', 8, 'same-key')]).toEqual(['again', 'doubt'])
  })
})
