/** The browser shell as a user starts it, and a real Chromium that shows it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { ensureWindow } from '../../tools/window.mjs'

const checkout = resolve(import.meta.dirname, '../..')
/** Kept by whoever runs the tests, never in the repository. */
export const artefacts = join(checkout, 'artefacts')

export interface Shell {
  readonly home: string
  readonly address: string
  readonly browser: Browser
  /** Ends Beside and leaves the browser open. */
  endServer(): Promise<void>
  stop(): Promise<void>
}

/** @param env what is different in Beside's surroundings. */
export async function startShell(env: Readonly<Record<string, string>> = {}): Promise<Shell> {
  ensureWindow(process.execPath)
  const home = await mkdtemp(join(tmpdir(), 'beside-window-'))
  await mkdir(artefacts, { recursive: true })
  const server = spawn(process.execPath, [join(checkout, 'bin/beside.mjs'), 'serve', '--json'], {
    env: { ...process.env, BESIDE_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = await printedAddress(server)
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    home,
    address,
    browser,
    endServer: async () => await ended(server),
    stop: async () => {
      await browser.close()
      await ended(server)
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function printedAddress(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('no output to read')
  for await (const line of createInterface({ input: server.stdout })) return (JSON.parse(line) as { address: string }).address
  throw new Error('beside serve ended without an address')
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const gone = new Promise((done) => server.once('exit', done))
  server.kill('SIGTERM')
  await gone
}

export interface WindowOptions {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  readonly locale?: string
}

/** A page that has entered, and what went wrong in it. */
export async function openWindow(
  { browser, address }: Shell,
  { width = 1280, height = 800, scheme = 'light', locale = 'en-US' }: WindowOptions = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })
  await page.goto(address)
  await page.getByRole('navigation').waitFor()
  await page.getByText('Connecting to Beside…').waitFor({ state: 'detached' })
  return { page, troubles }
}

export async function goTo(
  page: Page,
  section: 'Queue' | 'Folders' | 'History' | 'Providers' | 'Machines' | 'Settings',
): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: section }).click()
  await page.getByRole('main', { name: section }).waitFor()
}

/** The format of the bar. By search: it need not be of the kind that is shown first. */
export async function chooseFormat(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: /^Convert to: / }).click()
  await page.getByRole('combobox', { name: 'Name, ending or purpose' }).fill(title)
  await page
    .getByRole('option')
    .filter({ has: page.getByText(title, { exact: true }) })
    .click()
}

/** As a file manager drops: trusted events with real files, step by step. */
export async function drop(
  page: Page,
  files: readonly string[],
  whileDragged: () => Promise<void> = async () => {},
): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const at = { x: 640, y: 400, data: { items: [], files: [...files], dragOperationsMask: 1 } }
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at })
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at })
  await whileDragged()
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at })
  await session.detach()
}

/** What axe finds, in short; every rule that it has. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  // What is half-way between two colours is none that anybody chose.
  await page.evaluate(async () => {
    const brief = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(brief.map(async ({ finished }) => await finished))
  })
  const found = await page.evaluate(async () => {
    const { violations: list } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return list.map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`).join(' | ')})`,
    )
  })
  return found
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artefacts, `${name}.png`) })
}

/** Light and dark, narrow and wide; axe finds nothing in either. */
export async function showEveryLook(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const size of [
      { width: 760, height: 560 },
      { width: 1440, height: 900 },
    ]) {
      await page.setViewportSize(size)
      await screenshot(page, `${name}-${colorScheme}-${size.width}`)
    }
    expect([name, colorScheme, await violations(page)]).toEqual([name, colorScheme, []])
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
