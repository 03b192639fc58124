/** Results on their way: broken and resumed, refused, unpacked. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttp } from '../../../src/main/providers/http/client.ts'
import { dispositionName, givenName, distinctNames } from '../../../src/main/providers/http/files/names.ts'
import { kindTrouble } from '../../../src/main/providers/http/files/kinds.ts'
import { receive, receiveAll, receiveOnce } from '../../../src/main/providers/http/files/receive.ts'
import { anyFormatNamed, type FormatId } from '../../../src/shared/formats.ts'
import { eagerClock } from '../../support/clock.ts'
import { temporaryFolder } from '../../support/folder.ts'
import type { Reply } from '../../support/servers/reply.ts'
import { scriptedServer } from '../../support/servers/server.ts'
import type { ProgressReport } from '../../../src/main/providers/provider.ts'
import { failureOf, memoryOf } from '../../support/stage.ts'
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts'

/** Bytes that no text holds, always the same. */
function noise(bytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, n) => createHash('sha256').update(String(n)).digest())
  return Buffer.concat([Buffer.of(0xff, 0xfb), ...blocks]).subarray(0, bytes)
}

/** A server with one result, and a folder for what comes of it. */
async function scene(first: Reply, target: FormatId = 'mp3') {
  let reply = first
  const route = {
    name: 'result',
    origin: 'foreign',
    method: 'GET',
    path: /^\/result$/,
    keyed: false,
    handle: () => reply,
  } as const
  const server = await scriptedServer({ key: 'key', guard: () => null, routes: () => [route] })
  const folder = await temporaryFolder()
  const clock = eagerClock()
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const random = { next: () => 0, key: () => '' }
  const http = createHttp(
    { baseUrl: server.base, key: async () => 'key', clock, random, log, bytesPerSecond: null, memory: memoryOf() },
    { provider: 'Test', auth: () => ({}) },
  )
  const { signal } = new AbortController()
  onTestFinished(async () => {
    await http.stop()
    await server.quiet()
    expect(clock.waiting()).toBe(0)
  })
  const open = async (headers: Readonly<Record<string, string>>) =>
    await http.open({ method: 'GET', to: `${server.foreign}/result`, headers, repeat: 'harmless', key: 'own' }, signal)
  const order = { target, temp: (n: number) => join(folder, `${n}.part`) }
  const progress: (number | null)[] = []
  const into = {
    order,
    provider: 'Test',
    report: ({ done }: ProgressReport) => void progress.push(done),
    clock,
    signal,
  }
  return {
    server,
    folder,
    clock,
    progress,
    answers: (next: Reply) => (reply = next),
    take: async () => await receive({ ...into, open }),
    takeAll: async (count: number) =>
      await receiveAll(
        Array.from({ length: count }, () => open),
        into,
      ),
    ranges: () => server.asked('result').map(({ headers }) => headers.range ?? 'all'),
    /** The connection falls silent in the middle, when so much of the result has come. */
    breakOnce: (meanwhile = () => {}) => {
      server.misbehave('result', { kind: 'stall', share: 0.5 })
      into.report = () => {
        into.report = () => undefined
        meanwhile()
        setImmediate(() => clock.advance(60_000))
      }
    },
  }
}

const song = noise(300)

