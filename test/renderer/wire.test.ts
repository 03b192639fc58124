import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { createWire } from '../../src/renderer/wire/live.ts'
import { describe as inWords } from '../../src/shared/describe.ts'
import { JobError, toFailure, type Failure } from '../../src/shared/failure.ts'

/** What the window makes of a call that fails like this. */
async function failureOf(thrown: unknown): Promise<unknown> {
  const wire = createWire()
  wire.use({ call: async () => await Promise.reject(thrown) })
  return await wire.calls.about().then(
    () => null,
    (error: unknown) => (error instanceof JobError ? toFailure(error) : error),
  )
}

describe('a call of the window that fails', () => {
  it('with a failure of the engine is that failure, with the time to wait and the cause', async () => {
    const failure: Failure = {
      code: 'rate-limited',
      facts: { provider: 'XConvert' },
      retryAfterMs: 5000,
      cause: { code: 'network', facts: { reason: 'ECONNRESET' } },
    }
    expect(await failureOf(new ORPCError('FAILURE', { defined: true, data: failure }))).toEqual(failure)
  })

  it('because its input does not fit is a mistake of the input, by the name of the field, and no fault of Beside', async () => {
    const issues = [{ path: ['rule', 'folder'], message: 'Too small: expected string to have >=1 characters' }]
    const failure = await failureOf(new ORPCError('BAD_REQUEST', { message: 'Input validation failed', data: { issues } }))
    expect(failure).toMatchObject({ code: 'usage', facts: { field: 'rule.folder' } })
    expect(inWords(failure as Failure).message).toBe(
      'The request does not fit at “rule.folder”: Too small: expected string to have >=1 characters',
    )
  })

  it('because the engine is of another version says so', async () => {
    expect(await failureOf(new ORPCError('NOT_FOUND'))).toMatchObject({
      code: 'not-possible',
      facts: { because: 'other-version' },
    })
  })

  it('because the line has gone is `offline`, and anything else a fault of Beside', async () => {
    expect(await failureOf(new JobError('offline'))).toMatchObject({ code: 'offline' })
    expect(await failureOf(new TypeError('a mistake of ours'))).toEqual({
      code: 'internal',
      facts: { reason: 'a mistake of ours' },
    })
  })
})
