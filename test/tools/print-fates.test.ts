import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { contentsPath, withTable } from '../../tools/print-fates.ts'

it('the page of what is kept says what the program does: `npm run contents` prints it anew', async () => {
  const page = await readFile(contentsPath, 'utf8')
  expect(page).toBe(withTable(page))
})

it('prints nowhere but between its markers', () => {
  expect(() => withTable('# A page without a place for it')).toThrow('no <!-- table')
})