describe('a result', () => {
  it('is whole, named as the server named it, and its progress is reported', async () => {
    const { take, folder, progress } = await scene({
      body: song,
      headers: { 'content-disposition': 'attachment; filename="CON.mp3"' },
    })
    const parts = await take()
    expect(parts).toEqual([{ temp: join(folder, '0.part'), name: '_CON', format: 'mp3', bytes: 300 }])
    expect([await readFile(join(folder, '0.part')), progress.at(-1)]).toEqual([song, 1])
  })

  it('goes on where it broke off, if it is still the same', async () => {
    const { take, breakOnce, ranges, folder } = await scene({ body: song, etag: '"one"' })
    breakOnce()
    await take()
    expect([ranges(), await readFile(join(folder, '0.part'))]).toEqual([['all', 'bytes=150-'], song])
  })

  it('is begun anew if it has become another one meanwhile', async () => {
    const { take, breakOnce, answers, ranges, folder } = await scene({ body: song, etag: '"one"' })
    const other = noise(200).fill(0, 50)
    breakOnce(() => answers({ body: other, etag: '"two"' }))
    await take()
    expect([ranges(), await readFile(join(folder, '0.part'))]).toEqual([['all', 'bytes=150-'], other])
  })

  it.each<[string, Reply]>([
    ['that nothing distinguishes from another', { body: song }],
    ['whose tag is a weak one', { body: song, headers: { etag: 'W/"one"' } }],
    ['that is made on the fly', { body: song, chunked: true, headers: { 'accept-ranges': 'none', etag: '"one"' } }],
  ])('%s is begun anew after a break', async (_, reply) => {
    const { take, breakOnce, ranges, folder } = await scene(reply)
    breakOnce()
    await take()
    expect([ranges(), await readFile(join(folder, '0.part'))]).toEqual([['all', 'all'], song])
  })

  it.each<[string, Reply]>([
    [
      'another part than was asked for',
      { status: 206, body: song.subarray(10), headers: { 'content-range': 'bytes 10-299/300' } },
    ],
    ['a part of another length', { status: 206, body: song.subarray(150), headers: { 'content-range': 'bytes 150-998/999' } }],
    ['that the part cannot be had', { status: 416, body: '' }],
    ['an error', { status: 500, body: '' }],
  ])('is asked for as a whole where the server answers %s', async (_, reply) => {
    const { take, breakOnce, server, ranges, folder } = await scene({ body: song, etag: '"one"' })
    breakOnce()
    server.misbehave('result', { kind: 'instead', reply }, reply.status === 500 ? 3 : 1)
    await take()
    expect([ranges().at(-1), await readFile(join(folder, '0.part'))]).toEqual(['all', song])
  })

  it('that drips in by single bytes is whole', async () => {
    const { take, server, folder } = await scene({ body: song })
    server.misbehave('result', { kind: 'drip' })
    await take()
    expect(await readFile(join(folder, '0.part'))).toEqual(song)
  })

  it('that is compressed on the way is as long as it really is', async () => {
    const { gzipSync } = await import('node:zlib')
    const { take, folder } = await scene({ body: gzipSync(song), headers: { 'content-encoding': 'gzip' } })
    const [part] = await take()
    expect([part?.bytes, await readFile(join(folder, '0.part'))]).toEqual([300, song])
  })

  it('never replaces a file that is there', async () => {
    const { take, folder } = await scene({ body: song })
    await take()
    await expect(take()).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(join(folder, '0.part'))).toEqual(song)
  })

  it('of several stands beside the others, with numbers on equal names', async () => {
    const { takeAll } = await scene({ body: song, headers: { 'content-disposition': 'inline; filename=A.mp3' } })
    expect((await takeAll(3)).map(({ name }) => name)).toEqual(['A', 'A (2)', 'A (3)'])
  })
})

describe('a result that can be had only once', () => {
  it('is lost, and not to be asked for once more, where it cannot be written down', async () => {
    const answer = {
      status: 200,
      headers: {},
      chunks: (async function* () {
        yield Buffer.from('a result')
      })(),
      waitedMs: () => 0,
      close: () => undefined,
    }
    const absent = join(await temporaryFolder(), 'absent', 'result.part')
    const order = { target: 'mp3', temp: () => absent } as const
    const failed = receiveOnce(answer, {
      order,
      provider: 'Acme',
      report: () => undefined,
      clock: eagerClock(),
      signal: new AbortController().signal,
    })
    await expect(failed).rejects.toMatchObject({ failure: { code: 'answer-lost', cause: { code: 'internal' } } })
  })
})

const as = (name: string): FormatId => anyFormatNamed(name) ?? 'text'

