import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { formatsPage, formatsPath } from '../../tools/print-formats.ts'

it('the table of formats says what the table of engines says', async () => {
  expect(await readFile(formatsPath, 'utf8')).toBe(formatsPage())
})
