import { onlineManager } from '@tanstack/react-query'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createQueries } from '../../../src/renderer/app/queries.ts'

describe('what the window asks the engine for', () => {
  it('is asked and changed without a network as well: the engine is on this machine', async () => {
    onlineManager.setOnline(false)
    onTestFinished(() => onlineManager.setOnline(true))
    const queries = createQueries()
    onTestFinished(() => queries.clear())
    const asked = queries.fetchQuery({ queryKey: ['settings'], queryFn: async () => 'an answer' })
    const changed = queries
      .getMutationCache()
      .build(queries, { mutationFn: async () => 'a change' })
      .execute(undefined)
    const turn = new Promise((resolve) => setImmediate(() => resolve('nothing')))
    expect(await Promise.race([Promise.all([asked, changed]), turn])).toEqual(['an answer', 'a change'])
  })
})
