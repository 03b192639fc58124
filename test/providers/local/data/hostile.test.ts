/** Data that is made to hurt: each ends in one clean failure, soon, and nothing is left of it. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FormatId } from '../../../../src/shared/formats.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { orderIn } from '../../../support/order.ts'
import { never, startMachine } from '../machine.ts'

const { local } = startMachine()

/** @returns what it ended with, or how many results there are. */
async function outcome(name: string, from: FormatId, target: FormatId, content: string | Buffer): Promise<unknown> {
  const folder = await temporaryFolder()
  const path = join(folder, name)
  await writeFile(path, content)
  const source = { kind: 'file', path, bytes: content.length, mtimeMs: 0 } as const
  const { order } = orderIn(folder, { source, from, target, options: {}, facts: null })
  try {
    const submitted = await local.submit(order, () => {}, never)
    return submitted.kind === 'converted' ? submitted.parts.length : submitted.kind
  } catch (error) {
    const left = await readdir(folder)
    return left.length > 1 ? left : ((error as { readonly failure?: unknown }).failure ?? error)
  }
}

const damaged = (facts: object) =>
  expect.objectContaining({ code: 'source-damaged', facts: expect.objectContaining(facts) as unknown }) as unknown

it('entities that grow without end are not followed', async () => {
  const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`)
  const xml = `<!DOCTYPE r [<!ENTITY l0 "ha">${laughs.join('')}]><r>&l9;</r>`
  expect(await outcome('a.xml', 'xml', 'json', xml)).toEqual(damaged({}))
})
it('aliases that grow without end, or lead in a circle, are not followed', async () => {
  const bomb = Array.from(
    { length: 12 },
    (_, n) => `a${n}: &a${n} [${n === 0 ? '1' : Array.from({ length: 9 }, () => `*a${n - 1}`).join(', ')}]`,
  )
  expect(await outcome('a.yaml', 'yaml', 'json', bomb.join('\n'))).toEqual(damaged({ because: 'nested-too-deep' }))
  expect(await outcome('a.yaml', 'yaml', 'json', 'a: &a [*a]\n')).toEqual(damaged({ because: 'nested-too-deep' }))
})
it.each(['json', 'yaml', 'toml', 'xml', 'ndjson'] as const)('a hundred thousand levels of %s are refused', async (from) => {
  const [open, close] = from === 'xml' ? ['<a>', '</a>'] : ['[', ']']
  const text = `${from === 'toml' ? 'a = ' : ''}${open.repeat(100_000)}${close.repeat(100_000)}`
  expect(await outcome(`a.${from}`, from, 'csv', text)).toEqual(damaged({}))
})
it('what is no text is refused, whatever it is called', async () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256))
  for (const from of ['csv', 'json', 'yaml', 'xml'] as const)
    expect(await outcome(`a.${from}`, from, 'tsv', bytes)).toEqual(damaged({ because: 'not-text' }))
  expect(await outcome('a.csv', 'csv', 'json', 'a,b\n1,\0\n')).toEqual(damaged({ because: 'not-text' }))
})
it('a quote that never ends is told', async () => {
  expect(await outcome('a.csv', 'csv', 'json', `a,b\n"${'x\n'.repeat(1000)}`)).toEqual(damaged({ reason: '"' }))
})
it('a workbook that is none, or that is cut off, is refused', async () => {
  expect(await outcome('a.xlsx', 'xlsx', 'csv', Buffer.from('PK\x03\x04 nothing'))).toEqual(
    damaged({ because: 'archive-unreadable' }),
  )
})
