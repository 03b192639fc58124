import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { orderIn } from '../../support/order.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { subtitleFormats } from '../../../src/main/providers/local/subtitles/pairings.ts'
import { never, startMachine } from './machine.ts'

const { local, convert } = startMachine()

async function file(name: string, text: string | Buffer): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, text)
  return path
}
const textOf = async (path: string): Promise<string> => await readFile(path, 'utf8')

const srt = `1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> & <b>you</b>

2
00:01:03,200 --> 01:00:04,000
Second line
1 < 2

`
/** As FFmpeg reads it, without blank lines. */
const byFfmpeg = (path: string, format: string) =>
  execFileSync('ffmpeg', ['-v', 'error', '-f', format, '-i', path, '-f', 'srt', '-'])
    .toString()
    .replaceAll(/[\r\n]+/g, '\n')
    .trim()

describe('subtitles', () => {
  it('of SubRip are what FFmpeg reads in WebVTT and ASS', async () => {
    const path = await file('a.srt', srt)
    const [vtt, ass] = [await convert(path, 'vtt'), await convert(path, 'ass')]
    expect(await textOf(vtt)).toContain('00:00:01.000 --> 00:00:02.500\n<i>Hello</i> &amp; <b>you</b>\n')
    expect(byFfmpeg(vtt, 'webvtt')).toBe(srt.replaceAll(/\n+/g, '\n').trim())
    expect(byFfmpeg(ass, 'ass')).toContain('<i>Hello</i> & <b>you</b>')
  })

  it.each(subtitleFormats.filter((format) => format !== 'srt'))('go to %s and come back', async (format) => {
    const there = await convert(await file('a.srt', srt), format)
    expect((await local.inspect(await renamed(there, `a.${format}`), never)).document).toMatchObject({ cues: 2 })
    const back = await textOf(await convert(await renamed(there, `a.${format}`), 'srt'))
    const isPlain = format === 'sbv' || format === 'lrc'
    expect(back).toContain(isPlain || format === 'sub' ? 'Hello & you' : '<i>Hello</i> & <b>you</b>')
    expect(back).toMatch(/Second line[\n ]1 < 2/)
    expect(back).toMatch(/00:01:03,(1|2)\d\d --> 0[01]:/)
  })

  it('are read as people have them: out of order, wrongly numbered, without hours, in an old encoding', async () => {
    const bad = Buffer.from(
      '7\r\n01:05,5 -> 01:06,000\r\nlater\r\n\r\n7\r\n00:01,000 --> 00:02,000\r\n{\\an8}fr\xfcher \xe4\xf6\r\n',
      'latin1',
    )
    const text = await textOf(await convert(await file('a.srt', bad), 'srt'))
    expect(text).toBe('1\n00:00:01,000 --> 00:00:02,000\n{\\an8}früher äö\n\n2\n00:01:05,500 --> 00:01:06,000\nlater\n')
  })

  it('are moved and stretched, and fall away before the beginning', async () => {
    const path = await file('a.srt', srt)
    expect(await textOf(await convert(path, 'srt', { shift: -3 }))).toMatch(/^1\n00:01:00,200 --> 01:00:01,000\nSecond line/)
    expect(await textOf(await convert(path, 'srt', { sourceFps: 25, subtitleFps: 50 }))).toContain(
      '00:00:00,500 --> 00:00:01,250',
    )
    expect(await textOf(await convert(path, 'sub', { subtitleFps: 25 }))).toContain('{1}{1}25\n{25}{63}Hello & you\n')
  })

  it('say how many have fallen away', async () => {
    const path = await file('a.srt', srt)
    const source = { kind: 'file', path, bytes: srt.length, mtimeMs: 0 } as const
    const { order } = orderIn(await temporaryFolder(), {
      source,
      from: 'srt',
      target: 'vtt',
      options: { shift: -3 },
      facts: null,
    })
    const submitted = await local.submit(order, () => {}, never)
    expect(submitted).toMatchObject({ parts: [{ said: [{ code: 'cues-left', count: 1 }] }] })
  })

  it('of ASS keep their styles in ASS', async () => {
    const ass = await textOf(await convert(await file('a.srt', srt), 'ass'))
    const own = await file('b.ass', ass.replace('Arial,16', 'Georgia,30'))
    const moved = await textOf(await convert(own, 'ass', { shift: 1 }))
    expect(moved).toContain('Georgia,30')
    expect(moved).toContain('Dialogue: 0,0:00:02.00,0:00:03.50,Default')
  })

  it('of MicroDVD have marks for whole lines', async () => {
    const path = await file('a.srt', '1\n00:00:01,000 --> 00:00:02,000\n<i>one\ntwo</i>\n')
    const sub = await convert(path, 'sub', { subtitleFps: 25 })
    expect(await textOf(sub)).toContain('{25}{50}{y:i}one|{y:i}two\n')
    expect(await textOf(await convert(await renamed(sub, 'a.sub'), 'srt'))).toContain('<i>one</i>\n<i>two</i>')
  })

  it('become plain text', async () => {
    expect(await textOf(await convert(await file('a.srt', srt), 'text'))).toBe('Hello & you\nSecond line 1 < 2\n')
  })

  it('of TTML are read by frames, ticks and styles', async () => {
    const ttml = `<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling" ttp:frameRate="25">
<head><styling><style xml:id="s" tts:fontStyle="italic"/></styling></head><body begin="10s"><div>
<p begin="00:00:01:05" dur="1.5s" style="s">a &amp; b<br/>c</p></div></body></tt>`
    expect(await textOf(await convert(await file('a.ttml', ttml), 'srt'))).toBe(
      '1\n00:00:11,200 --> 00:00:12,700\n<i>a & b\nc</i>\n',
    )
  })

  it.each([
    ['a.srt', Buffer.from('no subtitles at all\n')],
    ['b.ttml', Buffer.from('<tt><body>')],
    ['c.srt', Buffer.from([0, 1, 2, 3, 0, 0, 9, 0])],
  ])('that are none (%s) are refused', async (name, bytes) => {
    await expect(local.inspect(await file(name, bytes), never)).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
  })
})

async function renamed(path: string, name: string): Promise<string> {
  return await file(name, await readFile(path))
}
