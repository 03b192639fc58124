/** The browser shell on a data folder, a real Chromium that looks at it, and the frames that its page draws. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { openSession } from '../../src/main/api/session.ts'
import type { Client } from '../../src/shared/wire/client.ts'
import { besideProgram, silentLog } from './scene.ts'

export interface WindowPlace {
  readonly client: Client
  /** Processor time of the process that holds the engine, since its start; milliseconds. Linux only. */
  engineMs(): Promise<number>
  /** A page on this section of the window; it notes its frames. */
  open(section: 'queue' | 'history'): Promise<Page>
  stop(): Promise<void>
}

const frames = fileURLToPath(new URL('./frames.js', import.meta.url))

export async function windowOn(home: string): Promise<WindowPlace> {
  const server = spawn(process.execPath, [besideProgram, 'serve', '--json'], {
    env: { ...process.env, BESIDE_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = await printedAddress(server.stdout)
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--enable-precise-memory-info'],
  })
  const session = await openSession({
    home,
    version: 'bench',
    mode: 'look',
    log: silentLog,
    patienceMs: 10_000,
    hold: () => Promise.reject(new Error('nobody serves')),
  })
  return {
    client: session.client,
    engineMs: async () => await processorMs(server.pid ?? 0),
    open: async (section) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
      await page.addInitScript({ path: frames })
      await page.goto(`${address.replace(/#.*$/, '')}#${address.split('#')[1] ?? ''}`)
      if (section !== 'queue') {
        await page.getByRole('navigation').waitFor()
        const begun = `{ list: 'grid', firstRowsMs: null, fromMs: performance.now() }`
        await page.evaluate(`Object.assign(window.frames, ${begun}); location.hash = '/${section}'`)
      }
      return page
    },
    stop: async () => {
      await session.close()
      await browser.close()
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGTERM')
      await ended
    },
  }
}

/** The system counts in hundredths of a second. */
async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * 10
}

async function printedAddress(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) return (JSON.parse(line) as { address: string }).address
  throw new Error('beside serve ended without an address')
}

/** Milliseconds from the page's beginning, or from going to its section, until rows were drawn. */
export async function firstRows(page: Page): Promise<number> {
  for (;;) {
    const ms = await page.evaluate<number | null>('window.frames.firstRowsMs')
    if (ms !== null) return ms
    await sleep(20)
  }
}

/** How long each frame was while something was done. */
export async function framesWhile(page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate('window.frames.last = 0; window.frames.deltas = []; undefined')
  await work()
  return await page.evaluate<number[]>('window.frames.deltas')
}

/** The fewest frames in any second, the last and unfinished one left out. */
export function fewestInASecond(deltas: readonly number[]): number {
  const counts: number[] = []
  let count = 0
  let spent = 0
  for (const delta of deltas) {
    spent += delta
    count += 1
    if (spent < 1000) continue
    counts.push(count / (spent / 1000))
    count = 0
    spent = 0
  }
  return Math.min(...counts)
}

/** What the page holds once what it no longer needs is gone; mebibytes. */
export async function heldMebibytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize / 2 ** 20
}
