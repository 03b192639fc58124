/** Whether a file that is seen is one that the ledger knows. */
import { describe, expect, it } from 'vitest'
import { identify, type Known } from '../../src/main/watch/fingerprint.ts'
import type { LedgerLine } from '../../src/main/store/ledger.ts'

const seen = { dir: '', name: 'take.wav', inode: '7', bytes: 5516, mtimeMs: 2000 }

/** A line of the ledger that was converted, with contents that are known. */
function line(change: Partial<LedgerLine>): LedgerLine {
  return { ...seen, id: 1, mtimeMs: 1000, print: 'abc', state: 'done', goneAtMs: null, ...change } as LedgerLine
}

function known(change: Partial<Known>): Known {
  return { here: null, others: () => [], isThere: async () => false, fingerprint: async () => 'abc', ...change }
}

describe('a file whose contents cannot be read at the moment', () => {
  const unreadable = { fingerprint: async () => null }

  it('is neither changed nor new where they would tell: it could be converted twice', async () => {
    const inPlace = await identify(seen, known({ here: line({}), ...unreadable }))
    const putOver = await identify(seen, known({ here: line({ inode: '8' }), ...unreadable }))
    const back = await identify(seen, known({ others: () => [line({ goneAtMs: 1500 })], ...unreadable }))
    expect({ inPlace, putOver, back }).toEqual({
      inPlace: { kind: 'unread' },
      putOver: { kind: 'unread' },
      back: { kind: 'unread' },
    })
  })

  it('is told apart all the same where length or number are enough', async () => {
    const shorter = await identify({ ...seen, bytes: 1 }, known({ here: line({}), ...unreadable }))
    const stranger = await identify(seen, known({ others: () => [line({ bytes: 1 })], ...unreadable }))
    expect({ shorter: shorter.kind, stranger: stranger.kind }).toEqual({ shorter: 'changed', stranger: 'new' })
  })
})

it('a file with another date and the same contents has been touched, one with others has changed', async () => {
  const touched = await identify(seen, known({ here: line({}) }))
  const changed = await identify(seen, known({ here: line({}), fingerprint: async () => 'def' }))
  expect({ touched: touched.kind, changed: changed.kind }).toEqual({ touched: 'touched', changed: 'changed' })
})
