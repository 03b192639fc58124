import { describe, expect, it } from 'vitest'
import { unlooked } from '../../src/main/store/connection.ts'

describe('a statement that is planned once', () => {
  it.each([
    ['SELECT 1 FROM jobs WHERE id = ?', 'SELECT 1 FROM jobs WHERE id = +?'],
    ['WHERE lane = @lane AND due_at<=@nowMs', 'WHERE lane = +@lane AND due_at<=+@nowMs'],
    ['WHERE id <> @except AND key >= ? AND key < ?', 'WHERE id <> +@except AND key >= +? AND key < +?'],
    ['UPDATE jobs SET state = ?', 'UPDATE jobs SET state = +?'],
    ["SELECT state -> ?, state ->> ?, a || ?, json_object('a', @b) LIMIT ?", null],
    ['WHERE search MATCH @expression AND name IN (?, ?)', null],
  ])('has a plus before each value that is compared: %s', (sql, planned) => {
    expect(unlooked(sql)).toBe(planned ?? sql)
  })
})
