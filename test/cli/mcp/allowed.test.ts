import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { desk, type Called } from '../../support/assistant.ts'
import { cliProcess } from '../../support/cli.ts'
import { onlineSubjects } from '../../support/online.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

async function scene() {
  const here = await desk()
  await mkdir(join(here.elsewhere, 'deep'))
  await writeTone(join(here.folder, 'a.wav'), 0.1)
  for (const name of ['secret.wav', 'deep/secret.wav']) await writeTone(join(here.elsewhere, name), 0.1)
  await symlink(join(here.elsewhere, 'secret.wav'), join(here.folder, 'link.wav'))
  await symlink(here.elsewhere, join(here.folder, 'linked'))
  await symlink(join(here.elsewhere, 'nothing.wav'), join(here.folder, 'dangling.wav'))
  await mkdir(`${here.folder}-too`)
  await writeTone(join(`${here.folder}-too`, 'secret.wav'), 0.1)
  await mkdir(join(dirname(here.folder), 'Allowed'), { recursive: true })
  await writeTone(join(dirname(here.folder), 'Allowed', 'secret.wav'), 0.1)
  return here
}

function codes({ data }: Called): readonly string[] {
  return (data['refused'] as readonly { readonly failure: { readonly code: string } }[]).map(({ failure }) => failure.code)
}

