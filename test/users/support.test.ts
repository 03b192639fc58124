/** What somebody gets who asks for help: the log by its end, and a bundle that says all but keys. */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compose } from '../../src/main/compose.ts'
import { fileLog, logPath } from '../../src/main/log.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { cli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { unpacked } from '../support/unpacked.ts'

leavesNothingOpen()

async function beside(env: Readonly<Record<string, string>> = {}) {
  const home = await temporaryFolder()
  const log = fileLog(home, 'info')
  const { engine, support, stop } = await compose({ home, log, secrets: fileSecrets(home, env) })
  onTestFinished(stop)
  return { home, log, engine, support }
}

describe('the end of the log', () => {
  it('is its last lines, newest last, without what is cut through or not ours', async () => {
    const { home, log, support } = await beside()
    for (let n = 1; n <= 20; n += 1) log.info(`line ${n}`, { n })
    await appendFile(logPath(home), 'no line of ours\n{"at":"cut thr')
    const { path, lines } = await support.log(home, 3)
    expect([path, lines.map(({ level, text, facts }) => [level, text, facts])]).toEqual([
      logPath(home),
      [18, 19, 20].map((n) => ['info', `line ${n}`, `{"n":${n}}`]),
    ])
  })

  it('is empty where there is no log yet', async () => {
    const { support } = await beside()
    expect((await support.log(await temporaryFolder(), 3)).lines).toEqual([])
  })

  it('has the detail that the setting asks for, from then on and until it is taken back', async () => {
    const { home, log, engine, support } = await beside()
    for (const detailedLog of [false, true, false]) {
      engine.change({ detailedLog })
      log.debug(`detail ${detailedLog}`)
    }
    expect((await support.log(home, 100)).lines.map(({ text }) => text)).toEqual(['detail true'])
  })
})

describe('the bundle', () => {
  it('says what is in use, set, found and counted, and ends with the log', async () => {
    const { home, log, engine, support } = await beside()
    engine.change({ ifExists: 'skip' })
    log.warn('something odd')
    const { name, zip } = await support.bundle({ version: '1.2.3', home })
    const files = new Map(await unpacked(Buffer.from(zip, 'base64')))
    const json = (file: string): unknown => JSON.parse(files.get(file)?.toString() ?? '')
    expect(name).toMatch(/^beside-support-\d{4}-\d\d-\d\d\.zip$/)
    expect([...files.keys()].toSorted()).toEqual(
      ['READ ME.txt', 'about.json', 'counts.json', 'doctor.json', 'log.txt', 'providers.json', 'settings.json'].toSorted(),
    )
    expect([json('about.json'), json('settings.json'), json('counts.json')]).toMatchObject([
      { beside: '1.2.3', versions: { node: process.versions.node }, system: { platform: process.platform } },
      { ifExists: 'skip' },
      { queue: { totals: { queued: 0 } }, history: { jobs: 0 }, folders: [] },
    ])
    expect(json('doctor.json')).toEqual(
      expect.arrayContaining([expect.objectContaining({ of: 'ffmpeg', state: 'ok', why: null })]),
    )
    expect(files.get('log.txt')?.toString()).toContain('something odd')
  })

  it('holds neither a key that got into the log against all care, nor the name of the home folder', async () => {
    const key = 'k3y /with+signs'
    const { home, log, support } = await beside({ BESIDE_KEY_XCONVERT: key })
    log.warn('a mistake', {
      url: `https://example.com/?k=${encodeURIComponent(key)}`,
      key,
      path: join(homedir(), 'Music', 'a.wav'),
    })
    const { zip } = await support.bundle({ version: '1', home })
    const text = new Map(await unpacked(Buffer.from(zip, 'base64'))).get('log.txt')?.toString() ?? ''
    expect(text).toContain('"url":"https://example.com/?k=(key)","key":"(key)","path":"~/Music/a.wav"')
  })
})

describe('beside doctor --bundle', () => {
  it('writes it where it is told to, for its owner alone, and never over anything', async () => {
    const { folder, run } = await cli()
    await mkdir(join(folder, 'out'))
    const wrote = await run('doctor', '--bundle', 'out/bundle.zip', '--json')
    expect([wrote.status, wrote.out.trim().split('\n').at(-1)]).toEqual([
      0,
      JSON.stringify({ type: 'bundle', path: join(folder, 'out/bundle.zip') }),
    ])
    expect((await unpacked(join(folder, 'out/bundle.zip'))).map(([name]) => name)).toContain('settings.json')
    await writeFile(join(folder, 'mine.zip'), 'mine')
    const refused = await run('doctor', '--bundle', 'mine.zip')
    expect([refused.status, refused.err]).toEqual([2, expect.stringContaining('already exists')])
    expect(await readFile(join(folder, 'mine.zip'), 'utf8')).toBe('mine')
  })
})
