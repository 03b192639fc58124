import { describe, expect, it } from 'vitest'
import { readAccepted, readComplaint, readStatus, stepShown } from '../../../src/main/providers/converso/answers.ts'

describe('an answer of Converso', () => {
  it('complains by its envelope, not by its status', () => {
    const found = [
      { success: false, error: { code: 'QUEUE_FULL', message: 'later' } },
      { success: false, error: 'in words' },
      { success: false },
      { error: { code: 'FILE_EXPIRED' } },
      { success: true, data: {}, error: null },
      { success: true, error: {} },
      { data: {} },
      'a page',
      null,
    ].map((body) => readComplaint(body))
    expect(found).toEqual(['QUEUE_FULL', '', '', 'FILE_EXPIRED', null, null, null, null, null])
  })

  it('names a job by whatever id it likes', () => {
    const found = [{ data: { jobId: 'ghij' } }, { data: { jobId: 12 } }, { data: { jobId: '' } }, { jobId: 'x' }, []].map(
      (body) => readAccepted(body),
    )
    expect(found).toEqual(['ghij', '12', null, null, null])
  })

  it('reads of a running job whatever is there and makes sense', () => {
    const found = [
      { status: 'processing' },
      { status: 'PROCESSING', progress: 140, currentStep: 'mixing_down', estimatedTimeRemaining: -1 },
      { status: 'queued', progress: '30', currentStep: 5, estimatedTimeRemaining: '4' },
      { status: 'processing', progress: Number.NaN, currentStep: 'a'.repeat(500) },
    ].map((data) => readStatus({ data }))
    expect(found).toEqual([
      { kind: 'running', stage: 'processing', done: null, step: 'processing', leftMs: null },
      { kind: 'running', stage: 'processing', done: 1, step: 'mixing_down', leftMs: null },
      { kind: 'running', stage: 'queued', done: 0.3, step: 'queued', leftMs: 4_000 },
      { kind: 'running', stage: 'processing', done: null, step: 'a'.repeat(500), leftMs: null },
    ])
  })

  it('shows a step that says more than the status, cut to what a person would read', () => {
    expect(['processing', 'Queued', 'mixing_down', 'a'.repeat(500)].map(stepShown)).toEqual([
      {},
      {},
      { serviceStatus: 'mixing_down' },
      { serviceStatus: 'a'.repeat(80) },
    ])
  })
})
