import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliProcess } from '../../support/cli.ts'
import { desk } from '../../support/assistant.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

async function withTones(...names: readonly string[]) {
  const here = await desk()
  for (const name of names) await writeTone(join(here.folder, name), 0.1)
  return here
}

describe('the tools', () => {
  it.each(['legacy', 'auto'] as const)('are listed with what they do and need, over the protocol of %s', async (mode) => {
    const here = await desk()
    const { client } = await here.assistant({ mode })
    const { tools } = await client.listTools()
    const hints = Object.fromEntries(
      tools.map(({ name, annotations = {} }) => [
        name,
        [annotations.readOnlyHint, annotations.destructiveHint, annotations.openWorldHint],
      ]),
    )
    expect(hints).toEqual({
      convert: [false, false, false],
      status: [true, undefined, false],
      inspect: [true, undefined, false],
      formats: [true, undefined, false],
      history: [true, undefined, false],
    })
    expect(client.getInstructions()).toContain(here.folder)
    for (const { description, inputSchema, outputSchema } of tools) {
      expect([description?.length ?? 0, JSON.stringify(inputSchema).length].every((length) => length > 0 && length < 4000)).toBe(
        true,
      )
      expect([inputSchema.type, inputSchema['additionalProperties'], outputSchema?.type]).toEqual(['object', false, 'object'])
    }
  })

  it('say that online services may be used where they may', async () => {
    const here = await desk()
    const { client } = await here.assistant({ words: ['--allow', here.folder, '--online'] })
    const { tools } = await client.listTools()
    expect(tools.find(({ name }) => name === 'convert')).toMatchObject({
      annotations: { openWorldHint: true },
      description: expect.stringContaining('Online services may be used'),
    })
  })

  it('say how to allow a folder where none is, and touch nothing', async () => {
    const here = await withTones('a.wav')
    const { call } = await here.assistant({ words: [] })
    const calls = [
      call('convert', { sources: [join(here.folder, 'a.wav')], target: 'flac' }),
      call('inspect', { path: join(here.folder, 'a.wav') }),
      call('status'),
      call('history'),
      call('formats'),
    ]
    for (const { isError, text } of await Promise.all(calls))
      expect([isError, text]).toEqual([true, expect.stringContaining('beside mcp --allow FOLDER')])
    expect([await readdir(here.folder), existsSync(join(here.home, 'beside.db'))]).toEqual([['a.wav'], false])
  })

  it('say which allowed folder is not there', async () => {
    const here = await desk()
    const absent = join(here.folder, 'absent')
    const { call } = await here.assistant({ words: ['--allow', absent] })
    expect(await call('formats')).toMatchObject({ isError: true, text: expect.stringContaining(absent) })
  })
})

