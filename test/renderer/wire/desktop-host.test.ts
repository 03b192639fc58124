import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDesktopHost, desktopHere, takeFiles } from '../../../src/renderer/wire/desktop-host.ts'
import { portMessage, type Desktop } from '../../../src/shared/desktop.ts'
import { failure, JobError } from '../../../src/shared/failure.ts'
import { usualPreferences, type DesktopState } from '../../../src/shared/preferences.ts'

const state: DesktopState = { preferences: usualPreferences, can: { tray: true, sleep: true, update: false }, webAddress: null }

/** What the preload script leaves for the page, and the window that its messages come to. */
function scene(change: Partial<Desktop> = {}) {
  const page = new EventTarget()
  const desktop: Desktop = {
    pathOf: (file) => (file.name === 'memory.png' ? '' : `/home/me/${file.name}`),
    reveal: async () => ({ value: null }),
    open: async (path) => ({ failure: { code: 'source-missing', facts: { path } } }),
    chooseFolder: async () => ({ value: '/music' }),
    drag: () => {},
    takeFiles: async () => ({ value: [] }),
    onFiles: () => {},
    askForPort: () => {},
    state: async () => ({ value: state }),
    prefer: async (preferred) => ({ value: { ...state, preferences: { ...state.preferences, ...preferred } } }),
    onState: () => {},
    ...change,
  }
  vi.stubGlobal('window', Object.assign(page, { besideDesktop: desktop }))
  vi.stubGlobal('location', { origin: 'app://beside' })
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  const post = (message: { data?: string; origin?: string; source?: unknown; ports?: readonly unknown[] }) =>
    page.dispatchEvent(
      Object.assign(new Event('message'), { data: portMessage, origin: 'app://beside', source: page, ports: [], ...message }),
    )
  return { host: createDesktopHost(desktop), desktop, post }
}

describe('the window on the desktop', () => {
  it('knows it by what the preload script has left', () => {
    const { desktop } = scene()
    expect(desktopHere()).toBe(desktop)
    vi.stubGlobal('window', {})
    expect(desktopHere()).toBe(null)
  })

  it('takes the port from its own window and origin, and from nobody else', async () => {
    const ask = vi.fn<() => void>()
    const { host, post } = scene({ askForPort: ask })
    const { port1, port2 } = new MessageChannel()
    const foreign = new MessageChannel()
    onTestFinished(() => [port1, foreign.port1].forEach((port) => port.close()))
    const connecting = host.connect()
    expect(ask).toHaveBeenCalledOnce()
    post({ origin: 'https://evil.example', ports: [foreign.port2] })
    post({ source: {}, ports: [foreign.port2] })
    post({ data: 'else', ports: [foreign.port2] })
    post({})
    post({ ports: [port2] })
    const { link, closed } = await connecting
    const asked = new Promise((resolve) => port1.once('message', resolve))
    const call = link.call(['about'], undefined, { context: {} }).catch((error: unknown) => error)
    expect(await asked).toContain('about')
    port1.close()
    await closed
    expect(await call).toBeInstanceOf(JobError)
  })

  it('knows the paths of what is dropped, and says of what has none that it has none', () => {
    const { host } = scene()
    const files = ['a.wav', 'memory.png', 'b.wav'].map((name) => new File([], name))
    expect(host.pathsOf?.(files)).toEqual([
      { path: '/home/me/a.wav' },
      { why: { code: 'source-unreadable', facts: { path: 'memory.png' } } },
      { path: '/home/me/b.wav' },
    ])
  })

  it('gives answers as they are and failures as failures', async () => {
    const { host } = scene()
    expect(await host.chooseFolder?.()).toBe('/music')
    await expect(host.open?.('/x.mp3')).rejects.toMatchObject({ failure: { code: 'source-missing', facts: { path: '/x.mp3' } } })
    const cause = failure('disk-full', { path: '/home' })
    const { host: full } = scene({ reveal: async () => ({ failure: { ...failure('data-busy'), retryAfterMs: 500, cause } }) })
    await expect(full.reveal?.('/x.mp3')).rejects.toMatchObject({ failure: { code: 'data-busy', retryAfterMs: 500, cause } })
  })

  it('takes the system’s files at its start and whenever more have come', async () => {
    const waiting = [['/one.wav'], [], ['/two.wav', '/three.wav']]
    let notify = () => {}
    const { desktop } = scene({
      takeFiles: async () => ({ value: waiting.shift() ?? [] }),
      onFiles: (listener) => void (notify = listener),
    })
    const added: (readonly string[])[] = []
    takeFiles(desktop, (paths) => added.push(paths))
    notify()
    notify()
    while (added.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(added).toEqual([['/one.wav'], ['/two.wav', '/three.wav']])
  })
})
