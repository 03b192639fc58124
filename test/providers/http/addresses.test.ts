/** Which addresses are talked to. */
import { describe, expect, it } from 'vitest'
import { checkedBase, checkedResultUrl, isPrivateIp, publicLookup } from '../../../src/main/providers/http/addresses.ts'

describe('addresses', () => {
  it.each(['https://example.com/', 'https://192.168.1.5/api', 'http://127.0.0.1:8080/', 'http://localhost:1', 'http://[::1]:2/'])(
    '%s is a base',
    (base) => {
      expect(checkedBase(base, 'Test').href).toContain(new URL(base).host)
    },
  )

  it.each([
    'http://127.0.0.1/a',
    'http://2130706433/a',
    'http://0x7f.1/a',
    'http://localhost/a',
    'http://a.localhost/a',
    'http://[::1]/a',
    'http://[::ffff:10.0.0.1]/a',
    'http://10.1.2.3/a',
    'http://172.16.0.1/a',
    'http://192.168.0.1/a',
    'http://169.254.169.254/latest',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::a00:1]/',
    'http://224.0.0.1/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://',
  ])('%s is never followed', (address) => {
    const base = new URL('https://api.example.com')
    expect(() => checkedResultUrl(address, base, base, 'Test')).toThrow('answer-bad')
  })

  it('of the public web are followed, relative ones from where they stand', () => {
    const base = new URL('https://api.example.com/v1')
    const found = ['https://cdn.example.net/a?b=c', 'http://93.184.216.34/a', '/b', '//cdn.example.net/c'].map(
      (address) => checkedResultUrl(address, base, base, 'Test').href,
    )
    expect(found).toEqual([
      'https://cdn.example.net/a?b=c',
      'http://93.184.216.34/a',
      'https://api.example.com/b',
      'https://cdn.example.net/c',
    ])
  })

  it('that a name resolves to inside this machine are not given away', async () => {
    const code = await new Promise((resolve) =>
      publicLookup('localhost', { all: true }, (error) => resolve(error?.code ?? 'given away')),
    )
    expect(code).toBe('BESIDE_PRIVATE')
  })

  it('that are not IP addresses at all count as private', () => {
    expect(['8.8.8.8', '2606:4700::1', '', 'x', '::ffff:8.8.8.8', '::ffff:192.168.0.1'].map(isPrivateIp)).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
    ])
  })
})
