import { request } from 'node:http'
import { connect } from 'node:net'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { maxPageFrameBytes, maxPageCalls } from '../../src/main/api/serve.ts'
import { refusesOddCalls, refusesPaths } from '../support/odd-calls.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queue, watching } from '../support/sessions.ts'
import { writeTone } from '../support/tone.ts'
import { callerOf, carrierOver, enter, openSocket, webScene, type WebScene } from '../support/web.ts'

leavesNothingOpen()

/** As fetch, but with paths and headers that fetch would put right or not let through. */
function ask(
  scene: WebScene,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: scene.web.port, path, method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function queued(scene: WebScene): Promise<number> {
  const { totals } = await scene.session.client.queue.totals()
  return Object.values(totals).reduce((sum, count) => sum + count, 0)
}

describe('who may come in', () => {
  it('the token of this start, and no other', async () => {
    const scene = await webScene()
    const enterWith = async (authorization: string) =>
      await ask(scene, '/enter', { method: 'POST', headers: { authorization, origin: scene.origin } })
    expect(await enterWith(`Bearer ${scene.token}`)).toBe(204)
    expect(await enterWith('Bearer wrong')).toBe(401)
    expect(await enterWith(`Bearer ${scene.token}x`)).toBe(401)
    expect(await enterWith('')).toBe(401)
    expect(await ask(scene, '/enter', { method: 'POST', headers: { cookie: `beside-${scene.web.port}=${scene.token}` } })).toBe(
      401,
    )
    expect(scene.log.lines.join('\n')).not.toContain(scene.token)
  })

  it('the cookie is for this server alone and out of reach of scripts', async () => {
    const { origin, token, web } = await webScene()
    const answer = await fetch(`${origin}/enter`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect(answer.headers.get('set-cookie')).toMatch(
      new RegExp(`^beside-${web.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    )
  })

  it('a name that points here, as a rebinding page would use, is refused whatever it brings along', async () => {
    const scene = await webScene()
    const cookie = await enter(scene)
    const host = (name: string) => ask(scene, '/', { headers: { host: name, cookie } })
    expect(await host(`127.0.0.1:${scene.web.port}`)).toBe(200)
    expect(await host(`localhost:${scene.web.port}`)).toBe(200)
    expect(await host(`evil.example:${scene.web.port}`)).toBe(403)
    expect(await host(`127.0.0.1.evil.example:${scene.web.port}`)).toBe(403)
    expect(await host('127.0.0.1:1')).toBe(403)
    expect(
      await openSocket({
        origin: scene.origin,
        headers: { host: `evil.example:${scene.web.port}`, cookie, origin: `http://evil.example:${scene.web.port}` },
      }),
    ).toBe(403)
  })

  it('a page of another origin is refused even with the cookie', async () => {
    const scene = await webScene()
    const cookie = await enter(scene)
    expect(await openSocket({ origin: scene.origin, headers: { cookie, origin: 'https://evil.example' } })).toBe(403)
    expect(await openSocket({ origin: scene.origin, headers: { cookie, origin: 'null' } })).toBe(403)
    expect(await openSocket({ origin: scene.origin, headers: { cookie } })).toBe(403)
    expect(await openSocket({ origin: scene.origin, headers: { origin: scene.origin } })).toBe(401)
    expect(await openSocket({ origin: scene.origin, headers: { cookie, origin: scene.origin }, path: '/other' })).toBe(403)
    expect(
      await ask(scene, '/inbox/aaaaaaaa/x.wav', { method: 'PUT', headers: { cookie, origin: 'https://evil.example' } }),
    ).toBe(403)
    expect(
      await ask(scene, '/output/1/0', { headers: { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } }),
    ).toBe(403)
    expect(await ask(scene, '/inbox/aaaaaaaa/x.wav', { method: 'PUT', headers: { origin: scene.origin } })).toBe(401)
  })

  it('pages carry a policy with a nonce of their own and are nothing but the built window', async () => {
    const scene = await webScene()
    const first = await fetch(scene.origin)
    const policy = first.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    expect(await first.text()).toContain(`content="${nonce}"`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect((await fetch(scene.origin)).headers.get('content-security-policy')).not.toBe(policy)
    expect(first.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await ask(scene, '/assets/index-abc.js')).toBe(200)
    for (const path of [
      '/secret.txt',
      '/assets/../secret.txt',
      '/assets/%2e%2e/secret.txt',
      '/assets/..%2fsecret.txt',
      '//etc/passwd',
      '/assets/',
    ]) {
      expect([path, await ask(scene, path)]).toEqual([path, 401])
    }
  })
})

describe('what comes over the socket', () => {
  const opened = async (scene: WebScene) => {
    const socket = await openSocket({ origin: scene.origin, headers: { cookie: await enter(scene), origin: scene.origin } })
    if (typeof socket === 'number') throw new Error(`refused: ${socket}`)
    return socket
  }

  it('a frame that is too large, binary or no call at all ends that socket and changes nothing', async () => {
    const scene = await webScene()
    const send = async (frame: string | Buffer) => {
      const { socket, closed } = await opened(scene)
      socket.send(frame)
      return (await closed).slice(0, 4)
    }
    expect(await send('x'.repeat(maxPageFrameBytes + 1))).toBe('1009')
    expect(await send(Buffer.from([1, 2, 3]))).toBe('1003')
    expect(await send('{')).toBe('1002')
    expect(await send('"text"')).toBe('1002')
    expect(await send('[]')).toBe('1002')
    expect(await queued(scene)).toBe(0)
    expect(await (await callerOf(scene)).about()).toMatchObject({ pid: process.pid })
  })

  it('calls that do not exist, names of prototypes and inputs that are not in the contract are refused and logged', async () => {
    const scene = await webScene()
    const { link } = await carrierOver(scene)
    await refusesOddCalls(link, scene.session.client, scene.log)
  })

  it('a look into a file by its path, or a hook that runs a program, is refused and logged: a page shows the files of jobs', async () => {
    const scene = await webScene()
    const { link } = await carrierOver(scene)
    await refusesPaths(link, scene.log)
  })

  it('ten thousand calls at once cut that page off, bounded; others are answered as before', async () => {
    const scene = await webScene()
    const { socket, closed } = await opened(scene)
    const other = await callerOf(scene)
    const before = process.memoryUsage().heapUsed
    for (let id = 0; id < 10_000; id += 1) socket.send(JSON.stringify({ i: String(id), p: { u: '/changes', m: 'POST' } }))
    expect(await closed).toBe('1008 too many calls at once')
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
    expect(await other.queue.totals()).toMatchObject({ paused: false })
    expect(maxPageCalls).toBeLessThan(1000)
    expect(scene.log.lines).toContain('a client was cut off')
  })

  it('a half-open upgrade and a request that never ends do not keep the server from stopping', async () => {
    const scene = await webScene()
    const line = connect(scene.web.port, '127.0.0.1')
    await new Promise((resolve) => line.once('connect', resolve))
    line.write(`GET /calls HTTP/1.1\r\nHost: 127.0.0.1:${scene.web.port}\r\nUpgrade: websocket\r\n`)
    line.on('error', () => {})
    await scene.web.stop()
    line.destroy()
  })
})

describe('files in and out', () => {
  const put = async (scene: WebScene, cookie: string, path: string, body: string, more: Record<string, string> = {}) => {
    const answer = await fetch(`${scene.origin}/inbox/${path}`, {
      method: 'PUT',
      headers: { cookie, origin: scene.origin, ...more },
      body,
    })
    return answer.status === 201 ? ((await answer.json()) as { path: string }).path : answer.status
  }
  const inboxOf = async ({ home }: WebScene) =>
    (await readdir(join(home, 'inbox'), { recursive: true }).catch(() => [])).toSorted()

  it('an upload keeps its name, its folders and its date, and takes nobody’s place', async () => {
    const scene = await webScene()
    const cookie = await enter(scene)
    const folder = join(scene.home, 'inbox', 'drop-0001')
    expect(await put(scene, cookie, 'drop-0001/Caf%C3%A9/a.wav', 'first', { 'x-modified-ms': '1700000000000' })).toBe(
      join(folder, 'Café', 'a.wav'),
    )
    expect(await put(scene, cookie, 'drop-0001/Caf%C3%A9/a.wav', 'second')).toBe(join(folder, 'Café', 'a (2).wav'))
    expect(await readFile(join(folder, 'Café', 'a.wav'), 'utf8')).toBe('first')
  })

  it('a name cannot lead out of the inbox', async () => {
    const scene = await webScene()
    const cookie = await enter(scene)
    const raw = (path: string) => ask(scene, `/inbox/${path}`, { method: 'PUT', headers: { cookie, origin: scene.origin } })
    expect(await put(scene, cookie, 'drop-0001/..%2f..%2fout.wav', 'x')).toBe(
      join(scene.home, 'inbox', 'drop-0001', '.._.._out.wav'),
    )
    expect(await put(scene, cookie, 'drop-0001/a%00b%5Cc.wav', 'x')).toBe(join(scene.home, 'inbox', 'drop-0001', 'a_b_c.wav'))
    expect(await raw('drop-0001/%2e%2e/%2e%2e/up.wav')).toBe(201)
    expect(await raw('..%2f..%2fx/y.wav')).toBe(400)
    expect(await raw('drop-0001/')).toBe(400)
    expect(await raw('drop-0001/%E0%A4%A')).toBe(400)
    expect(await raw(`drop-0001/${'a/'.repeat(40)}b.wav`)).toBe(400)
    expect((await readdir(scene.home)).filter((name) => name.endsWith('.wav'))).toEqual([])
    // Beside the folder of the drop lies the list of what came in it.
    expect((await inboxOf(scene)).filter((name) => name !== '.drop-0001' && !name.startsWith('drop-0001'))).toEqual([])
  })

  it('of an upload that breaks off nothing stays', async () => {
    const scene = await webScene()
    const cookie = await enter(scene)
    const broken = request(`${scene.origin}/inbox/drop-0001/half.wav`, {
      method: 'PUT',
      headers: { cookie, origin: scene.origin, 'content-length': '1000000' },
    })
    broken.on('error', () => {})
    broken.write('only the beginning')
    await expect.poll(async () => (await inboxOf(scene)).some((name) => name.endsWith('.part'))).toBe(true)
    broken.destroy()
    await expect.poll(async () => await inboxOf(scene)).toEqual(['drop-0001'])
  })

  it('an output of a finished job is sent as a file; other numbers and other files are not there', async () => {
    const scene = await webScene()
    const cookie = await enter(scene)
    const source = join(scene.home, 'täst "1".wav')
    await writeTone(source, 1)
    const until = await watching(scene.session.client)
    await queue(scene.session.client, [source])
    const { id } = await until(({ state }) => state.phase === 'done')
    const answer = await fetch(`${scene.origin}/output/${id}/0`, { headers: { cookie } })
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="t?st \\"1\\".flac"; filename*=UTF-8''t%C3%A4st%20%221%22.flac`,
    )
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(0, 4)
        .toString(),
    ).toBe('fLaC')
    for (const path of [`/output/${id}/1`, `/output/${id + 1}/0`, `/output/${id}/-1`, '/output/../0', `/output/${id}`]) {
      expect([path, await ask(scene, path, { headers: { cookie } })]).toEqual([path, 404])
    }
    expect(await ask(scene, `/output/${id}/0`)).toBe(401)
  })
})
