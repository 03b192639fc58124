import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseFormat, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const search = (page: Page) => page.getByRole('combobox', { name: 'Name, ending or purpose' })
/** As a screen reader says where the keyboard is. */
const active = async (page: Page) =>
  await search(page).evaluate((input) => document.getElementById(input.getAttribute('aria-activedescendant') ?? '')?.textContent)
const focused = async (page: Page) =>
  await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)

describe('the choice of a format', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await startShell()
  })
  afterAll(async () => await shell.stop())

  it('goes by the keyboard alone: arrows, tabs, Enter, and Escape gives the focus back', async () => {
    const { page, troubles } = await openWindow(shell)
    const button = page.getByRole('button', { name: /^Convert to: / })
    await button.focus()
    await page.keyboard.press('Enter')
    await search(page).and(page.locator(':focus')).waitFor()
    await expect.poll(async () => await active(page)).toMatch(/^MP3/)
    // The one that is chosen stands there before what else can be made is known.
    await page.getByRole('option', { name: /^M4A/ }).first().waitFor()
    await page.keyboard.press('ArrowDown')
    await expect.poll(async () => await active(page)).toMatch(/^M4A/)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    // Round the end, into those that are rarely chosen.
    await expect.poll(async () => await active(page)).toMatch(/^True Audio/)
    await page.keyboard.press('ArrowRight')
    await expect.poll(async () => await active(page)).toMatch(/^MP4/)
    await page.keyboard.press('Tab')
    await page.getByRole('tab', { name: 'Video', selected: true }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('tab', { name: 'Images', selected: true }).waitFor()
    await page.getByRole('option', { name: /^AVIF/ }).waitFor()
    await page.keyboard.press('Escape')
    await search(page).waitFor({ state: 'detached' })
    expect(await focused(page)).toBe('Convert to: MP3')

    await page.keyboard.press('ArrowDown')
    await search(page).and(page.locator(':focus')).waitFor()
    await page.keyboard.insertText('webp')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Convert to: WebP' }).and(page.locator(':focus')).waitFor()
    expect(troubles).toEqual([])
  })

  it('finds by ending and by purpose over all kinds, and says how many', async () => {
    const { page } = await openWindow(shell)
    await page.getByRole('button', { name: /^Convert to: / }).click()
    await search(page).fill('.m4b')
    await page.getByRole('option', { name: /^M4A \(AAC\)/ }).waitFor()
    await search(page).fill('archive')
    await page.getByRole('option', { name: /^FLAC/ }).waitFor()
    await page.getByRole('option', { name: /^Matroska\.mkv/ }).waitFor()
    await page.getByRole('option', { name: /^TIFF/ }).waitFor()
    await page
      .getByRole('status')
      .getByText(/^\d+ formats$/)
      .waitFor()
    expect(await violations(page)).toEqual([])
    await search(page).fill('zzz')
    await page.getByText('No matching format').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await search(page).waitFor()
  })

  it('keeps what was chosen last, over a reload as well', async () => {
    const { page } = await openWindow(shell, { width: 760, height: 520 })
    await chooseFormat(page, 'FLAC')
    await chooseFormat(page, 'PNG')
    await page.reload()
    await page.getByRole('button', { name: 'Convert to: PNG' }).click()
    await page.getByRole('tab', { name: 'Recent' }).click()
    await expect
      .poll(async () => await page.getByRole('option').allTextContents())
      .toMatchObject([/^PNG/, /^FLAC/].map((name) => expect.stringMatching(name)))
    expect(await violations(page)).toEqual([])
    await screenshot(page, 'formats-recent-760')
    await page.getByRole('option', { name: /^FLAC/ }).click()
    await page.getByRole('button', { name: 'Convert to: FLAC' }).waitFor()
  })

  it('is the same in a dialog, where Escape closes the list alone', async () => {
    const { page } = await openWindow(shell, { locale: 'de-DE' })
    await page.keyboard.press('Alt+2')
    await page.getByRole('button', { name: 'Ordner überwachen' }).click()
    const dialog = page.getByRole('dialog').first()
    await dialog.getByRole('button', { name: /^Umwandeln in: / }).click()
    const field = page.getByRole('combobox', { name: 'Name, Endung oder Zweck' })
    await field.and(page.locator(':focus')).waitFor()
    await field.fill('Hörbuch')
    await page.getByRole('option', { name: /^M4A/ }).first().waitFor()
    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
    await dialog
      .getByRole('button', { name: /^Umwandeln in: / })
      .and(page.locator(':focus'))
      .waitFor()
    expect(await violations(page)).toEqual([])
  })
})
