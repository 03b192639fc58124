import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const checkout = resolve(import.meta.dirname, '../..')

describe('SECURITY.md', () => {
  it('answers each of the twenty points of Electron’s checklist with a test that is there, or with a reason', () => {
    const rows = [...readFileSync(join(checkout, 'SECURITY.md'), 'utf8').matchAll(/^\| (\d+) +\| .+ \| (.+?) *\|$/gm)]
    expect(rows.map(([, point]) => Number(point))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    const unanswered = rows.filter(([, , shown = '']) => {
      const test = /^`(.+)`$/.exec(shown)?.[1]
      return test === undefined ? !/^Reason: .{20}/.test(shown) : !existsSync(join(checkout, test))
    })
    expect(unanswered).toEqual([])
  })
})
