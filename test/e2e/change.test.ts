import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clip, tone } from './scenes.ts'
import { openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const checkout = resolve(import.meta.dirname, '../..')
const command = promisify(execFile)

describe('conversions that wait', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-change-'))
    const files = await Promise.all([
      tone(join(folder, 'Take 1.wav'), 1),
      tone(join(folder, 'Take 2.wav'), 1, 660),
      clip(join(folder, 'Holiday.mp4'), 20),
      copyFile(join(checkout, 'samples/photo.jpg'), join(folder, 'Lake.jpg')).then(() => join(folder, 'Lake.jpg')),
    ])
    const [one, two, film, photo] = files
    await beside('queue', 'pause')
    await beside('convert', one, '--to', 'mp3', '--set', 'bitrate=128', '--detach')
    await beside('convert', two, '--to', 'ogg', '--detach')
    await beside('convert', film, '--to', 'webm', '--set', 'crf=50', '--set', 'maxHeight=120', '--detach')
    await beside('convert', photo, '--to', 'webp', '--detach')
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const beside = async (...words: readonly string[]) => {
    const env = { ...process.env, BESIDE_HOME: shell.home }
    return (await command(process.execPath, [join(checkout, 'bin/beside.mjs'), ...words], { env })).stdout
  }
  const rowOf = (page: Page, name: string) =>
    page
      .getByRole('row')
      .filter({ hasText: name })
      .filter({ has: page.getByRole('button', { name: /^More actions for/ }) })
  const inQueue = async (size: { width: number; height: number; scheme: 'light' | 'dark' }) => {
    const opened = await openWindow(shell, size)
    const closed = opened.page.getByRole('button', { name: /^Show files of/ })
    await opened.page.getByRole('treegrid').waitFor()
    while ((await closed.count()) > 0) await closed.first().click()
    await rowOf(opened.page, 'Lake.jpg').waitFor()
    return opened
  }
  const trials = async () => await readdir(join(shell.home, 'trials')).catch(() => [])

  it('are changed together: what differs is mixed, and it is said beforehand which can be changed, and why the others not', async () => {
    const { page, troubles } = await inQueue({ width: 1280, height: 800, scheme: 'light' })
    for (const [index, name] of ['Take 1.wav', 'Take 2.wav', 'Lake.jpg'].entries())
      await rowOf(page, name).click({ modifiers: index === 0 ? [] : ['ControlOrMeta'] })
    await page.getByRole('button', { name: 'Change…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change 3 conversions' })
    await dialog.getByRole('button', { name: 'Format: Mixed' }).click()
    await page.getByRole('combobox', { name: 'Name, ending or purpose' }).fill('FLAC')
    await page.getByRole('option').first().click()
    await dialog.getByText('2 can be changed.').waitFor()
    await dialog.getByText('JPEG cannot be converted to FLAC').waitFor()
    await dialog.getByText('No longer applies, back to the default: Bitrate').waitFor()
    await dialog.getByText('High', { exact: true }).click()
    expect(await violations(page)).toEqual([])
    await screenshot(page, 'change-mixed')
    await dialog.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByText('2 conversions changed.').waitFor()
    const lines = (await beside('queue', '--json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const jobs = lines
      .filter(({ type }) => type === 'job')
      .map(({ source, target }) => [String(source).split('/').at(-1), target])
    expect(jobs.toSorted()).toEqual([
      ['Holiday.mp4', 'webm'],
      ['Lake.jpg', 'webp'],
      ['Take 1.wav', 'flac'],
      ['Take 2.wav', 'flac'],
    ])
    expect(troubles).toEqual([])
  })

  it('show what comes of a picture: its size, beside the original, anew with other options, and nothing of it stays', async () => {
    const { page, troubles } = await inQueue({ width: 1600, height: 1000, scheme: 'light' })
    await rowOf(page, 'Lake.jpg').click()
    await page.keyboard.press('t')
    const preview = page.getByRole('region', { name: 'Preview of the conversion' })
    const figure = preview.locator('strong').first()
    await expect.poll(async () => await figure.textContent(), { timeout: 20_000 }).toMatch(/^\d+(\.\d)? kB$/)
    const first = await figure.textContent()
    await preview.getByText('Result', { exact: true }).first().waitFor()
    expect(await violations(page)).toEqual([])
    await screenshot(page, 'preview-image')
    await page.getByRole('dialog').getByLabel('Image quality').fill('20')
    await expect
      .poll(async () => (await preview.getAttribute('aria-busy')) === 'false' && (await figure.textContent()) !== first, {
        timeout: 20_000,
      })
      .toBe(true)
    expect((await trials()).length).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(trials).toEqual([])
    expect(troubles).toEqual([])
  })

  it('are tried on ten seconds: about how large it becomes, and from where', async () => {
    const { page, troubles } = await inQueue({ width: 760, height: 520, scheme: 'dark' })
    await rowOf(page, 'Holiday.mp4')
      .getByRole('button', { name: /^More actions/ })
      .click()
    await page.getByRole('menuitem', { name: 'Try on 10 seconds' }).click()
    const preview = page.getByRole('region', { name: 'Preview of the conversion' })
    await preview.getByText(/^about \d/).waitFor({ timeout: 60_000 })
    await preview.getByText(/^between .* and /).waitFor()
    expect(await preview.getByLabel('Starts at').inputValue()).toBe('0:05')
    expect(await violations(page)).toEqual([])
    await screenshot(page, 'try-video')
    expect(troubles).toEqual([])
  })
})
