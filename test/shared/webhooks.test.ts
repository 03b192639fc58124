import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../src/shared/settings.ts'
import { isReceiving, webhookOf, webhookUrl } from '../../src/shared/webhooks.ts'

describe('the address of a tunnel', () => {
  it.each([
    '',
    'https://me.example',
    'https://me.example/',
    'https://me.example:8443/a/b',
    'http://127.0.0.1:8787',
    'http://[::1]:1',
  ])('may be “%s”', (address) => expect(settingsSchema.shape.webhookAddress.safeParse(address).success).toBe(true))

  it.each([
    'http://me.example',
    'http://127.0.0.1.example',
    'https://user:password@me.example',
    'https://me.example?a=1',
    'https://me.example/#a',
    'https://',
    'https://a b',
    'me.example',
    'ftp://me.example',
  ])('may not be “%s”', (address) => expect(settingsSchema.shape.webhookAddress.safeParse(address).success).toBe(false))

  it('needs a port that it leads to', () => {
    const address = 'https://me.example'
    const settings = [
      [8787, address],
      [0, address],
      [8787, ''],
    ] as const
    expect(settings.map(([webhookPort, webhookAddress]) => isReceiving({ webhookPort, webhookAddress }))).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('the address that a provider calls', () => {
  it.each(['https://me.example', 'https://me.example/', 'https://me.example/beside//'])(
    'is read as it was written, below %s',
    (address) => {
      const paths = [webhookUrl(address, 'converso', 'a-token'), webhookUrl(address, 'xconvert', null)].map(
        (url) => new URL(url).pathname,
      )
      expect(paths.map(webhookOf)).toEqual([
        { id: 'converso', token: 'a-token' },
        { id: 'xconvert', token: null },
      ])
    },
  )

  it.each(['', '/', '/elsewhere', '/musicgpt/', '/a-token/', '/musicgpt/a/b', '/XCONVERT', '/__proto__'])(
    'is not “%s”',
    (path) => {
      expect(webhookOf(path)).toBeNull()
    },
  )
})
