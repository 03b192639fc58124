import { describe, expect, it } from 'vitest'
import { bytesText } from '../../../src/renderer/ui/quantities.ts'

describe('a size', () => {
  it('is written in thousands, and bytes in full', () => {
    expect([0, 1, 343, 1000, 5_300_000].map(bytesText)).toEqual(['0 bytes', '1 byte', '343 bytes', '1 kB', '5.3 MB'])
  })
})
