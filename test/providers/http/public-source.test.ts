import { describe, expect, it } from 'vitest'
import { assertPublicSource } from '../../../src/main/providers/http/addresses.ts'
import { factsOf, toFailure } from '../../../src/shared/failure.ts'

const away = new URL('https://api.provider.test/v1')
const here = new URL('http://127.0.0.1:4000')

/** Why it is refused, or `fine`. */
function verdict(address: string, change: { readonly base?: URL; readonly maxCharacters?: number } = {}): string {
  try {
    assertPublicSource(address, { provider: 'Somebody', base: change.base ?? away, maxCharacters: change.maxCharacters ?? null })
    return 'fine'
  } catch (error) {
    const why = toFailure(error)
    return `${why.code}: ${factsOf(why)['because']}`
  }
}

const inner = 'source-not-public: address-private'

describe('an address that a provider is to fetch', () => {
  it('may be any public one', () => {
    const addresses = [
      'https://example.com/a.mp4',
      'http://93.184.216.34:8080/a',
      'https://[2606:2800:220:1::1]/a',
      'https://xn--bcher-kva.example/ü?a=b#c',
    ]
    expect(addresses.map((address) => verdict(address))).toEqual(addresses.map(() => 'fine'))
  })

  it.each([
    'http://127.0.0.1/a',
    'http://localhost:3000/a',
    'http://sub.localhost/a',
    'http://[::1]/a',
    'http://10.1.2.3/a',
    'http://192.168.0.9/a',
    'http://172.20.0.1/a',
    'http://169.254.169.254/latest',
    'http://100.64.0.1/a',
    'http://[fe80::1]/a',
    'http://[fd00::1]/a',
    'http://[::ffff:127.0.0.1]/a',
    'http://0x7f000001/a',
    'http://2130706433/a',
    'http://0.0.0.0/a',
    'http://nas/a',
    'http://nas.local/a',
    'http://nas.local./a',
    'http://wiki.corp.internal/a',
    'http://printer.home.arpa/a',
    'http://localhost./a',
  ])('is not %s, which leads into a private network', (address) => {
    expect(verdict(address)).toBe(inner)
  })

  it('is neither a file nor of another scheme', () => {
    const addresses = [
      'file:///etc/passwd',
      'ftp://example.com/a.mp4',
      'data:audio/wav;base64,AA',
      'not an address',
      'C:\\song.wav',
    ]
    expect(addresses.map((address) => verdict(address))).toEqual(addresses.map(() => 'source-not-public: only-web-addresses'))
  })

  it('holds no password', () => {
    expect(['https://me:secret@example.com/a', 'https://me@example.com/a'].map((address) => verdict(address))).toEqual([
      'source-not-public: address-with-password',
      'source-not-public: address-with-password',
    ])
  })

  it('is as long as the provider takes, and no longer', () => {
    const address = `https://example.com/${'a'.repeat(80)}`
    expect([verdict(address, { maxCharacters: 100 }), verdict(`${address}b`, { maxCharacters: 100 })]).toEqual([
      'fine',
      'source-not-public: address-too-long',
    ])
  })

  it('may lead to this machine where the provider itself is on this machine', () => {
    expect([verdict('http://127.0.0.1:9/a', { base: here }), verdict('file:///a', { base: here })]).toEqual([
      'fine',
      'source-not-public: only-web-addresses',
    ])
  })
})
