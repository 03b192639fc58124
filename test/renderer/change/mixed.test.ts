import { describe, expect, it } from 'vitest'
import type { Job, JobState } from '../../../src/shared/job.ts'
import type { Options } from '../../../src/shared/options.ts'
import type { Pairings } from '../../../src/renderer/add/pairings.ts'
import {
  commonOf,
  droppedBy,
  mayChange,
  mayTry,
  optionsOfAll,
  requestedOf,
  shownOptions,
  withOptions,
} from '../../../src/renderer/change/mixed.ts'
import { draftOf, type DraftWish } from '../../support/drafts.ts'

const atStart: JobState = { phase: 'queued', dueAtMs: 0, work: { step: 'prepare' }, last: null }

function job(id: number, wish: DraftWish = {}, state: JobState = atStart): Job {
  return { id, batchId: 1, ...draftOf(`${id}.wav`, wish), state, attempt: 0, createdAtMs: 1 }
}

const withBag = (id: number, options: Options) => job(id, { order: { options } })

const pairings: Pairings = (['mp3', 'flac'] as const).map((target) => ({
  provider: 'local',
  from: ['wav'],
  to: [target],
  options: target === 'mp3' ? ['bitrate', 'channels', 'normalize'] : ['bitDepth', 'channels', 'normalize'],
  values: {},
  defaults: { normalize: { kind: 'value', value: false }, channels: { kind: 'source', upTo: target === 'mp3' ? 2 : 8 } },
}))

describe('several jobs as one form', () => {
  it('show what they have in common, and name what they differ in', () => {
    const jobs = [
      job(1, { order: { options: { bitrate: 128, channels: 1 } } }),
      job(2, { order: { target: 'flac', options: { channels: 1 } }, priority: 1 }),
    ]
    const { targets, options, mixed, priority } = commonOf(jobs)
    expect([targets, options, [...mixed], priority]).toEqual([['mp3', 'flac'], { channels: 1 }, ['bitrate'], null])
    expect(commonOf([job(1)])).toEqual({ targets: ['mp3'], options: {}, mixed: new Set(), priority: 0 })
  })

  it('ask for nothing but what was touched', () => {
    const common = commonOf([withBag(1, { bitrate: 128, channels: 1 }), withBag(2, { bitrate: 192, channels: 1 })])
    const touched = withOptions(common, {}, { channels: 1, bitrate: 64 })
    const reset = withOptions(common, touched, { bitrate: 64 })
    expect([requestedOf(touched, []), requestedOf(reset, []), requestedOf({}, [])]).toEqual([
      { set: { bitrate: 64 } },
      { set: { bitrate: 64 }, reset: ['channels'] },
      {},
    ])
    const { options, mixed } = shownOptions(common, reset)
    expect([options, [...mixed]]).toEqual([{ bitrate: 64 }, []])
    expect(requestedOf(withOptions(common, reset, { bitrate: 64, channels: 2 }), [])).toEqual({
      set: { bitrate: 64, channels: 2 },
    })
  })

  it('name the options that another format does not know, and take those back', () => {
    const jobs = [withBag(1, { bitrate: 128, channels: 1 }), withBag(2, {})]
    const dropped = droppedBy(jobs, 'flac', {}, pairings)
    expect([dropped, droppedBy(jobs, undefined, {}, pairings)]).toEqual([['bitrate'], []])
    expect(requestedOf({ target: 'flac', set: { bitrate: 64 } }, dropped)).toEqual({ target: 'flac', reset: ['bitrate'] })
  })

  it('offer the options that all of their formats take, with what all of them do where nothing is said', () => {
    const { names, defaults } = optionsOfAll(pairings, ['mp3', 'flac'], [job(1), job(2, { order: { target: 'flac' } })])
    expect([names, defaults]).toEqual([['channels', 'normalize'], { normalize: { kind: 'value', value: false } }])
    expect(optionsOfAll(pairings, ['mp3'], [job(1)]).names).toContain('bitrate')
  })

  it('may be changed as long as they have not begun, and tried where they are files that are converted here', () => {
    const submitted: JobState = { phase: 'paused', work: { step: 'submit', key: 'k', notes: {}, inDoubt: true } }
    const running: JobState = { phase: 'running', startedAtMs: 1, work: { step: 'prepare' } }
    expect([job(1), job(2, {}, submitted), job(3, {}, running)].map(mayChange)).toEqual([true, false, false])
    const address = job(4, { order: { source: { kind: 'url', url: 'https://example.org/a.wav' } } })
    expect([job(1), job(2, { provider: 'xconvert' }), address].map(mayTry)).toEqual([true, false, false])
  })
})