describe('convert', () => {
  it.each(['legacy', 'auto'] as const)('converts a file and tells where the result is, over the protocol of %s', async (mode) => {
    const here = await withTones('a.wav')
    const { call } = await here.assistant({ mode })
    const { data, text, isError } = await call('convert', { sources: ['a.wav'], target: 'mp3' })
    const path = join(here.folder, 'a.mp3')
    expect([isError, existsSync(path)]).toEqual([false, true])
    expect(data).toMatchObject({
      batch: 1,
      state: 'finished',
      counts: { done: 1 },
      files: [
        {
          job: 1,
          source: join(here.folder, 'a.wav'),
          target: 'mp3',
          state: 'done',
          outputs: [{ path, bytes: expect.any(Number) }],
        },
      ],
      refused: [],
      next: '',
    })
    expect(text).toContain(path)
  })

  it('takes patterns, folders and files together, each file once, with options as they are typed', async () => {
    const here = await withTones('a.wav', 'b.wav', '[c].wav')
    await mkdir(join(here.folder, 'sub', 'deep'), { recursive: true })
    await writeTone(join(here.folder, 'sub', 'd.wav'), 0.1)
    await writeTone(join(here.folder, 'sub', 'deep', 'e.wav'), 0.1)
    await mkdir(join(here.folder, '[live] {1}'))
    await writeTone(join(here.folder, '[live] {1}', 'f.wav'), 0.1)
    const { call } = await here.assistant()
    const { data } = await call('convert', {
      sources: ['*.wav', '[c].wav', join(here.folder, 'sub'), 'sub/**/e.wav', '[live] {1}/*.wav', `file://${here.folder}/a.wav`],
      target: '.FLAC',
      options: { trimEnd: 0.05, 'sample-rate': '16000' },
      out: 'out',
    })
    expect(data).toMatchObject({ counts: { done: 6 }, refused: [] })
    expect(await readdir(join(here.folder, 'out'))).toEqual(['[c].flac', 'a.flac', 'b.flac', 'd.flac', 'e.flac', 'f.flac'])
    const { data: seen } = await call('inspect', { path: 'out/a.flac' })
    expect(JSON.stringify(seen)).toContain('16 kHz')
  })

  it('tells of each file that could not be converted what happened and what to do, and converts the others', async () => {
    const here = await withTones('a.wav')
    await writeFile(join(here.folder, 'bad.wav'), 'no sound')
    const { call } = await here.assistant()
    const { data, isError, text } = await call('convert', { sources: ['a.wav', 'bad.wav', 'gone.wav', 'x*.wav'], target: 'flac' })
    expect(isError).toBe(false)
    expect(data).toMatchObject({
      counts: { done: 1, failed: 1 },
      files: expect.arrayContaining([
        expect.objectContaining({
          state: 'failed',
          failure: { code: expect.any(String), message: expect.stringContaining('bad.wav'), action: expect.any(String) },
        }),
      ]),
      refused: [
        { source: 'gone.wav', failure: expect.objectContaining({ code: 'source-missing' }) },
        { source: 'x*.wav', failure: expect.objectContaining({ code: 'nothing-found' }) },
      ],
    })
    expect(text).toContain('refused: gone.wav')
  })

  it('tells what is left behind', async () => {
    const here = await withTones('a.wav')
    const { call } = await here.assistant()
    await writeFile(
      join(here.folder, 'page.html'),
      '<!doctype html><html><head><title>Title</title><meta name="author" content="Somebody"></head><body><p>Text</p></body></html>',
    )
    const { data } = await call('convert', { sources: ['page.html'], target: 'txt' })
    expect(data).toMatchObject({ counts: { done: 1 } })
    const [file] = data['files'] as readonly { readonly left: readonly string[]; readonly notes: readonly string[] }[]
    expect([...(file?.left ?? []), ...(file?.notes ?? [])].length).toBeGreaterThan(0)
  })

  it('numbers a result whose name is taken, or skips it, and overwrites nothing whatever the settings say', async () => {
    const here = await withTones('a.wav')
    await writeFile(join(here.folder, 'a.flac'), 'mine')
    const settings = await cliProcess({ BESIDE_HOME: here.home })
    await settings.run('settings', 'set', 'ifExists', 'overwrite')
    await settings.run('settings', 'set', 'afterwards', 'archive')
    const { call } = await here.assistant()
    const numbered = await call('convert', { sources: ['a.wav'], target: 'flac' })
    const skipped = await call('convert', { sources: ['a.wav'], target: 'flac', ifExists: 'skip' })
    expect([numbered.data['counts'], skipped.data['counts'], (await readdir(here.folder)).toSorted()]).toEqual([
      { done: 1 },
      { skipped: 1 },
      ['a (2).flac', 'a.flac', 'a.wav'],
    ])
  })

  it('takes a preset, and the options of the call before those of the preset', async () => {
    const here = await withTones('a.wav')
    const { call } = await here.assistant()
    const { data } = await call('convert', {
      sources: ['a.wav'],
      preset: 'podcast',
      options: { bitrate: '64k', normalize: false },
    })
    expect(data).toMatchObject({ counts: { done: 1 }, files: [{ target: 'mp3' }] })
    expect((await call('inspect', { path: 'a.mp3' })).text).toContain('64 kbit/s')
  })

  it.each([
    [{ sources: ['a.wav'] }, 'usage', 'target'],
    [{ sources: ['a.wav'], target: 'mp33' }, 'target-unknown', 'mp3'],
    [{ sources: ['a.wav'], preset: 'podcst' }, 'preset-unknown', 'podcast'],
    [{ sources: ['a.wav'], target: 'mp3', options: { bitrat: 1 } }, 'option-unknown', 'bitrate'],
    [{ sources: ['a.wav'], target: 'mp3', options: { bitrate: 'loud' } }, 'option-invalid', '6 to 1000'],
    [{ sources: ['a.wav'], target: 'mp3', options: { password: 'x' } }, 'option-invalid', 'through an assistant'],
    [
      { sources: ['a.wav'], target: 'mp3', options: { webhook: 'https://example.com' } },
      'option-invalid',
      'through an assistant',
    ],
    [{ sources: ['https://example.com/a.wav'], target: 'mp3' }, 'source-not-local', 'Download the file'],
    [{ sources: ['****a*b*c*d*e*.wav'], target: 'mp3' }, 'usage', 'simpler pattern'],
    [{ sources: ['**/a/**/b/**/c.wav'], target: 'mp3' }, 'usage', 'simpler pattern'],
  ])('refuses %j with %s and says what to do', async (args, code, words) => {
    const here = await withTones('a.wav')
    const { call } = await here.assistant()
    const { data, text, isError } = await call('convert', args)
    expect([isError, data['batch'], text]).toEqual([true, null, expect.stringContaining(words)])
    expect(data['refused']).toEqual([expect.objectContaining({ failure: expect.objectContaining({ code }) })])
  })

  it.each([
    [{}],
    [{ sources: [], target: 'mp3' }],
    [{ sources: 'a.wav', target: 'mp3' }],
    [{ sources: ['a.wav'], to: 'mp3' }],
    [{ sources: ['a.wav'], target: 'mp3', ifExists: 'overwrite' }],
  ])('says what is wrong with %j', async (args) => {
    const here = await withTones('a.wav')
    const { call } = await here.assistant()
    const { isError, text } = await call('convert', args)
    expect([isError, text]).toEqual([true, expect.stringContaining('Invalid arguments for tool convert')])
    expect(await readdir(here.folder)).toEqual(['a.wav'])
  })
})

