import i18next from 'i18next'
import { describe, expect, it } from 'vitest'
import {
  countsText,
  inOrder,
  labelOf,
  machineTone,
  needText,
  placesOf,
  queueLabel,
  tasksOf,
  verbFor,
} from '../../../src/renderer/machines/machine-texts.ts'
import { failure } from '../../../src/shared/failure.ts'
import { machineStates, type FleetMachine } from '../../../src/shared/fleet.ts'
import en from '../../../src/shared/text/en.json' with { type: 'json' }

const t = await i18next.init({
  lng: 'en',
  resources: { en: { translation: en.labels } },
  interpolation: { escapeValue: false },
})

function machine(name: string, more: Partial<FleetMachine> = {}): FleetMachine {
  const rest = {
    version: '1.0.0',
    places: { video: 2 },
    doing: [],
    doneLately: 0,
    load: null,
    startedAtMs: 0,
    silentMs: 0,
    checks: [],
  }
  return { name, state: 'working', isDrained: false, ...rest, ...more }
}

function task(name: string, sinceMs = 0): FleetMachine['doing'][number] {
  return { need: 'video', name, done: 0.5, sinceMs }
}

describe('the state of a machine', () => {
  it('is that it is ready where it would work and has nothing to do, and otherwise what it says', () => {
    expect(machineStates.map((state) => labelOf({ state, doing: [] }))).toEqual([
      'ready',
      'draining',
      'resting',
      'unfit',
      'gone',
      'other-version',
    ])
    expect(labelOf({ state: 'working', doing: [task('a.mov')] })).toBe('working')
  })

  it('warns where somebody has to see to it, and of nothing that is meant so', () => {
    const warned = (['working', 'ready', 'draining', 'resting', 'unfit', 'gone', 'other-version'] as const).filter(
      (label) => machineTone(label) === 'warn',
    )
    expect(warned).toEqual(['unfit', 'other-version'])
  })

  it('says what it can be told: to drain, to resume if it was told to drain, and to be forgotten once it is gone', () => {
    const told = (isDrained: boolean) => Object.fromEntries(machineStates.map((state) => [state, verbFor({ state, isDrained })]))
    expect(told(false)).toEqual({
      working: 'drain',
      // It is being stopped: nothing keeps it.
      draining: null,
      resting: 'drain',
      unfit: 'drain',
      gone: 'forget',
      'other-version': null,
    })
    expect(told(true)).toMatchObject({ draining: 'resume', resting: 'resume', unfit: 'resume', gone: 'forget' })
  })
})

describe('the list of machines', () => {
  it('has first what needs somebody and last what is gone, by numbers in names, whoever works just now', () => {
    const machines = [
      machine('render-10', { doing: [task('a.mov')] }),
      machine('old', { state: 'gone' }),
      machine('render-2', { state: 'resting' }),
      machine('attic', { state: 'unfit' }),
      machine('Mac', { state: 'draining' }),
    ]
    const order = ['attic', 'Mac', 'render-2', 'render-10', 'old']
    expect(inOrder(machines).map(({ name }) => name)).toEqual(order)
    const idle = machines.map((each) => (each.name === 'render-10' ? { ...each, doing: [] } : each))
    expect(inOrder(idle).map(({ name }) => name)).toEqual(order)
  })

  it('shows what is done the longest first, and of what began together the names in their order', () => {
    const doing = [task('c.mov', 30), task('b.mov', 10), task('a.mov', 10)]
    expect(tasksOf({ doing }).map(({ name }) => name)).toEqual(['a.mov', 'b.mov', 'c.mov'])
  })

  it('is counted by states, and leaves out those that none is in', () => {
    const machines = [
      machine('a', { doing: [task('a.mov')] }),
      machine('b'),
      machine('c'),
      machine('d', { state: 'unfit' }),
      machine('e', { state: 'gone' }),
    ]
    expect(countsText(machines, t)).toBe('1 working, 2 ready, 1 not ready, 1 gone')
  })
})

describe('what an order needs of a machine', () => {
  it('is named by what is converted, with the program that it takes; what is not known here by its own name', () => {
    expect(['video', 'hardware', 'document.soffice', 'office.some.thing', 'smell'].map((need) => needText(need, t))).toEqual([
      'video',
      'video on hardware',
      'documents with soffice',
      'office documents with some.thing',
      'smell',
    ])
  })

  it('is listed as places without programs, and as programs, each once', () => {
    const places = { smell: 1, image: 8, video: 2, hardware: 0, 'document.pandoc': 2, 'image.pandoc': 8, 'document.soffice': 2 }
    expect(placesOf({ places }, t)).toEqual({ places: '2 × video · 8 × images · 1 × smell', programs: 'pandoc · soffice' })
    expect(placesOf({ places: {} }, t)).toEqual({ places: '', programs: '' })
  })

  it('is why files wait', () => {
    const text = (count: number) => t('machines.unmet', { count, amount: count, kind: needText('hardware', t) })
    expect([text(1), text(3)]).toEqual([
      '1 file waits: no machine has places for video on hardware.',
      '3 files wait: no machine has places for video on hardware.',
    ])
  })
})

describe('the shared queue', () => {
  it('is away where it is known why it is not connected', () => {
    const why = failure('queue-away')
    expect([
      queueLabel({ kind: 'off' }),
      queueLabel({ kind: 'connecting', why: null }),
      queueLabel({ kind: 'connecting', why }),
      queueLabel({ kind: 'connected' }),
    ]).toEqual([null, 'connecting', 'away', 'connected'])
  })
})