describe('what begins like', () => {
  const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex')
  it.each<[string, FormatId, Buffer | string, string, 'taken' | 'refused']>([
    ['media called media', 'mp3', song, 'audio/mpeg', 'taken'],
    ['media called a page', 'mp3', song, 'text/html', 'taken'],
    ['media called nothing', 'jpeg', jpeg, '', 'taken'],
    ['a page called media', 'mp3', ' \n<!doctype html><p>', 'audio/mpeg', 'refused'],
    ['a message called media', 'mp3', '{"detail":"no"}', 'audio/mpeg', 'refused'],
    ['a list called media', 'mp3', '[1]', 'audio/mpeg', 'refused'],
    ['words', 'wav', 'try again later', 'text/plain', 'refused'],
    ['words for a text', 'text', 'once upon a time', 'text/plain', 'taken'],
    ['words with letters of any script for a text', 'text', 'Жили-были', 'application/octet-stream', 'taken'],
    ['a message for a text', 'text', '{"detail":"no"}', 'application/json', 'refused'],
    ['a page for a text', 'text', '<html>', 'text/html; charset=utf-8', 'refused'],
    ['braces for a text', 'text', '{not a message}', 'text/plain', 'taken'],
    ['a drawing', 'svg', '<?xml version="1.0"?><svg/>', 'image/svg+xml', 'taken'],
    ['a page for a drawing', 'svg', '<html><svg/></html>', 'image/svg+xml', 'refused'],
    ['a document', 'pdf', '%PDF-1.4\n%', 'application/pdf', 'taken'],
    ['nothing', 'mp3', '', 'audio/mpeg', 'refused'],
    ['a page for a page', 'html', '<!doctype html><p>', 'text/html', 'taken'],
    ['a page for Markdown', 'md', '<!DOCTYPE html><p>', 'text/plain', 'refused'],
    ['a badge for Markdown', 'md', '[![build](x.svg)](y)', 'text/plain', 'taken'],
    ['an object for JSON', 'json', '{"error":"is data"}', 'application/json', 'taken'],
    ['a section for subtitles', 'ass', '[Script Info]', 'text/plain', 'taken'],
    ['a message for a table', 'csv', '{"detail":"no"}', 'text/csv', 'refused'],
    ['rich text', 'rtf', '{\\rtf1\\ansi', 'application/rtf', 'taken'],
    ['words for what nobody knows', as('qqq'), 'once upon a time', 'text/plain', 'taken'],
    ['bytes for what nobody knows', as('qqq'), song, 'text/html', 'taken'],
    ['a page for what nobody knows', as('qqq'), ' <html>', '', 'refused'],
    ['a message for what nobody knows', as('qqq'), '{"error":"not here"}', '', 'refused'],
    ['an object for what says that it is one', as('geojson'), '{"message":1}', 'application/json', 'taken'],
    ['a store that denies', as('qqq'), '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>', '', 'refused'],
    ['a document for another one', 'docx', Buffer.from('%PDF-1.7\n%\u0000'), '', 'refused'],
    ['a document', 'docx', Buffer.from('PK\u0003\u0004'), '', 'taken'],
    ['a font', 'woff2', Buffer.from('wOF2\u0000'), '', 'taken'],
    ['a font of another kind', 'woff2', Buffer.from('wOFF\u0000'), '', 'refused'],
  ])('%s for %s is taken or refused', (_, target, head, type, expected) => {
    expect(kindTrouble(Buffer.from(head as string), type, target) === null ? 'taken' : 'refused').toBe(expected)
  })
})

