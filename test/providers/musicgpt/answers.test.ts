import { describe, expect, it } from 'vitest'
import { readAccepted, readStatus } from '../../../src/main/providers/musicgpt/answers.ts'

describe('an answer of MusicGPT', () => {
  it('may name the result in six ways, of which the first present one counts', () => {
    const names = ['audio_url', 'output_file_path', 'output_path', 'conversion_path', 'conversion_path_1', 'conversion_url']
    const found = names.map((_, index) => {
      const present = Object.fromEntries(names.slice(index).map((name) => [name, `https://a.test/${name}`]))
      const status = readStatus({ conversion: { audio_url: null, ...present, status: 'completed' } })
      return status?.kind === 'done' ? status.url : null
    })
    expect(found).toEqual(names.map((name) => `https://a.test/${name}`))
  })

  it('is read with one id, with numbers as text and the other way round, and with fields missing', () => {
    expect([
      readAccepted({ task_id: 7, credit_estimate: '1.5' }),
      readAccepted({ conversion_id: 'c', eta: 'soon', credit_estimate: null }),
      readAccepted({ task_id: '', conversion_id: null }),
      readAccepted({ success: true }),
    ]).toEqual([
      { task: '7', conversion: null, etaMs: null, credits: 1.5 },
      { task: null, conversion: 'c', etaMs: null, credits: null },
      null,
      null,
    ])
  })
})
