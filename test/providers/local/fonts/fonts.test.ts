/** Fonts that are packed anew, as fontTools sees them, and files that are none. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../../../src/shared/formats.ts'
import { fontOf, fontSeen, type FontName } from '../../../support/fonts.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { orderIn } from '../../../support/order.ts'
import { never, startMachine } from '../machine.ts'

const { local, convert } = startMachine()

/** Packed as a web font first where that is asked for. */
async function packed(name: FontName, as: 'ttf' | 'otf' | 'woff' | 'woff2'): Promise<string> {
  const path = fontOf(name)
  return name.endsWith(as) ? path : await convert(path, as)
}

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

/** What a conversion says of its result. */
async function said(path: string, target: FormatId): Promise<unknown> {
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options: {}, facts })
  const submitted = await local.submit(order, () => {}, never)
  return submitted.kind === 'converted' ? submitted.parts.map((part) => part.said) : null
}

async function failureOf(path: string, target: FormatId = 'woff2'): Promise<{ code: string; facts: Record<string, unknown> }> {
  return await convert(path, target).then(
    () => {
      throw new Error('it was converted')
    },
    ({ failure }: { failure: { code: string; facts: Record<string, unknown> } }) => failure,
  )
}

describe('a font', () => {
  it.each([
    ['static.ttf', 'ttf', 'ttf'],
    ['static.ttf', 'ttf', 'woff'],
    ['static.ttf', 'ttf', 'woff2'],
    ['cubic.otf', 'otf', 'otf'],
    ['cubic.otf', 'otf', 'woff'],
    ['cubic.otf', 'otf', 'woff2'],
    ['static.ttf', 'woff', 'ttf'],
    ['cubic.otf', 'woff', 'otf'],
    ['static.ttf', 'woff', 'woff'],
    ['cubic.otf', 'woff', 'woff2'],
    ['static.ttf', 'woff2', 'ttf'],
    ['cubic.otf', 'woff2', 'otf'],
    ['static.ttf', 'woff2', 'woff'],
    ['cubic.otf', 'woff2', 'woff2'],
    ['variable.ttf', 'ttf', 'woff'],
    ['variable.ttf', 'ttf', 'woff2'],
    ['variable.ttf', 'woff2', 'ttf'],
  ] as const)('%s as %s becomes %s with its glyphs, characters, names and tables', async (name, from, to) => {
    const source = await packed(name, from)
    const before = fontSeen(fontOf(name))

    const after = fontSeen(await convert(source, to))

    const isWeb = to === 'woff' || to === 'woff2'
    expect(after).toEqual({ ...before, flavor: isWeb ? to : null, sound: isWeb ? null : true })
    expect(after.axes).toEqual(name === 'variable.ttf' ? ['wght'] : [])
    expect((await local.inspect(source, never)).document).toEqual({
      glyphs: Object.keys(before.glyphs).length,
      tables: before.tables,
    })
  })

  it('comes out of a WOFF that another program wrote', async () => {
    const after = fontSeen(await convert(fontOf('bare.woff'), 'ttf'))
    expect(after).toEqual(fontSeen(fontOf('static.ttf')))
  })

  it('whose checksums are wrong, or whose end is not filled up, gets right ones', async () => {
    const bytes = await readFile(fontOf('static.ttf'))
    bytes.writeUInt32BE(1, 12 + 4)
    const wrong = await file('wrong.ttf', bytes)

    expect(fontSeen(wrong).sound).toBe(false)
    const back = await convert(await convert(wrong, 'woff'), 'ttf')
    expect(fontSeen(back)).toEqual(fontSeen(fontOf('static.ttf')))
  })

  it('says where its maker forbids what is done with it, and what a web font said besides', async () => {
    expect(await said(fontOf('restricted.ttf'), 'woff')).toEqual([[{ code: 'font-restricted' }]])
    expect(await said(fontOf('spoken.woff'), 'ttf')).toEqual([[{ code: 'font-words-left' }]])
    expect(await said(fontOf('spoken.woff2'), 'woff')).toEqual([[{ code: 'font-words-left' }]])
    expect(await said(fontOf('static.ttf'), 'woff')).toEqual([undefined])
  })

  it('under a wrong ending is what it holds', async () => {
    const path = await file('a.ttf', await readFile(fontOf('cubic.otf')))
    expect((await local.inspect(path, never)).format).toBe('otf')
  })
})

describe('what is no whole font', () => {
  it('is refused by name where it is a text, or several in one', async () => {
    const text = await file('a.ttf', Buffer.from('no font at all, but long enough to look like one'))
    expect(await failureOf(text)).toMatchObject({ code: 'source-damaged' })
    expect(await failureOf(fontOf('both.ttc'))).toMatchObject({ code: 'source-unsupported' })
  })

  it.each(['ttf', 'otf', 'woff', 'woff2'] as const)('as a %s that is cut off or noise fails, and leaves nothing', async (as) => {
    const whole = await readFile(await packed(as === 'otf' ? 'cubic.otf' : 'static.ttf', as))
    const noise = Buffer.concat([whole.subarray(0, 48), Buffer.alloc(5000, 0xa5)])
    for (const bytes of [whole.subarray(0, whole.length / 2), whole.subarray(0, 14), noise]) {
      const path = await file(`a.${as}`, bytes)
      expect(await failureOf(path, as === 'woff2' ? 'woff' : 'woff2')).toMatchObject({ code: 'source-damaged' })
      expect(await readdir(dirname(path))).toEqual([`a.${as}`])
    }
  })

  it('and claims to be gigabytes once it is unpacked, is refused', async () => {
    const woff = await readFile(await packed('static.ttf', 'woff'))
    woff.writeUInt32BE(0xf0000000, 44 + 12)
    expect(await failureOf(await file('a.woff', woff), 'ttf')).toMatchObject({ code: 'source-damaged' })
    const woff2 = await readFile(await packed('static.ttf', 'woff2'))
    woff2.writeUInt32BE(0xf0000000, 16)
    const bomb = await file('a.woff2', woff2)
    expect(['source-damaged', null]).toContain(await failureOf(bomb, 'ttf').then(({ code }) => code, () => null)) // prettier-ignore
  })

  it('has a code when curves of one kind are asked of the other and nothing draws them', async () => {
    const { order } = orderIn(await temporaryFolder(), {
      source: { kind: 'file', path: await packed('cubic.otf', 'woff'), bytes: 1, mtimeMs: 0 },
      from: 'ttf',
      target: 'ttf',
      options: {},
      facts: null,
    })
    await expect(local.submit(order, () => {}, never)).rejects.toMatchObject({
      failure: { code: 'source-unsupported', facts: { because: 'other-outlines', found: 'OpenType' } },
    })
  })
})
