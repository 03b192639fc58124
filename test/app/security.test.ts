import type { HandlerDetails } from 'electron'
import { describe, expect, it, vi } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { started } from './started.ts'

leavesNothingOpen()

describe('what a page cannot do', () => {
  it('go elsewhere, by itself, by a redirect or in a frame; our own page may be loaded again', async () => {
    const { window } = await started()
    const elsewhere = [
      'https://evil.example/',
      'http://beside/',
      'file:///etc/passwd',
      'app://beside.evil/',
      'app://beside@evil/',
      'javascript:1',
      '',
    ]
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      for (const url of elsewhere) {
        const preventDefault = vi.fn<() => void>()
        window().webContents.emit(event, { url, preventDefault })
        expect([event, url, preventDefault.mock.calls.length]).toEqual([event, url, 1])
      }
      const preventDefault = vi.fn<() => void>()
      window().webContents.emit(event, { url: 'app://beside/', preventDefault })
      expect(preventDefault).not.toHaveBeenCalled()
    }
  })

  it('open a window; addresses of the allow-list go to the browser over https, no other goes anywhere', async () => {
    const { window, desk } = await started()
    const open = (url: string) => window().webContents.opener({ url } as HandlerDetails)
    const bad = [
      'http://xconvert.com/',
      'https://xconvert.com.evil.example/',
      'https://user@xconvert.com/',
      'https://xconvert.com:444/',
      'file:///x',
      'ms-settings:',
      'not one',
      'javascript:1',
    ]
    for (const url of ['https://xconvert.com/account', ...bad]) expect(open(url)).toEqual({ action: 'deny' })
    expect(desk.calls.filter((call) => call.startsWith('openExternal'))).toEqual(['openExternal "https://xconvert.com/account"'])
  })

  it('embed a page in a webview', async () => {
    const { window } = await started()
    const preventDefault = vi.fn<() => void>()
    window().webContents.emit('will-attach-webview', { preventDefault })
    expect(preventDefault).toHaveBeenCalledOnce()
  })

  it('have permissions, but to put text on the clipboard', async () => {
    const { desk, window } = await started()
    const ask = (permission: string) => {
      const answer = vi.fn<(isGranted: boolean) => void>()
      desk.session.ask?.(window().webContents as never, permission as never, answer, {} as never)
      return answer.mock.calls[0]?.[0]
    }
    const check = (permission: string, origin: string) => desk.session.check?.(null, permission as never, origin, {} as never)
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'usb',
      'fileSystem',
      'unknown',
    ]) {
      expect([permission, ask(permission), check(permission, 'app://beside/')]).toEqual([permission, false, false])
    }
    expect(ask('clipboard-sanitized-write')).toBe(true)
    expect(check('clipboard-sanitized-write', 'app://beside/')).toBe(true)
    expect(check('clipboard-sanitized-write', 'https://evil.example/')).toBe(false)
    expect(desk.session.device?.({} as never)).toBe(false)
    window().webContents.mainFrame.url = 'https://evil.example/'
    expect(ask('clipboard-sanitized-write')).toBe(false)
  })

  it('reach the network, or download what it has not made itself', async () => {
    const { desk } = await started()
    const isCancelled = (url: string) => {
      const answer = vi.fn<(response: { cancel?: boolean }) => void>()
      desk.session.before?.({ url }, answer)
      return answer.mock.calls[0]?.[0].cancel
    }
    expect(
      ['https://evil.example/', 'http://127.0.0.1/', 'ws://127.0.0.1/', 'file:///etc/passwd', 'app://evil/'].map(isCancelled),
    ).toEqual([true, true, true, true, true])
    expect(
      ['app://beside/', 'app://beside/assets/a.js', 'data:image/png;base64,AA', 'blob:app://beside/1'].map(isCancelled),
    ).toEqual([false, false, false, false])
    const isStopped = (url: string) => {
      const preventDefault = vi.fn<() => void>()
      desk.session.emit('will-download', { preventDefault }, { getURL: () => url })
      return preventDefault.mock.calls.length === 1
    }
    expect(['https://evil.example/x.exe', 'blob:https://evil.example/1', 'blob:app://beside/1'].map(isStopped)).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('the pages', () => {
  it('come by a scheme of our own that is standard and secure and bypasses no policy', async () => {
    const { desk, window } = await started()
    expect(desk.schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
    expect(window().loaded).toBe('app://beside/')
  })

  it('carry a policy without anything unsafe and a nonce of their own, and are nothing but the built window', async () => {
    const { desk } = await started()
    const first = await desk.request('app://beside/')
    const policy = first.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(nonce).not.toBe('')
    expect(await first.text()).toContain(`content="${nonce}"`)
    expect(first.headers.get('x-content-type-options')).toBe('nosniff')
    const script = await desk.request('app://beside/assets/index-abc.js')
    expect([script.status, script.headers.get('content-type'), await script.text()]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'export {}',
    ])
    for (const url of [
      'app://beside/secret.txt',
      'app://beside/assets/../secret.txt',
      'app://beside/assets/..%2fsecret.txt',
      'app://beside//etc/passwd',
      'app://other/',
      'app://beside/assets/',
    ]) {
      expect([url, (await desk.request(url)).status]).toEqual([url, 404])
    }
    expect((await desk.request('app://beside/', 'POST')).status).toBe(404)
  })
})

describe('the window', () => {
  it('is sandboxed and isolated, with nothing of Node in it and no weaker setting anywhere', async () => {
    const { window, desk } = await started()
    expect(window().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      devTools: false,
    })
    expect(window().options.webPreferences).not.toHaveProperty('enableBlinkFeatures')
    expect(desk.calls).toContain('enableSandbox')
  })
})
