import { describe, expect, it } from 'vitest'
import { archiveLimits, isSpecial, leadsOutside, sizeTrouble } from '../../src/main/files/archive-rules.ts'

describe('what an archive may ask for', () => {
  it.each(['a.txt', 'a/b.txt', 'a..b/c', '...', 'ä/ö'])('takes the name %j', (name) => {
    expect(leadsOutside(name)).toBe(false)
  })

  it.each(['/etc/passwd', '../a', 'a/../../b', '..', 'C:\\a', 'c:a', '\\\\server\\share', 'a\\..\\b', 'a\0b'])(
    'refuses the name %j',
    (name) => {
      expect(leadsOutside(name)).toBe(true)
    },
  )

  it('refuses what unpacks to far more than it is, and leaves a little text alone that does', () => {
    const mib = 2 ** 20
    const bomb = { entries: 1, packedBytes: mib, unpackedBytes: 1024 * mib }
    const text = { entries: 1, packedBytes: 1000, unpackedBytes: 60 * mib }
    const film = { entries: 1, packedBytes: 900 * mib, unpackedBytes: 1024 * mib }
    expect([bomb, text, film].map((size) => sizeTrouble(size))).toEqual(['unpacks-too-large', null, null])
  })

  it('refuses more entries than anybody means', () => {
    const size = { packedBytes: 1000, unpackedBytes: 1000 }
    expect(sizeTrouble({ ...size, entries: archiveLimits.entries })).toBeNull()
    expect(sizeTrouble({ ...size, entries: archiveLimits.entries + 1 })).toBe('too-many-entries')
  })

  it('tells links and devices from files and folders', () => {
    expect([0, 0o100644, 0o040755, 0o120777, 0o020666].map(isSpecial)).toEqual([false, false, false, true, true])
  })
})
