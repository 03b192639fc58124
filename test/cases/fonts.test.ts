/** Outlines of one kind drawn anew as those of the other by FontForge, as fontTools sees them. */
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { fontOf, fontSeen } from '../support/fonts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { orderIn } from '../support/order.ts'
import { never, startMachine } from '../providers/local/machine.ts'

const { local, convert } = startMachine()

it.each([
  ['static.ttf', 'otf', 'font-redrawn'],
  ['cubic.otf', 'ttf', 'font-redrawn'],
  ['spoken.woff2', 'otf', 'font-words-left font-redrawn'],
  ['variable.ttf', 'otf', 'font-redrawn font-axes-left'],
] as const)(
  '%s becomes %s with its characters and widths, and says what was left',
  { timeout: 120_000 },
  async (name, target, codes) => {
    const path = fontOf(name)
    const facts = await local.inspect(path, never)
    const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
    const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options: {}, facts })

    const submitted = await local.submit(order, () => {}, never)

    const before = fontSeen(path)
    const after = fontSeen(order.temp(0))
    const widths = ({ glyphs, characters }: typeof before) =>
      Object.fromEntries(Object.entries(characters).map(([code, glyph]) => [code, glyphs[glyph]?.[0]]))
    expect(after).toMatchObject({ outlines: target, axes: [], flavor: null, sound: true })
    expect(widths(after)).toEqual(widths(before))
    expect(after.tables).toEqual(expect.arrayContaining(['GPOS', target === 'otf' ? 'CFF ' : 'glyf']))
    expect(submitted).toMatchObject({
      parts: [{ by: expect.stringMatching(/^FontForge \d/), said: codes.split(' ').map((code) => ({ code })) }],
    })
    expect(await readdir(dirname(order.temp(0)))).toHaveLength(1)
  },
)

it('a web font whose outlines are asked for is unpacked without FontForge', async () => {
  const woff = await convert(fontOf('cubic.otf'), 'woff')
  expect(fontSeen(await convert(woff, 'otf')).glyphs).toEqual(fontSeen(fontOf('cubic.otf')).glyphs)
})