describe('what lies outside of the allowed folders', () => {
  it.each([
    ['an absolute path', (top: string) => join(top, 'elsewhere/secret.wav')],
    ['a path that is not there', (top: string) => join(top, 'elsewhere/absent.wav')],
    ['two dots', () => '../elsewhere/secret.wav'],
    ['two dots behind a link', () => 'linked/../../elsewhere/secret.wav'],
    ['two dots in an absolute path', (top: string) => `${top}/allowed/../elsewhere/secret.wav`],
    ['a link to a file', () => 'link.wav'],
    ['a link on the way', () => 'linked/secret.wav'],
    ['a link that leads nowhere', () => 'dangling.wav'],
    ['a folder', (top: string) => join(top, 'elsewhere')],
    ['a link to a folder', () => 'linked'],
    ['a folder whose name begins alike', (top: string) => join(top, 'allowed-too/secret.wav')],
    ['a folder that is spelled with another letter case', (top: string) => join(top, 'Allowed/secret.wav')],
    ['a file address', (top: string) => `file://${top}/elsewhere/secret.wav`],
    ['a file address with dots behind escapes', (top: string) => `file://${top}/allowed/%2e%2e/elsewhere/secret.wav`],
    ['a pattern', (top: string) => join(top, 'elsewhere/*.wav')],
    ['a pattern with two dots', () => '../elsewhere/*.wav'],
    ['the home folder', () => '~'],
    ['the root', () => '/'],
    ['a name with a NUL', () => 'a\0.wav'],
  ])('is neither converted nor looked into when it is named by %s', async (_, nameIn) => {
    const here = await scene()
    const name = nameIn(dirname(here.folder))
    const { call } = await here.assistant()
    const converted = await call('convert', { sources: [name], target: 'flac' })
    const inspected = await call('inspect', { path: name.replace('*', 'secret') })
    expect([codes(converted), converted.data['batch'], converted.isError]).toEqual([['outside-allowed'], null, true])
    expect(converted.text).toContain(here.folder)
    expect(inspected.data).toMatchObject({ failure: { code: 'outside-allowed' } })
    expect((await readdir(here.elsewhere)).toSorted()).toEqual(['deep', 'secret.wav'])
  })

  it('is told in the very same words whether it is there or not', async () => {
    const here = await scene()
    const { call } = await here.assistant()
    const said = async (name: string) => {
      const { text } = await call('inspect', { path: join(here.elsewhere, name) })
      return text.replaceAll(name, 'NAME')
    }
    expect(await said('secret.wav')).toBe(await said('absent.wav'))
  })

  it('is reached by no pattern: not by links, braces, dots or hidden names', async () => {
    const here = await scene()
    await mkdir(join(here.folder, '.hidden'))
    await writeTone(join(here.folder, '.hidden', 'b.wav'), 0.1)
    const { call } = await here.assistant()
    for (const pattern of [
      '**/secret.wav',
      '{../elsewhere,.}/*.wav',
      '@(..|x)/elsewhere/*.wav',
      'linked/*.wav',
      '*/b.wav',
      '[.][.]/elsewhere/secret.wav',
    ]) {
      const { data } = await call('convert', { sources: [pattern], target: 'flac' })
      const files = (data['files'] as readonly { readonly source: string }[]).map(({ source }) => source)
      expect(files.filter((source) => source !== join(here.folder, 'a.wav'))).toEqual([])
    }
    const star = await call('convert', { sources: ['*.wav'], target: 'opus' })
    expect([star.data['counts'], existsSync(join(here.elsewhere, 'secret.opus'))]).toEqual([{ done: 1 }, false])
  })

  it('stays out of a folder that is converted whole, and its names are not told', async () => {
    const here = await scene()
    const { call } = await here.assistant()
    const { data, text } = await call('convert', { sources: ['.'], target: 'flac', recursive: true })
    expect(data).toMatchObject({ counts: { done: 1 }, files: [{ source: join(here.folder, 'a.wav') }] })
    expect([text.includes('secret'), (await readdir(here.elsewhere)).toSorted()]).toEqual([false, ['deep', 'secret.wav']])
  })

  it.each([
    ['a path', (top: string) => join(top, 'elsewhere')],
    ['a folder that would be made there', (top: string) => join(top, 'elsewhere/new')],
    ['two dots', () => '../elsewhere'],
    ['a link', () => 'linked/deep'],
    ['what is behind a link and not there yet', () => 'linked/new'],
    ['a link that leads nowhere', () => 'dangling.wav'],
  ])('gets no results when it is named as out by %s', async (_, nameIn) => {
    const here = await scene()
    const { call } = await here.assistant()
    const answer = await call('convert', { sources: ['a.wav'], target: 'flac', out: nameIn(dirname(here.folder)) })
    expect([codes(answer), (await readdir(here.elsewhere)).toSorted()]).toEqual([['outside-allowed'], ['deep', 'secret.wav']])
  })

  it('is Beside’s own folder, even in an allowed one', async () => {
    const here = await scene()
    const { call } = await here.assistant({ words: ['--allow', dirname(here.home)] })
    await writeFile(join(here.home, 'keys.json'), '{"key":"secret"}')
    const converted = await call('convert', { sources: [join(here.home, 'keys.json')], target: 'yaml' })
    const inspected = await call('inspect', { path: join(here.home, 'keys.json') })
    expect([codes(converted), inspected.data]).toEqual([
      ['outside-allowed'],
      { failure: expect.objectContaining({ code: 'outside-allowed' }) },
    ])
  })
})

describe('jobs of files outside of the allowed folders', () => {
  it('are shown by neither status nor history, nor are they counted', async () => {
    const here = await scene()
    const { run } = await cliProcess({ BESIDE_HOME: here.home })
    await run('convert', join(here.elsewhere, 'secret.wav'), '--to', 'flac')
    await run('convert', join(here.folder, 'a.wav'), '--to', 'flac', '--out', here.elsewhere)
    await run('convert', join(here.folder, 'a.wav'), join(here.elsewhere, 'deep/secret.wav'), '--to', 'opus')
    await run('queue', 'pause')
    await run('convert', join(here.elsewhere, 'secret.wav'), '--to', 'mp3', '--detach')
    const { call } = await here.assistant()
    const [history, status, own, mixed] = [
      await call('history'),
      await call('status'),
      await call('status', { batch: 1 }),
      await call('status', { batch: 3 }),
    ]
    expect([own.data, mixed.data]).toMatchObject([{ failure: { code: 'not-found' } }, { counts: { done: 1 } }])
    expect(history.data).toMatchObject({ files: [{ source: join(here.folder, 'a.wav'), target: 'opus' }] })
    expect(status.data).toMatchObject({ queue: 'paused', files: [] })
    expect(JSON.stringify([history, status, own, mixed])).not.toContain('elsewhere')
  })

  it('are not shown where a folder of theirs has become a link meanwhile', async () => {
    const here = await scene()
    const { call } = await here.assistant()
    await mkdir(join(here.folder, 'in'))
    await writeTone(join(here.folder, 'in', 'b.wav'), 0.1)
    await call('convert', { sources: ['in/b.wav'], target: 'flac' })
    const before = await call('history')
    await rename(join(here.folder, 'in'), join(here.elsewhere, 'in'))
    await symlink(join(here.elsewhere, 'in'), join(here.folder, 'in'))
    const after = await call('history')
    expect([before.data['files'], after.data['files']]).toEqual([[expect.objectContaining({ state: 'done' })], []])
  })
})

