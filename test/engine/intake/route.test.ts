import { describe, expect, it } from 'vitest'
import { route, routerOver, type Candidate, type Wanted } from '../../../src/main/engine/intake/route.ts'
import { failure } from '../../../src/shared/failure.ts'
import type { ProviderId } from '../../../src/shared/job.ts'
import type { Capabilities, Pairing } from '../../../src/main/providers/provider.ts'

const audio: Pairing = {
  from: ['wav', 'mp3'],
  to: ['mp3', 'flac'],
  options: ['bitrate', 'sampleRate'],
  values: { sampleRate: [44_100] },
}

function candidate(id: ProviderId, cloud: boolean, capabilities: Partial<Capabilities> = {}): Candidate {
  return {
    about: { id, title: id, cloud, resubmit: 'never', tellsPrice: 'never' },
    capabilities: { pairings: [audio], sources: ['file'], maxBytes: null, ...capabilities },
    unready: null,
  }
}

const order = { from: 'wav', target: 'mp3', options: {}, with: 'auto', localOnly: false } as const
const wanted: Wanted = { source: 'file', address: null, bytes: 10, ...order }
const local = candidate('local', false)
const cloud = candidate('musicgpt', true)

function chosen(change: Partial<Wanted>, candidates: readonly Candidate[] = [local, cloud]): string {
  const routed = route({ ...wanted, ...change }, candidates)
  return routed.ok ? `${routed.provider}: ${routed.reason.code}` : routed.why.code
}

describe('which provider takes a file', () => {
  it('is the first in the user’s order', () => {
    expect([chosen({}), chosen({}, [cloud, local])]).toEqual(['local: first', 'musicgpt: first'])
  })

  it('is the next one when the first cannot', () => {
    expect(chosen({}, [candidate('xconvert', true, { pairings: [] }), local])).toBe('local: first-able')
  })

  it('is the first that can fetch the address', () => {
    const unreachable = (address: string) => (address.length > 20 ? failure('source-not-public', { provider: 'x' }) : null)
    const near = candidate('converso', true, { sources: ['url'], unreachable })
    const far = candidate('musicgpt', true, { sources: ['url'] })
    const at = (address: string, candidates: readonly Candidate[]) => chosen({ source: 'url', address, bytes: null }, candidates)
    expect([at('https://a.test/', [near, far]), at(`https://a.test/${'a'.repeat(20)}`, [near, far])]).toEqual([
      'converso: first',
      'musicgpt: first-able',
    ])
    expect(at(`https://a.test/${'a'.repeat(20)}`, [near])).toBe('source-not-public')
  })

  it('is the one that was named, or none', () => {
    expect([chosen({ with: 'musicgpt' }), chosen({ with: 'converso' })]).toEqual(['musicgpt: chosen', 'provider-unknown'])
  })

  it('may be given a pair on a guess by whoever names it, and never otherwise', () => {
    const guessing = candidate('xconvert', true, { pairings: [], tries: (_, target) => target !== 'zip' })
    const all = [guessing, local]
    const pair = { from: 'docx', target: 'epub' } as const
    expect([
      chosen({ ...pair, with: 'xconvert' }, all),
      chosen(pair, all),
      chosen({ ...pair, target: 'zip', with: 'xconvert' }, all),
      chosen({ ...pair, from: null, with: 'xconvert' }, all),
      chosen({ ...pair, options: { bitrate: 128 }, with: 'xconvert' }, all),
    ]).toEqual(['xconvert: chosen', 'pair-unsupported', 'pair-unsupported', 'pair-unsupported', 'option-unsupported'])
  })

  it('is never one that sends the file away when it must stay', () => {
    expect([chosen({ localOnly: true }, [cloud, local]), chosen({ localOnly: true, with: 'musicgpt' })]).toEqual([
      'local: first-able',
      'private',
    ])
  })

  it('is never one that is not ready', () => {
    const unready = { ...cloud, unready: failure('key-missing', { provider: 'MusicGPT' }) }
    expect([chosen({}, [unready, local]), chosen({}, [unready])]).toEqual(['local: first-able', 'key-missing'])
  })

  it('must take the kind of source and its size', () => {
    const small = candidate('xconvert', true, { maxBytes: 5 })
    expect([chosen({ source: 'url' }), chosen({}, [small])]).toEqual(['source-not-local', 'too-large'])
  })

  it('must take every option given, with its value', () => {
    expect([
      chosen({ options: { bitrate: 192 } }),
      chosen({ options: { crf: 20 } }),
      chosen({ options: { sampleRate: 44_100 } }),
      chosen({ options: { sampleRate: 8_000 } }),
    ]).toEqual(['local: first', 'option-unsupported', 'local: first', 'option-invalid'])
  })

  it('refuses with the reason that got furthest', () => {
    const other = candidate('xconvert', true, { pairings: [] })
    expect(chosen({ options: { crf: 20 } }, [local, other])).toBe('option-unsupported')
  })

  it('names the possible options when one is refused', () => {
    const routed = route({ ...wanted, options: { width: 5 } }, [local])
    expect(routed).toMatchObject({ why: { facts: { option: 'width', allowed: 'bitrate, sampleRate' } } })
  })
})

describe('the same question', () => {
  const counting = (capabilities: Partial<Capabilities> = {}) => {
    const asked = { times: 0 }
    const subject = candidate('musicgpt', true, capabilities)
    const sources = subject.capabilities?.sources ?? []
    const counted = {
      ...subject.capabilities,
      get sources() {
        asked.times += 1
        return sources
      },
    } as Capabilities
    return { asked, ask: routerOver([{ ...subject, capabilities: counted }]) }
  }
  const codeOf = (routed: ReturnType<typeof route>) => (routed.ok ? routed.provider : routed.why.code)

  it('is answered once for files of any size, and once more for those beyond a limit', () => {
    const { asked, ask } = counting({ maxBytes: 10_000_000 })
    const sizes = [1, 2_000_000, 3_000_000, 10_000_000, 10_000_001]
    expect(sizes.map((bytes) => codeOf(ask({ ...wanted, bytes })))).toEqual([
      'musicgpt',
      'musicgpt',
      'musicgpt',
      'musicgpt',
      'too-large',
    ])
    expect(asked.times).toBe(2)
  })

  it('is answered for each file that is too large with its own size, and for each address anew', () => {
    const { ask } = counting({
      maxBytes: 10,
      sources: ['file', 'url'],
      unreachable: (address) => (address.endsWith('/secret') ? failure('source-not-public', { provider: 'x' }) : null),
    })
    const facts = [11, 12].map((bytes) => {
      const routed = ask({ ...wanted, bytes })
      return routed.ok ? null : JSON.stringify(routed.why.facts)
    })
    const at = (address: string) => codeOf(ask({ ...wanted, source: 'url', address, bytes: null }))
    expect({ sizes: new Set(facts).size, open: at('https://a.test/'), closed: at('https://a.test/secret') }).toEqual({
      sizes: 2,
      open: 'musicgpt',
      closed: 'source-not-public',
    })
  })
})

describe('an address of which nobody knows what is behind it', () => {
  const unknown = { source: 'url', address: 'https://a.test/watch?v=1', bytes: null, from: null } as const

  it('may be of any kind that becomes the target', () => {
    const taker = candidate('converso', true, { sources: ['url'] })
    expect([chosen({ ...unknown }, [taker]), chosen({ ...unknown, target: 'webp' }, [taker])]).toEqual([
      'converso: first',
      'pair-unsupported',
    ])
  })
})
