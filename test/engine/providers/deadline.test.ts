import { describe, expect, it } from 'vitest'
import { within } from '../../../src/main/engine/providers/registry.ts'
import { toFailure } from '../../../src/shared/failure.ts'
import { fakeClock } from '../../support/clock.ts'

const about = { about: { id: 'converso', title: 'Converso', cloud: true, resubmit: 'never', tellsPrice: 'never' } } as const
const never = new AbortController().signal

/** Ends with its signal alone. */
const silence = async (signal: AbortSignal): Promise<string> =>
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

describe('a question with a deadline', () => {
  it('is answered, and leaves no timer', async () => {
    const clock = fakeClock()
    expect([await within(1_000, about, clock, never, async () => 'yes'), clock.waiting()]).toEqual(['yes', 0])
  })

  it('that is not answered in time says that the provider is out of order', async () => {
    const clock = fakeClock()
    const asked = within(1_000, about, clock, never, silence).catch((error: unknown) => toFailure(error))
    clock.advance(1_000)
    expect([await asked, clock.waiting()]).toEqual([
      { code: 'provider-down', facts: { provider: 'Converso', because: 'no-answer', seconds: 1 } },
      0,
    ])
  })

  it('ends with whoever asked', async () => {
    const clock = fakeClock()
    const asker = new AbortController()
    const asked = within(1_000, about, clock, asker.signal, silence).catch((error: unknown) => error)
    asker.abort('cancel')
    expect([await asked, clock.waiting()]).toEqual(['cancel', 0])
  })
})