describe('what the user allows', () => {
  it('is several folders, also by a link, whose names are real from the start on', async () => {
    const here = await scene()
    const link = join(dirname(here.folder), 'by-link')
    await symlink(here.folder, link)
    const { call } = await here.assistant({ words: ['--allow', link, '--allow', `${here.folder}-too`] })
    const both = await call('convert', { sources: [join(link, 'a.wav'), 'secret.wav'], target: 'flac' })
    await rename(link, `${link}-before`)
    await symlink(here.elsewhere, link)
    const swapped = await call('convert', { sources: [join(link, 'secret.wav')], target: 'flac' })
    expect([both.data['counts'], codes(swapped)]).toEqual([{ done: 2 }, ['outside-allowed']])
  })

  it.each([
    [['--allow', ''], 'empty'],
    [['--allow', 'file.txt'], 'is not a folder'],
    [['--wait', 'long'], 'number of seconds'],
  ])('is refused at the start when it is %j', async (words, said) => {
    const here = await cliProcess()
    await writeFile(join(here.folder, 'file.txt'), '')
    const { status, err, out } = await here.run('mcp', ...words)
    expect([status, out, err]).toEqual([2, '', expect.stringContaining(said)])
  })
})

describe('online providers', () => {
  async function withProvider() {
    const [here, { server, variable, key, source }] = [await desk(), await onlineSubjects['converter-app']()]
    await source(here.folder)
    const { run } = await cliProcess({ BESIDE_HOME: here.home, [variable]: key })
    await run('providers', 'set', 'converter-app', '--base-url', server.base)
    await run('settings', 'set', 'providerOrder', 'converter-app,local')
    await run('presets', 'save', 'away', '--to', 'mp3', '--with', 'converter-app')
    return { ...here, run, server, env: { [variable]: key } }
  }

  it('get nothing unless the server was started for that, whatever order and presets say', async () => {
    const { assistant, server, env, run } = await withProvider()
    const { call } = await assistant({ env })
    const [by, preset] = [
      await call('convert', { sources: ['song.wav'], target: 'flac' }),
      await call('convert', { sources: ['song.wav'], preset: 'away' }),
    ]
    expect([by.data['counts'], preset.data['counts'], server.jobs]).toEqual([{ done: 1 }, { done: 1 }, []])
    expect((await run('history', '--json')).out).not.toContain('"provider":"converter-app"')
  })

  it('are paid nothing without a limit of the user, even by a preset that names one: it waits for the user', async () => {
    const { assistant, server, env, folder } = await withProvider()
    const { call } = await assistant({ env, words: ['--allow', folder, '--online'] })
    const { data, text } = await call('convert', { sources: ['song.wav'], preset: 'away' })
    expect([data['counts'], server.jobs, text]).toEqual([{ waiting: 1 }, [], expect.stringContaining('decided in Beside')])
  })

  it('are used up to the limits of the user where the server was started for that', async () => {
    const { assistant, server, env, folder, run } = await withProvider()
    await run('providers', 'set', 'converter-app', '--cap-day', '1000')
    const { call } = await assistant({ env, words: ['--allow', folder, '--online'] })
    const { data } = await call('convert', { sources: ['song.wav'], target: 'mp3' })
    expect([data['counts'], server.jobs.length]).toEqual([{ done: 1 }, 1])
  })
})
