import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostHere, joinAddress, placeOf, splitAddress, workerCommand } from '../../../src/renderer/machines/queue-address.ts'

describe('an address with a password in it', () => {
  it('is parted into both, so that the password is seen nowhere', () => {
    expect(splitAddress(' postgres://beside:p%40ss%20word@nas:5432/beside?sslmode=require ')).toEqual({
      address: 'postgres://beside@nas:5432/beside?sslmode=require',
      password: 'p@ss word',
    })
    expect(splitAddress('postgresql://beside:100%@nas/beside')).toEqual({
      address: 'postgresql://beside@nas/beside',
      password: '100%',
    })
  })

  it('stays as it is while it is being typed, or has none', () => {
    for (const text of ['', 'postgres://', 'postgres://beside', 'postgres://beside@nas/beside', 'nas:5432', 'http://a:b@c'])
      expect(splitAddress(text)).toEqual({ address: text, password: '' })
  })

  it('is put together again whatever the password is, and read as the engine reads it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
        const whole = joinAddress('postgres://beside@nas:5432/beside', password)
        expect(splitAddress(whole)).toEqual({ address: 'postgres://beside@nas:5432/beside', password })
        expect(decodeURIComponent(new URL(whole).password)).toBe(password)
        expect(new URL(whole).hostname).toBe('nas')
      }),
    )
  })

  it('is given on as it was written where it is none, or there is no password', () => {
    expect(joinAddress(' nas:5432/beside ', 'secret')).toBe('nas:5432/beside')
    expect(joinAddress('postgres://beside@nas/beside', '')).toBe('postgres://beside@nas/beside')
  })
})

describe('where the shared queue is', () => {
  it('is shown without who enters there', () => {
    expect(placeOf('postgres://beside@nas:5432/beside?sslmode=require')).toBe('nas:5432/beside')
    expect(placeOf('postgresql://nas/beside')).toBe('nas/beside')
  })

  it('is nowhere for other machines under names by which each finds itself', () => {
    const address = (host: string) => `postgres://beside@${host}/beside`
    expect(['localhost', 'localhost:5432', '127.0.0.1:5432', '[::1]:5432'].map((host) => hostHere(address(host)))).toEqual([
      'localhost',
      'localhost',
      '127.0.0.1',
      '[::1]',
    ])
    expect(['nas', 'nas:5432', '192.168.1.4', 'localhost.example'].map((host) => hostHere(address(host)))).toEqual([
      null,
      null,
      null,
      null,
    ])
  })
})

describe('what a machine is started with', () => {
  it('is one line for a shell, with the join line and the storage as one word each', () => {
    expect(workerCommand('beside://nas:5432/beside#key', ['/mnt/media', "/mnt/Ana's films"])).toBe(
      String.raw`beside worker --join 'beside://nas:5432/beside#key' --storage /mnt/media '/mnt/Ana'\''s films'`,
    )
  })
})