describe('formats', () => {
  it('lists formats by the page, and presets', async () => {
    const here = await desk()
    const { call } = await here.assistant()
    const all = await call('formats', { limit: 300 })
    const ids = (answer: typeof all) => (answer.data['formats'] as readonly { readonly id: string }[]).map(({ id }) => id)
    const paged: string[] = []
    let after: string | undefined
    do {
      const page = await call('formats', { limit: 40, ...(after !== undefined && { after }) })
      expect(ids(page).length).toBeLessThanOrEqual(40)
      paged.push(...ids(page))
      after = (page.data['next'] as string | null) ?? undefined
    } while (after !== undefined)
    expect([all.data['next'], paged]).toEqual([null, ids(all)])
    expect(all.data['presets']).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'podcast', target: 'mp3' })]))
  })

  it('tells what a format can become, what can become it, and the options of a conversion but those that assistants may not set', async () => {
    const here = await desk()
    const { call } = await here.assistant()
    const [from, to, both] = [
      await call('formats', { from: 'flac' }),
      await call('formats', { to: 'mp3' }),
      await call('formats', { from: 'pdf', to: 'png' }),
    ]
    const ids = ({ data }: typeof from) => (data['formats'] as readonly { readonly id: string }[]).map(({ id }) => id)
    expect([ids(from).includes('mp3'), ids(from).includes('docx'), ids(to).includes('flac'), ids(to).includes('zip')]).toEqual([
      true,
      false,
      true,
      false,
    ])
    const names = new Set((both.data['options'] as readonly { readonly name: string }[]).map(({ name }) => name))
    expect([names.has('dpi'), names.has('password')]).toEqual([true, false])
    expect((await call('formats', { from: 'mp3', to: 'docx' })).data).toMatchObject({ failure: { code: 'pair-unsupported' } })
  })
})

describe('status and history', () => {
  it('list jobs by the page, newest first, with what became of them', async () => {
    const here = await withTones('a.wav', 'b.wav', 'c.wav')
    await writeFile(join(here.folder, 'bad.wav'), 'no sound')
    const { call } = await here.assistant()
    await call('convert', { sources: ['*.wav'], target: 'flac' })
    const batch = await call('status', { batch: 1 })
    expect(batch.data).toMatchObject({ queue: 'working', counts: { done: 3, failed: 1 }, next: null })
    const first = await call('history', { limit: 3 })
    const second = await call('history', { limit: 3, after: first.data['next'] })
    const sources = [first, second].flatMap(({ data }) =>
      (data['files'] as readonly { readonly source: string }[]).map(({ source }) => source),
    )
    expect(sources.toSorted()).toEqual(['a', 'b', 'bad', 'c'].map((name) => join(here.folder, `${name}.wav`)))
    const failed = await call('history', { outcome: 'failed', query: 'bad', target: 'flac', since: '2020-01-01' })
    expect(failed.data).toMatchObject({ files: [{ state: 'failed', failure: { code: expect.any(String) } }], next: null })
  })

  it.each([
    ['status', { batch: 99 }, 'There is no batch 99'],
    ['status', { wait: true }, 'only together with batch'],
    ['history', { after: 'nonsense' }, 'nonsense'],
    ['history', { since: 'yesterday' }, 'Invalid arguments'],
    ['formats', { after: 'x' }, 'x'],
    ['formats', { from: 'mpp3' }, 'mp3'],
    ['formats', { from: 'no format' }, 'no format'],
    ['inspect', { path: 'gone.wav' }, 'not found'],
    ['inspect', { path: '.' }, 'not a regular file'],
  ])('%s refuses %j', async (tool, args, words) => {
    const here = await desk()
    const { call } = await here.assistant()
    const { isError, text } = await call(tool, args)
    expect([isError, text]).toEqual([true, expect.stringContaining(words)])
  })
})

it('inspect tells what a file holds', async () => {
  const here = await withTones('a.wav')
  const { call } = await here.assistant()
  const { data, text } = await call('inspect', { path: 'a.wav' })
  expect(data).toMatchObject({
    file: { path: join(here.folder, 'a.wav'), format: 'wav', bytes: expect.any(Number), moreFacts: 0 },
  })
  expect(text).toContain('8 kHz')
})
