import i18next from 'i18next'
import { describe, expect, it } from 'vitest'
import { machinesOf, machineText, stateText } from '../../../src/renderer/queue/job-texts.ts'
import type { Job } from '../../../src/shared/job.ts'
import de from '../../../src/shared/text/de.json' with { type: 'json' }
import en from '../../../src/shared/text/en.json' with { type: 'json' }
import type { Progress } from '../../../src/shared/wire/contract.ts'

async function inLanguage(lng: string, { labels }: { readonly labels: object }) {
  const own = i18next.createInstance()
  return await own.init({ lng, resources: { [lng]: { translation: labels } }, interpolation: { escapeValue: false } })
}

const t = await inLanguage('en', en)

function progress(said: string | null, stage: Progress['stage'] = 'processing'): Progress {
  return { id: 1, progress: 0.4, stage, leftMs: null, speed: null, said }
}

function jobOf(provider: Job['provider'], step = 'wait'): Job {
  return { id: 1, provider, state: { phase: 'running', work: { step } } } as Job
}

describe('a job of the fleet', () => {
  it('is on the machine that had it last, and its attempt is that of its machines', async () => {
    const of = (said: string | null) => machineText(machinesOf(jobOf('fleet'), progress(said)), t)
    expect(['render-02', 'render-01 → render-02', 'a → b → c', 'a → b → c → d'].map(of)).toEqual([
      'render-02',
      'render-02, 2nd attempt',
      'c, 3rd attempt',
      'd, 4th attempt',
    ])
    expect(machineText(['a', 'b'], await inLanguage('de', de))).toBe('b, 2. Versuch')
  })

  it('is on none before one has it, and what others say of themselves is no machine', () => {
    expect(machinesOf(jobOf('fleet'), progress(null))).toEqual([])
    expect(machinesOf(jobOf('fleet'), undefined)).toEqual([])
    expect(machineText([], t)).toBeNull()
    expect(machinesOf(jobOf('xconvert'), progress('in line → working'))).toEqual([])
  })

  it('waits for a machine until one has it, and is then converted like any other', () => {
    const fleet = jobOf('fleet')
    expect([
      stateText(fleet, t),
      stateText(fleet, t, progress(null, 'queued')),
      stateText(fleet, t, progress('render-02')),
      stateText(jobOf('fleet', 'place'), t, progress('render-02')),
      stateText(jobOf('xconvert'), t, progress(null)),
    ]).toEqual(['Waiting for a machine', 'Waiting for a machine', 'Converting', 'Saving the result', 'Waiting for the provider'])
  })
})
