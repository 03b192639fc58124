import { describe, expect, it } from 'vitest'
import { csvLine } from '../../../src/renderer/history/export.ts'

const line = {
  id: 1,
  source: '',
  from: '',
  target: '',
  provider: '',
  outcome: '',
  finished: '',
  sourceBytes: 0,
  outputBytes: 0,
  outputs: '',
  failure: '',
  notes: '',
}

describe('the history for other programs', () => {
  it('names with commas, quotes and line ends stay one field', () => {
    expect(csvLine({ ...line, source: 'a, "b"\nc.wav' })).toBe('1,"a, ""b""\nc.wav",,,,,,0,0,,,\r\n')
  })

  it('a name that a spreadsheet would take for a formula is made harmless', () => {
    expect(csvLine({ ...line, source: '=HYPERLINK("x")' })).toBe(`1,"'=HYPERLINK(""x"")",,,,,,0,0,,,\r\n`)
    expect(csvLine({ ...line, source: '-rf.wav' })).toBe(`1,'-rf.wav,,,,,,0,0,,,\r\n`)
  })
})