describe('an archive', () => {
  const file = (name: string | Buffer, more: Partial<ZipEntry> = {}): ZipEntry => ({ name, content: song, ...more })
  const zipped = async (entries: readonly ZipEntry[]) =>
    await scene({ body: zipOf(entries), headers: { 'content-type': 'application/zip' } })

  it('is unpacked to numbered files without a gap, its folders flattened', async () => {
    const entries = [
      file('album/'),
      file('album/one.mp3'),
      file('album/cd 2/one.mp3'),
      file('readme.txt', { content: Buffer.from('hi') }),
    ]
    const { take, folder } = await zipped([{ ...entries[0], content: Buffer.alloc(0) } as ZipEntry, ...entries.slice(1)])
    const parts = await take()
    expect(parts.map(({ temp, name, format, bytes }) => [temp, name, format, bytes])).toEqual([
      [join(folder, '1.part'), 'one', 'mp3', 300],
      [join(folder, '2.part'), 'one (2)', 'mp3', 300],
      [join(folder, '0.part'), 'readme', 'text', 2],
    ])
    expect([(await readdir(folder)).toSorted(), await readFile(join(folder, '0.part'), 'utf8')]).toEqual([
      ['0.part', '1.part', '2.part'],
      'hi',
    ])
  })

  it('with one file is that file', async () => {
    const { take, folder } = await zipped([file('one.mp3'), file('__MACOSX/._one.mp3'), file('.DS_Store')])
    expect((await take()).map(({ temp, name }) => [temp, name])).toEqual([[join(folder, '0.part'), 'one']])
    expect((await stat(join(folder, '0.part'))).size).toBe(300)
  })

  it('may name its files in any way that ever was', async () => {
    const names = [
      'Ünï.mp3',
      Buffer.from('Grün.mp3'),
      Buffer.from([0x47, 0x72, 0x81, 0x6e, 0x65, 0x2e, 0x6d, 0x70, 0x33]),
      'folder\\back.mp3',
      'aux.mp3',
      '-rf.mp3',
      'a\nb.mp3',
    ]
    const { take } = await zipped(names.map((name) => file(name)))
    expect((await take()).map(({ name }) => name)).toEqual(['Ünï', 'Grün', 'Grüne', 'back', '_aux', '-rf', 'a_b'])
  })

  it.each<[string, readonly ZipEntry[] | Buffer]>([
    ['that climbs out of its folder', [file('../evil.mp3')]],
    ['that climbs out further in', [file('a/../../evil.mp3')]],
    ['that climbs with backslashes', [file('..\\evil.mp3')]],
    ['with an absolute name', [file('/etc/evil.mp3')]],
    ['with a drive letter', [file('C:\\evil.mp3')]],
    ['with a link', [file('link.mp3', { mode: 0o120777, content: Buffer.from('/etc/passwd') })]],
    ['with a device', [file('disk.mp3', { mode: 0o060600 })]],
    ['with an encrypted file', [file('secret.mp3', { claims: { flags: 0x801 } })]],
    ['that grows beyond measure', [file('bomb.mp3', { content: Buffer.alloc(70 * 1024 * 1024) })]],
    ['that lies about a size', [file('small.mp3', { content: Buffer.alloc(5_000_000, 1), claims: { bytes: 10 } })]],
    ['that claims an absurd size', [file('huge.mp3', { claims: { bytes: 0xfffffff0 } })]],
    ['whose sum is wrong', [file('rotten.mp3', { claims: { crc: 1 } })]],
    ['with an absurd count', Array.from({ length: 5_001 }, (_, n) => file(`${n}`, { content: Buffer.alloc(0) }))],
    ['with nothing in it', []],
    ['with nothing but folders', [file('a/', { content: Buffer.alloc(0) })]],
    ['that is cut off', zipOf([file('one.mp3')]).subarray(0, 200)],
    ['that only claims to be one', Buffer.concat([Buffer.from('PK\u0003\u0004'), song])],
  ])('%s is refused, and nothing of it is left', async (_, entries) => {
    const { take, folder } = await scene({ body: Buffer.isBuffer(entries) ? entries : zipOf(entries) })
    expect([await failureOf(take()), await readdir(folder)]).toEqual(['answer-bad', []])
  })
})

describe('a name that a server gives', () => {
  it.each([
    ['attachment; filename="a b.mp3"', 'a b.mp3'],
    ['attachment; filename=plain.mp3; size=3', 'plain.mp3'],
    ['attachment; filename="fallback.mp3"; filename*=UTF-8\'\'na%C3%AFve%20%E2%82%AC.mp3', 'naïve €.mp3'],
    ['attachment; filename="quo\\"te.mp3"', 'quo"te.mp3'],
    [`attachment; filename="${Buffer.from('Grün.mp3').toString('latin1')}"`, 'Grün.mp3'],
    ["attachment; filename*=UTF-8''%FF; filename=ok.mp3", 'ok.mp3'],
    ['attachment; filename=""', null],
    ['inline', null],
    [undefined, null],
  ])('in %s is read as %s', (header, name) => {
    expect(dispositionName(header)).toBe(name)
  })

  it.each([
    ['../../etc/passwd', 'passwd', 'mp3'],
    ['C:\\Windows\\system32\\evil.mp3', 'evil', 'mp3'],
    ['song.MP3', 'song', 'mp3'],
    ['song.flac', 'song', 'flac'],
    ['song.xyz', 'song.xyz', 'mp3'],
    ['nul', '_nul', 'mp3'],
    ['a<b>:c|d?.mp3', 'a_b__c_d_', 'mp3'],
    ['..', '_', 'mp3'],
    ['', '_', 'mp3'],
  ])('%s becomes %s', (given, name, format) => {
    expect(givenName(given, 'mp3')).toEqual({ name, format })
  })

  it('is numbered where it occurs again, whatever its case', () => {
    const named = ['a', 'A', 'a (2)', 'b'].map((name) => ({ name, format: 'mp3' as const }))
    expect(distinctNames(named).map(({ name }) => name)).toEqual(['a', 'A (2)', 'a (2) (2)', 'b'])
  })
})
