/** Keys are planted, and then looked for in everything that Beside leaves, says, logs, sends and starts. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliProcess, type Ended } from '../support/cli.ts'
import { hookProgram, hookServer } from '../support/hook-listeners.ts'
import { onlineSubjects } from '../support/online.ts'
import { unpacked } from '../support/unpacked.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import type { Misbehaviour } from '../support/servers/server.ts'
import { signedByXconvert, xconvertSecret } from '../support/servers/xconvert.ts'
import { freePort, post } from '../support/webhook-caller.ts'
import { until } from '../support/watching.ts'

leavesNothingOpen()

/** The key as it stands in a text, a URL, a form or a header of its own. */
function faces(key: string): readonly string[] {
  return [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, ''), Buffer.from(key).toString('hex')]
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Arguments of every process of this machine, as anybody may read them. */
async function commandLines(): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return await Promise.all(ids.map(async (id) => await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
}

/** An answer that repeats the key in every place where words may stand. */
function echo(status: number, key: string): Misbehaviour {
  const body = { detail: `no: ${key}`, message: `Bearer ${key}`, error: { code: key, message: `you said ${key}` }, [key]: key }
  return { kind: 'instead', reply: { status, headers: { 'x-echo': key, 'x-request-id': key }, body } }
}

describe.skipIf(process.platform !== 'linux')('a key', () => {
  it('is in the file for keys and in the requests of its own provider, and nowhere else', { timeout: 600_000 }, async () => {
    const [xconvert, app] = [await onlineSubjects.xconvert(), await onlineSubjects['converter-app']()]
    const here = await cliProcess({ [xconvert.variable]: xconvert.key, BESIDE_LOG: 'debug' })
    const said: Ended[] = []
    const run = async (...words: readonly string[]) => void said.push(await here.run(...words))
    await run('providers', 'set', 'xconvert', '--base-url', xconvert.server.base)
    await run('providers', 'set', 'converter-app', '--base-url', app.server.base)
    said.push(await here.feed(app.key, 'providers', 'set', 'converter-app', '--key-stdin', '--json'))
    const song = await xconvert.source(here.folder)
    const convert = async (id: string, ...more: readonly string[]) =>
      await run('convert', song, '--to', 'mp3', '--with', id, ...more)

    // While one holds the queue with a submit under way, another follows its events over the socket, and then inherits the job.
    const { reached } = app.server.misbehave('submit', { kind: 'silent', when: 'after' })
    const holder = here.start('convert', song, '--to', 'mp3', '--with', 'converter-app', '--json')
    await reached
    const follower = here.start('queue', 'run', '--json')
    await follower.says('"converter-app"')
    const running = await commandLines()
    holder.process.kill('SIGKILL')
    for (const process of [holder, follower]) said.push(await process.ended)
    await run('queue', 'resolve', '1', '--as', 'forget')

    for (const [subject, status] of [
      [app, 400],
      [app, 401],
      [xconvert, 402],
      [app, 403],
      [xconvert, 422],
      [app, 500],
    ] as const) {
      subject.server.misbehave('submit', echo(status, subject.key))
      await convert(subject.id, ...(status % 2 === 0 ? ['--json'] : []))
      subject.server.misbehave(subject === app ? 'pairs' : 'account', echo(status, subject.key))
      await run('providers', 'check', subject.id)
    }
    const isKept = app.server.made()
    app.server.misbehave('result', { kind: 'instead', reply: { status: 302, headers: { location: app.server.lend(isKept) } } })
    await convert('converter-app')
    const elsewhere = `${xconvert.server.foreign}/v1/jobs/1`
    xconvert.server.misbehave('poll', { kind: 'instead', reply: { status: 307, headers: { location: elsewhere } } })
    await convert('xconvert')
    for (const words of [['queue'], ['history'], ['providers'], ['settings'], ['doctor'], ['formats', '--with', 'converter-app']])
      await run(...words, '--json')
    await run('history', '--export', 'csv')
    await run('doctor', '--bundle', join(here.home, 'bundle.zip'))
    const bundle = await unpacked(join(here.home, 'bundle.zip'))

    const path = join(here.home, 'keys.json')
    const left = (await filesUnder(here.home)).filter((file) => file !== path)
    const written = await Promise.all(
      [...left, ...(await filesUnder(here.folder))].map(async (file) => [file, await readFile(file)] as const),
    )
    const found = [xconvert.key, app.key]
      .flatMap(faces)
      .flatMap((face) => [
        ...[...written, ...bundle].filter(([, bytes]) => bytes.includes(face)).map(([file]) => file),
        ...said.filter(({ out, err }) => (out + err).includes(face)).map(({ out, err }) => out + err),
        ...running.filter((line) => line.includes(face)),
      ])
    expect(found).toEqual([])
    expect(left.map((file) => file.slice(here.home.length + 1))).toEqual(
      expect.arrayContaining(['beside.sqlite', 'logs/beside.log']),
    )
    expect([(await stat(path)).mode & 0o777, JSON.parse(await readFile(path, 'utf8'))]).toEqual([
      0o600,
      { 'converter-app': app.key },
    ])
    expect([...xconvert.server.leaks, ...app.server.leaks]).toEqual([])
    expect(bundle.map(([name]) => name)).toEqual(expect.arrayContaining(['settings.json', 'doctor.json', 'log.txt']))
    expect(bundle.find(([name]) => name === 'log.txt')?.[1].toString()).toContain('asked')
    // What was searched is what was meant: the servers got the keys and repeated them, and the other origin was asked.
    const words = said.map(({ out, err }) => out + err).join('\n')
    expect([words.includes('you said (key)'), app.server.asked('submit').length, app.server.asked('lent').length]).toEqual([
      true,
      6,
      1,
    ])
  })

  it(
    'that calls back are known by is kept with the keys, goes to its provider, and is nowhere else',
    { timeout: 600_000 },
    async () => {
      const [xconvert, musicgpt] = [await onlineSubjects.xconvert(), await onlineSubjects.musicgpt()]
      const here = await cliProcess({ [xconvert.variable]: xconvert.key, [musicgpt.variable]: musicgpt.key, BESIDE_LOG: 'debug' })
      const said: Ended[] = []
      const run = async (...words: readonly string[]) => void said.push(await here.run(...words))
      const port = await freePort()
      const address = `http://127.0.0.1:${port}`
      await run('settings', 'set', 'webhookPort', String(port))
      await run('settings', 'set', 'webhookAddress', address)
      for (const { id, server } of [xconvert, musicgpt]) await run('providers', 'set', id, '--base-url', server.base)
      // Told once, to whoever registers an address.
      expect((await here.run('providers', 'webhook', 'xconvert')).out).toContain(xconvertSecret)
      const song = await xconvert.source(here.folder)
      const convert = async (id: string) => await run('convert', song, '--to', 'mp3', '--with', id, '--json')
      for (const { id } of [xconvert, musicgpt]) await convert(id)
      const path = join(here.home, 'keys.json')
      const { 'musicgpt webhook': token = '', ...others } = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>

      // The provider repeats it, strangers try what comes near it, and the right one is sent along with what is refused.
      musicgpt.server.misbehave('submit', echo(422, token))
      await convert('musicgpt')
      const { reached } = musicgpt.server.misbehave('submit', { kind: 'silent', when: 'after' })
      const holder = here.start('convert', song, '--to', 'mp3', '--with', 'musicgpt', '--json')
      await reached
      const statuses = [
        await post(`${address}/musicgpt/${token}x`),
        await post(`${address}/musicgpt/${token}`, { body: token }),
        await post(`${address}/xconvert`, { body: '{}', headers: signedByXconvert('{}', `${xconvertSecret}x`) }),
      ]
      const running = await commandLines()
      holder.process.kill('SIGKILL')
      said.push(await holder.ended)
      for (const words of [['queue'], ['history'], ['providers'], ['settings'], ['doctor']]) await run(...words, '--json')
      await run('doctor', '--bundle', join(here.home, 'bundle.zip'))
      const bundle = await unpacked(join(here.home, 'bundle.zip'))

      const left = [...(await filesUnder(here.home)), ...(await filesUnder(here.folder))].filter((file) => file !== path)
      const written = await Promise.all(left.map(async (file) => [file, await readFile(file)] as const))
      const found = [token, xconvertSecret]
        .flatMap(faces)
        .flatMap((face) => [
          ...[...written, ...bundle].filter(([, bytes]) => bytes.includes(face)).map(([file]) => file),
          ...said.filter(({ out, err }) => (out + err).includes(face)).map(({ out, err }) => out + err),
          ...running.filter((line) => line.includes(face)),
        ])
      expect(found).toEqual([])
      expect([token.length > 30, others, (await stat(path)).mode & 0o777]).toEqual([
        true,
        { 'xconvert webhook': xconvertSecret },
        0o600,
      ])
      expect([statuses, xconvert.server.answered, musicgpt.server.answered[0]]).toEqual([[403, 400, 403], [204], 204])
      expect(said.some(({ out, err }) => (out + err).includes('you said (key)'))).toBe(true)
      expect(await readFile(join(here.home, 'logs/beside.log'), 'utf8')).toContain('calls to the webhook receiver were refused')
      expect(xconvert.server.asked('submit').some(({ body }) => body.includes(address))).toBe(false)
    },
  )

  it(
    'that a hook signs with is kept with the keys and told once, and is nowhere else, whatever the receiver repeats',
    { timeout: 600_000 },
    async () => {
      const xconvert = await onlineSubjects.xconvert()
      const here = await cliProcess({ [xconvert.variable]: xconvert.key, BESIDE_LOG: 'debug' })
      const [server, program] = [await hookServer(), await hookProgram(here.folder)]
      const said: Ended[] = []
      const run = async (...words: readonly string[]) => void said.push(await here.run(...words))
      const { program: node, args } = program.action()
      const added = await here.run('hooks', 'add', 'call', '--after', 'job', '--url', `${server.url}?token=in-the-address`)
      await run('hooks', 'add', 'tell', '--after', 'job', '--run', node, ...args)
      const path = join(here.home, 'keys.json')
      const { 'hook 1': secret = '', ...others } = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>
      server.answer(500, { body: 'no', headers: { 'x-echo': 'no' } })
      const song = await xconvert.source(here.folder)
      await run('convert', song, '--to', 'mp3', '--with', 'local', '--json')
      await run('hooks', 'test', 'call', '--json')
      server.answer('silent')
      await run('hooks', 'again', 'call')
      const holder = here.start('queue', 'run', '--json')
      await until(() => server.calls.length === 3)
      const running = await commandLines()
      holder.process.kill('SIGKILL')
      said.push(await holder.ended)
      for (const words of [['hooks'], ['hooks', 'log'], ['queue'], ['history'], ['settings'], ['doctor']])
        await run(...words, '--json')
      await run('hooks', 'log', 'call', '--output')
      await run('doctor', '--bundle', join(here.home, 'bundle.zip'))
      const bundle = await unpacked(join(here.home, 'bundle.zip'))

      const left = [...(await filesUnder(here.home)), ...(await filesUnder(here.folder))].filter((file) => file !== path)
      const written = await Promise.all(left.map(async (file) => [file, await readFile(file)] as const))
      const places = (key: string) =>
        faces(key).flatMap((face) => [
          ...[...written, ...bundle].filter(([, bytes]) => bytes.includes(face)).map(([file]) => file),
          ...said.filter(({ out, err }) => (out + err).includes(face)).map(({ out, err }) => out + err),
          ...running.filter((line) => line.includes(face)),
          ...server.calls.flatMap(({ body, headers }) => (`${body} ${JSON.stringify(headers)}`.includes(face) ? ['a call'] : [])),
        ])
      expect([...places(secret), ...places(secret.slice('whsec_'.length)), ...places(xconvert.key)]).toEqual([])
      expect([added.out.includes(secret), secret.length > 40, others, (await stat(path)).mode & 0o777]).toEqual([
        true,
        true,
        {},
        0o600,
      ])
      // An address may be as good as a key to somebody: it is in its row and in the list of hooks, and in no log and no bundle.
      const log = await readFile(join(here.home, 'logs/beside.log'), 'utf8')
      const inBundle = bundle.filter(([, bytes]) => bytes.includes('in-the-address')).map(([name]) => name)
      expect([log.includes('a hook was not delivered'), log.includes('in-the-address'), inBundle]).toEqual([true, false, []])
      expect(bundle.find(([name]) => name === 'counts.json')?.[1].toString()).toContain('"does": "url"')
      expect((await program.told()).map(({ variables }) => Object.values(variables).includes(xconvert.key))).toEqual([false])
    },
  )
})
