import { readdir, readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { musicgptKey, musicgptServer, type MusicgptServer } from '../support/servers/musicgpt.ts'
import { tone } from './scenes.ts'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

/** Its smallest plan lets three seconds pass between two questions. */
const patience = 120_000

describe('online providers in the window, with a real engine and a scripted MusicGPT', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-online-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const card = (page: Page) => page.getByRole('article', { name: 'MusicGPT' })
  /** Shut where there is no key yet. */
  const more = async (page: Page) => {
    await card(page).waitFor()
    const isShut = !(await card(page).getByRole('textbox', { name: 'Address' }).isVisible())
    if (isShut) await card(page).getByText('Address and spending limits').click()
  }
  const row = (page: Page, name: string) =>
    page
      .getByRole('treegrid')
      .getByRole('row')
      .filter({ has: page.getByText(name, { exact: true }) })
  const result = async (name: string) => {
    const paths = await readdir(join(shell.home, 'inbox'), { recursive: true })
    const path = paths.find((each) => each.endsWith(`/${name}`))
    return path === undefined ? null : await readFile(join(shell.home, 'inbox', path))
  }
  const setUp = async (page: Page): Promise<MusicgptServer> => {
    const server = await musicgptServer()
    onTestFinished(() => expect(server.leaks).toEqual([]))
    await goTo(page, 'Providers')
    await more(page)
    await card(page).getByRole('textbox', { name: 'Address' }).fill(server.base)
    await card(page).getByRole('textbox', { name: 'Address' }).press('Enter')
    await card(page).getByLabel('API key', { exact: true }).fill(musicgptKey)
    await card(page).getByRole('button', { name: 'Save key' }).click()
    await card(page).getByText('Ready', { exact: true }).waitFor()
    return server
  }
  const chooseMusicgpt = async (page: Page) => {
    await goTo(page, 'Queue')
    await page.getByRole('combobox', { name: 'with' }).click()
    await page.getByRole('option', { name: /^MusicGPT/ }).click()
  }

  it('a key is set, refused with the reason, set right, checked, never shown, and forgotten', { timeout: patience }, async () => {
    const { page, troubles } = await openWindow(shell)
    await goTo(page, 'Providers')
    await card(page).getByText('Needs a key', { exact: true }).waitFor()
    expect(await card(page).getByRole('button', { name: 'Check now: MusicGPT' }).isDisabled()).toBe(true)

    const server = await setUp(page)
    await card(page).getByLabel('API key', { exact: true }).fill('not-the-key-77')
    await card(page).getByRole('button', { name: 'Save key' }).click()
    await card(page).getByRole('button', { name: 'Check now: MusicGPT' }).click()
    await card(page).getByText('MusicGPT rejected the API key').waitFor()
    await card(page).getByText('Set the API key under Providers.').waitFor()
    await card(page).getByText('Needs attention', { exact: true }).waitFor()
    await screenshot(page, 'providers-refused-light')

    await card(page).getByLabel('API key', { exact: true }).fill(musicgptKey)
    await card(page).getByRole('button', { name: 'Save key' }).click()
    await card(page).getByText('Ready', { exact: true }).waitFor()
    await card(page).getByRole('button', { name: 'Check now: MusicGPT' }).click()
    await card(page).getByText('The key works').waitFor()
    expect(await card(page).getByLabel('API key', { exact: true }).inputValue()).toBe('')
    expect(await page.content()).not.toContain(musicgptKey)
    expect(server.asked('poll').length).toBeGreaterThan(1)

    // What is seen of a switch lies over what it is.
    await card(page).getByRole('switch', { name: 'Use MusicGPT' }).click({ force: true })
    await card(page).getByText('Off', { exact: true }).waitFor()
    await card(page).getByRole('switch', { name: 'Use MusicGPT' }).click({ force: true })
    await card(page).getByText('Ready', { exact: true }).waitFor()

    await card(page).getByRole('button', { name: 'Remove key' }).click()
    await card(page).getByText('Needs a key', { exact: true }).waitFor()
    expect(await readFile(join(shell.home, 'keys.json'), 'utf8')).not.toContain(musicgptKey)
    expect(troubles).toEqual([])
  })

  it('an address that cannot be one is refused, and the old one holds', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Providers')
    await more(page)
    await card(page).getByRole('textbox', { name: 'Address' }).fill('http://example.com/api')
    await card(page).getByRole('textbox', { name: 'Address' }).press('Enter')
    await card(page).getByText('“http://example.com/api”').waitFor()
    await card(page).getByText('It must begin with https://').waitFor()
    await page.reload()
    await more(page)
    expect(await card(page).getByRole('textbox', { name: 'Address' }).inputValue()).not.toContain('example.com')
  })

  it('the order for Automatic is changed by keyboard, says so, keeps the focus, and lasts', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Providers')
    const order = page.getByRole('article', { name: 'Order for Automatic' })
    const names = async () => await order.getByRole('listitem').locator('strong').allTextContents()
    await order.getByRole('button', { name: 'Move MusicGPT up' }).focus()
    for (const place of [3, 2, 1]) {
      await page.keyboard.press('Enter')
      await page.getByText(`MusicGPT is now number ${place} of 5`).waitFor()
    }
    // At the top there is nowhere further up.
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Move MusicGPT down')
    expect(await names()).toEqual(['MusicGPT', 'This machine', 'xconvert', 'Converter App', 'Converso'])
    await page.keyboard.press('Enter')
    await page.getByText('MusicGPT is now number 2 of 5').waitFor()
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Move MusicGPT down')
    await page.reload()
    await order.waitFor()
    expect(await names()).toEqual(['This machine', 'MusicGPT', 'xconvert', 'Converter App', 'Converso'])
  })

  it(
    'a dropped file is converted there and lies whole on the disk; caps make the next one wait',
    { timeout: patience },
    async () => {
      const { page, troubles } = await openWindow(shell)
      const server = await setUp(page)
      await goTo(page, 'Queue')
      await page.getByRole('combobox', { name: 'with' }).click()
      const other = page.getByRole('option', { name: /xconvert/ })
      expect(await other.getAttribute('aria-disabled')).toBe('true')
      await other.getByText('xconvert needs an API key.').waitFor()
      await screenshot(page, 'over-with-light')
      await page.getByRole('option', { name: /^MusicGPT/ }).click()

      await drop(page, [await tone(join(folder, 'song.wav'), 2)])
      const song = row(page, 'song.wav')
      await song.getByRole('img', { name: 'Leaves this machine: MusicGPT' }).waitFor()
      await song.getByText('Done', { exact: true }).waitFor({ timeout: patience })
      expect(await result('song.mp3')).toEqual(server.made())
      expect(server.jobs).toHaveLength(1)
      await song.dblclick()
      const details = page.getByRole('dialog', { name: 'song.wav' })
      await details.getByText('0.8 credits').waitFor()
      await details.getByText('Chosen by you').waitFor()
      await screenshot(page, 'online-details-light')
      await page.keyboard.press('Escape')

      await goTo(page, 'Providers')
      await card(page).getByRole('textbox', { name: 'Per day' }).fill('0.5')
      await card(page).getByRole('textbox', { name: 'Per day' }).press('Enter')
      await expect.poll(async () => await card(page).getByText('0.8 credits').count()).toBe(2)
      await goTo(page, 'Queue')
      await drop(page, [await tone(join(folder, 'second.wav'), 2, 550)])
      const second = row(page, 'second.wav')
      await second.getByText('The spending limit for MusicGPT has been reached').waitFor()
      expect(server.jobs).toHaveLength(1)
      await screenshot(page, 'online-waiting-light')
      await second.getByRole('button', { name: 'Approve: second.wav' }).click()
      await second.getByText('Done', { exact: true }).waitFor({ timeout: patience })
      expect(await result('second.mp3')).toEqual(server.made())
      expect(server.jobs).toHaveLength(2)

      await goTo(page, 'Providers')
      await card(page).getByRole('textbox', { name: 'Per day' }).fill('')
      await card(page).getByRole('textbox', { name: 'Per day' }).press('Enter')
      // A field that is new on the screen shows what the engine has taken over; the page must not be closed before.
      await goTo(page, 'Queue')
      await goTo(page, 'Providers')
      await expect.poll(async () => await card(page).getByRole('textbox', { name: 'Per day' }).inputValue()).toBe('')
      expect(troubles).toEqual([])
    },
  )

  it('an answer that was lost is put to the user, and nothing is paid twice without a word', { timeout: patience }, async () => {
    const { page } = await openWindow(shell)
    const server = await setUp(page)
    await chooseMusicgpt(page)
    server.misbehave('submit', { kind: 'reset', when: 'after' })
    await drop(page, [await tone(join(folder, 'doubt.wav'), 2, 330)])
    const doubt = row(page, 'doubt.wav')
    await doubt.getByText('Uncertain', { exact: true }).waitFor({ timeout: patience })
    expect(server.jobs).toHaveLength(1)
    expect(await doubt.getByRole('button', { name: 'Mark as done: doubt.wav' }).count()).toBe(1)
    await screenshot(page, 'online-doubt-light')
    await doubt.getByRole('button', { name: 'More actions for doubt.wav' }).click()
    await page.getByRole('menuitem', { name: 'Dismiss' }).waitFor()
    await page.getByRole('menuitem', { name: 'Convert again' }).click()
    await doubt.getByText('Done', { exact: true }).waitFor({ timeout: patience })
    expect(await result('doubt.mp3')).toEqual(server.made())
    expect(server.jobs).toHaveLength(2)
  })

  it.each(['light', 'dark'] as const)('axe finds nothing on the screen, %s', async (scheme) => {
    const { page, troubles } = await openWindow(shell, { scheme })
    await goTo(page, 'Providers')
    await card(page).getByText('Spent today').waitFor()
    await page.getByText('FFprobe', { exact: true }).waitFor()
    await card(page).getByText('Supported conversions').click()
    for (const width of [760, 1600]) {
      await page.setViewportSize({ width, height: 3600 })
      await page.evaluate(() => document.fonts.ready)
      await screenshot(page, `providers-${scheme}-${width}`)
    }
    expect(await violations(page)).toEqual([])
    await goTo(page, 'Queue')
    await page.setViewportSize({ width: 1280, height: 800 })
    await row(page, 'doubt.wav').waitFor()
    await page.getByRole('combobox', { name: 'with' }).click()
    await page.getByText('xconvert needs an API key.').waitFor()
    await screenshot(page, `over-with-${scheme}`)
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
  })
})
