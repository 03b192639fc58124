import { describe, expect, it } from 'vitest'
import { createNewest } from '../../../src/renderer/compare/newest.ts'

/** Questions are answered when it is said so. */
function scene() {
  const asked: string[] = []
  const taken: unknown[] = []
  const open = new Map<string, { readonly resolve: (answer: string) => void; readonly reject: (reason: unknown) => void }>()
  const signals: AbortSignal[] = []
  const newest = createNewest(
    async (question: string, signal) => {
      asked.push(question)
      signals.push(signal)
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      open.set(question, { resolve, reject })
      return await promise
    },
    (question, outcome) => taken.push([question, outcome]),
  )
  return { newest, asked, taken, open, signals }
}

describe('the newest question', () => {
  it('is asked once the one before it is answered; those between are never asked', async () => {
    const { newest, asked, taken, open } = scene()
    for (const frame of ['1', '2', '3']) newest.ask(frame)
    expect(asked).toEqual(['1'])
    open.get('1')?.resolve('one')
    await expect.poll(() => asked).toEqual(['1', '3'])
    open.get('3')?.reject('no such frame')
    await expect
      .poll(() => taken)
      .toEqual([
        ['1', { answer: 'one' }],
        ['3', { error: 'no such frame' }],
      ])
  })

  it('ends with whoever asked, and nothing is answered after that', async () => {
    const { newest, asked, taken, open, signals } = scene()
    newest.ask('1')
    newest.ask('2')
    newest.stop()
    open.get('1')?.resolve('one')
    await Promise.resolve()
    expect([signals[0]?.aborted, asked, taken]).toEqual([true, ['1'], []])
  })
})
