import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseFormat, openWindow, startShell, violations, type Shell } from './shell.ts'

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const options = (page: Page) => page.getByRole('button', { name: /^(Options|\d+ options?)$/ })
const unless = async (page: Page, name: string) => await page.getByLabel(name, { exact: true }).getAttribute('placeholder')

describe('the options of a conversion', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await startShell()
  })
  afterAll(async () => await shell.stop())

  it('begin with the three that matter for the format, and say what each is unless it is set', async () => {
    const { page, troubles } = await openWindow(shell)
    await chooseFormat(page, 'M4A (AAC)')
    await options(page).click()
    expect([await unless(page, 'Quality'), await unless(page, 'Bitrate (kbit/s)')]).toEqual([
      'High · 192 kbit/s in stereo',
      '192 kbit/s in stereo',
    ])
    expect(await field(page, 'Start at').count()).toBe(0)
    await page.getByRole('button', { name: 'More options' }).click()
    await page.getByLabel('Channels', { exact: true }).click()
    await page.getByRole('option', { name: '1 (mono)' }).click()
    await expect.poll(async () => await unless(page, 'Bitrate (kbit/s)')).toBe('115.2 kbit/s')
    await page.keyboard.press('Escape')
    // What is set is not hidden.
    await options(page).click()
    await page.getByRole('button', { name: 'More options · 1 set' }).waitFor()
    expect(await page.getByLabel('Channels', { exact: true }).inputValue()).toBe('1 (mono)')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')

    await chooseFormat(page, 'MP4')
    await options(page).click()
    expect([await unless(page, 'Quality'), await unless(page, 'Maximum height (px)')]).toEqual(['High · CRF 20', 'as the source'])
    await page.keyboard.press('Escape')
    await chooseFormat(page, 'WebP')
    await options(page).click()
    expect(await unless(page, 'Image quality')).toBe('80')
    expect(troubles).toEqual([])
  })

  it('keep what was typed and cannot be, say what can, and do not use it', async () => {
    const { page } = await openWindow(shell, { scheme: 'dark', width: 760, height: 520 })
    await options(page).click()
    await field(page, 'Bitrate (kbit/s)').fill('5000')
    await page.getByText('Not used. Allowed: 6 to 1,000 kbit/s').waitFor()
    expect([await field(page, 'Bitrate (kbit/s)').inputValue(), await options(page).textContent()]).toEqual(['5000', 'Options'])
    await page.getByRole('button', { name: 'More options' }).click()
    await field(page, 'Start at').fill('1:30')
    await field(page, 'End at').fill('1:20')
    await field(page, 'Start at').focus()
    await page.getByText('Not used. Allowed: later than the start').waitFor()
    expect(await violations(page)).toEqual([])
    await field(page, 'End at').fill('2:00')
    await field(page, 'Bitrate (kbit/s)').fill('192k')
    await field(page, 'Start at').focus()
    expect(await field(page, 'Bitrate (kbit/s)').inputValue()).toBe('192')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '3 options' }).waitFor()
  })
})
