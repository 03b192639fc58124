/** Beside as it is on its first day: an empty queue, a sample, no FFmpeg, and then one. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAt, sha256 } from '../support/ffmpeg-builds.ts'
import { zipOf } from '../support/zip-writer.ts'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const samples = resolve(import.meta.dirname, '../../samples')
const sizes = [
  { width: 1600, height: 1000 },
  { width: 760, height: 520 },
] as const

/** The FFmpeg of this machine, as a build that is fetched; sent in two parts, the second when it is asked for. */
async function mirror() {
  const programs = await Promise.all(['ffmpeg', 'ffprobe'].map(async (name) => await readFile(join('/usr/bin', name))))
  const zip = zipOf(['ffmpeg', 'ffprobe'].map((name, n) => ({ name: `bin/${name}`, content: programs[n] ?? Buffer.alloc(0) })))
  let rest = Promise.withResolvers<void>()
  let isCut = false
  const server: Server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const half = from + Math.floor((zip.length - from) / 2)
    const range = { 'content-range': `bytes ${from}-${zip.length - 1}/${zip.length}` }
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': zip.length - from, ...(from > 0 && range) })
    response.write(zip.subarray(from, half))
    void rest.promise.then(() => (isCut ? response.destroy() : response.end(zip.subarray(half))))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ffmpeg.zip`
  return {
    build: buildAt(address, sha256(zip), zip.length),
    /** Sends the rest of what is under way. */
    send: () => rest.resolve(),
    /** Breaks off what is under way, and holds the next one again. */
    cut: async () => {
      isCut = true
      rest.resolve()
      await new Promise((done) => setImmediate(done))
      isCut = false
      rest = Promise.withResolvers()
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('the first start', () => {
  let shell: Shell
  let folder: string
  let source: Awaited<ReturnType<typeof mirror>>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'beside-first-'))
    source = await mirror()
    const pins = join(folder, 'builds.json')
    await writeFile(pins, JSON.stringify({ [`${process.platform}-${process.arch}`]: source.build }))
    // Neither FFmpeg nor anything else is found on this one.
    shell = await startShell({ PATH: folder, HOME: folder, BESIDE_FFMPEG_BUILDS: pins })
  })
  afterAll(async () => {
    await shell.stop()
    source.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** The page as it is, in each size and look. */
  const pictured = async (page: Page, name: string) => {
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const size of sizes) {
        await page.setViewportSize(size)
        await screenshot(page, `first-${name}-${size.width}-${scheme}`)
      }
      expect(await violations(page)).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1280, height: 800 })
  }
  const rowOf = (page: Page, name: string) => page.locator('[role=row][data-phase]').filter({ hasText: name })

  it('teaches in three lines, says what is missing, and fits a small window', async () => {
    const { page, troubles } = await openWindow(shell)
    await page.getByRole('heading', { name: 'Drop files or folders anywhere' }).waitFor()
    expect(
      await page
        .getByRole('listitem')
        .filter({ hasText: /Audio, video|at the top|download/ })
        .count(),
    ).toBe(3)
    await page.getByRole('group', { name: 'FFmpeg' }).getByText('FFmpeg is missing').waitFor()
    await page.getByRole('button', { name: /^Fetch FFmpeg \([\d.]+ (kB|MB)\)$/ }).waitFor()
    await pictured(page, 'empty')
    expect(troubles).toEqual([])
  })

  it('converts the sample through the queue, and says where it is', async () => {
    const { page, troubles } = await openWindow(shell)
    await page.getByRole('button', { name: 'Try a sample' }).click()
    await page.getByText(`The sample and its result are in ${join(shell.home, 'sample')}`).waitFor()
    await rowOf(page, 'Sample photo.jpg').getByText('Done').waitFor()
    await readFile(join(shell.home, 'sample', 'Sample photo.webp'))
    await page.getByRole('button', { name: 'Clear finished' }).click()
    await page.getByRole('button', { name: 'Try a sample' }).waitFor()
    expect(troubles).toEqual([])
  })

  it('offers FFmpeg where a song failed for it, fetches it, and goes on', async () => {
    const { page, troubles } = await openWindow(shell)
    const song = join(folder, 'First song.flac')
    await copyFile(join(samples, 'song.flac'), song)
    await drop(page, [song])
    await rowOf(page, 'First song.flac').getByText('FFmpeg was not found').waitFor()
    const offer = page.getByRole('group', { name: 'FFmpeg' })
    await offer.getByRole('button', { name: /^Fetch FFmpeg/ }).waitFor()
    await rowOf(page, 'First song.flac').dblclick()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Fetch FFmpeg/ })
      .waitFor()
    await pictured(page, 'failed-job')
    await page.keyboard.press('Escape')

    await offer.getByRole('button', { name: /^Fetch FFmpeg/ }).click()
    await offer.getByText(/50%/).waitFor()
    await pictured(page, 'fetching')
    await source.cut()
    await offer.getByText(/could not be fetched from 127.+ the connection broke/).waitFor()
    await goTo(page, 'Providers')
    await offer.getByRole('button', { name: 'Try again' }).waitFor()
    await pictured(page, 'fetch-failed')

    await offer.getByRole('button', { name: 'Try again' }).click()
    // It goes on from where it broke off.
    await offer.getByText(/75%/).waitFor()
    await offer.getByRole('button', { name: 'Cancel' }).click()
    await offer.getByRole('button', { name: /^Fetch FFmpeg/ }).click()
    source.send()
    await offer.getByText('FFmpeg is ready').waitFor()
    await goTo(page, 'Queue')
    await offer.getByText('FFmpeg is ready').waitFor()
    await pictured(page, 'ready')
    await offer.getByRole('button', { name: 'Retry it' }).click()
    await rowOf(page, 'First song.flac').getByText('Done').waitFor()
    await offer.waitFor({ state: 'detached' })
    await goTo(page, 'Providers')
    await page.getByText(/fetched by Beside/).waitFor()
    expect(troubles).toEqual([])
  })
})

describe('where no build is pinned for this system', () => {
  it('says so, and what to type', async () => {
    const shell = await startShell({ PATH: '/nowhere' })
    try {
      const { page } = await openWindow(shell, { width: 760, height: 520 })
      const offer = page.getByRole('group', { name: 'FFmpeg' })
      await offer.getByText('Beside has no build to fetch for this system.').waitFor()
      await offer.getByRole('button', { name: 'Copy' }).waitFor()
      expect(await violations(page)).toEqual([])
      await screenshot(page, 'first-unpinned')
    } finally {
      await shell.stop()
    }
  })
})
