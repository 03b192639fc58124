import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { damaged, subtitledClip, tone } from './scenes.ts'
import { chooseFormat, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

describe('the history in the window, with real conversions', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-history-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const convert = async (page: Page, files: readonly string[]) => {
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
    await page.getByRole('textbox', { name: /One per line/ }).fill(files.join('\n'))
    await page.getByRole('dialog').getByRole('button', { name: 'Convert' }).click()
  }
  const names = async (page: Page) => {
    const rows = await page.getByRole('grid').getByRole('row').allInnerTexts()
    return rows.map((row) => row.split('\n')[0] ?? '')
  }
  const choose = async (page: Page, what: string, option: string) => {
    await page.getByRole('combobox', { name: what }).click()
    await page.getByRole('option', { name: option }).click()
  }

  it('is sorted and filtered as asked, and what was chosen is what the list shows', { timeout: 120_000 }, async () => {
    const { page, troubles } = await openWindow(shell)
    await convert(page, [
      await tone(join(folder, 'take 10.wav'), 30),
      await tone(join(folder, 'take 2.wav'), 10),
      await damaged(join(folder, 'take 1.wav')),
    ])
    await page.getByRole('treegrid').getByText('3 of 3').waitFor()
    await goTo(page, 'History')
    await choose(page, 'Sort by', 'By name')
    await expect.poll(async () => await names(page)).toEqual(['take 1.wav', 'take 2.wav', 'take 10.wav'])
    await choose(page, 'Sort by', 'Largest first')
    await expect.poll(async () => await names(page)).toEqual(['take 10.wav', 'take 2.wav', 'take 1.wav'])
    await choose(page, 'Outcome', 'Failed')
    await expect.poll(async () => await names(page)).toEqual(['take 1.wav'])
    await choose(page, 'Provider', 'MusicGPT')
    await page.getByText('No results').waitFor()
    await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).last().click()
    await expect.poll(async () => (await names(page)).length).toBe(3)
    await choose(page, 'Shown in the chart', 'Spent per day')
    await page.getByText('Nothing was spent in this period.').waitFor()
    await choose(page, 'Shown in the chart', 'Saved per day')
    await page.getByRole('img', { name: 'Saved per day' }).waitFor()
    expect(troubles).toEqual([])
  })

  it('a file is run again as something else, and the two results stand side by side', { timeout: 120_000 }, async () => {
    const { page, troubles } = await openWindow(shell)
    await goTo(page, 'History')
    await page.getByRole('button', { name: 'More actions for take 10.wav' }).click()
    await page.getByRole('menuitem', { name: 'Run again with changes…' }).click()
    const form = page.getByRole('dialog', { name: 'Convert again with changes' })
    await form.getByRole('textbox', { name: 'Bitrate (kbit/s)' }).fill('256')
    await form.getByRole('combobox', { name: 'Provider' }).click()
    await page.getByRole('option', { name: 'This machine', exact: true }).click()
    await form.getByRole('button', { name: 'Convert' }).click()

    const compared = page.getByRole('dialog', { name: 'take 10.wav: runs compared' })
    await compared.getByText('smallest').waitFor({ timeout: 60_000 })
    const sizes = await compared.getByRole('row', { name: /^Size/ }).getByRole('cell').allInnerTexts()
    expect([sizes.length, sizes[0]?.includes('smallest'), sizes[1]?.includes('smallest')]).toEqual([2, true, false])
    await compared
      .getByRole('row', { name: /^Options/ })
      .getByText('Bitrate: 256')
      .waitFor()
    await screenshot(page, 'history-compared-light')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')

    await page.getByRole('textbox', { name: /Search/ }).fill('10')
    await expect.poll(async () => (await names(page)).length).toBe(2)
    await page.getByText('take 10.wav', { exact: true }).last().dblclick()
    await page.getByRole('button', { name: 'Compare 2 runs' }).waitFor()
    expect(troubles).toEqual([])
  })

  it(
    'says in the row what a result could not take along, lists it, and finds such conversions',
    { timeout: 120_000 },
    async () => {
      const { page, troubles } = await openWindow(shell)
      await chooseFormat(page, 'MP4')
      await convert(page, [await subtitledClip(join(folder, 'Lecture.mkv'))])
      const queued = page.getByRole('treegrid').getByRole('row').filter({ hasText: 'Lecture.mkv' }).last()
      await queued.getByText('1 left behind').waitFor()
      expect(await queued.getByTitle('1 attachment (Lecture.mkv.ttf)').count()).toBe(1)
      await goTo(page, 'History')
      await choose(page, 'Outcome', 'Done, with something left behind')
      await expect.poll(async () => await names(page)).toEqual(['Lecture.mkv'])
      await page.getByRole('button', { name: 'More actions for Lecture.mkv' }).click()
      await page.getByRole('menuitem', { name: 'Details', exact: true }).click()
      const details = page.getByRole('dialog', { name: 'Lecture.mkv' })
      await details.getByRole('listitem').getByText('1 attachment (Lecture.mkv.ttf)').waitFor()
      const attachments = details.getByRole('row', { name: /^Attachments/ })
      await attachments.getByText('Lecture.mkv.ttf · font/ttf').waitFor()
      expect(await attachments.locator('[data-changed]').allInnerTexts()).toEqual(['–'])
      await screenshot(page, 'left-behind-light')
      expect([await violations(page), troubles]).toEqual([[], []])
    },
  )

  it('is walked through by keyboard alone', async () => {
    const { page } = await openWindow(shell)
    await page.keyboard.press('Alt+3')
    await page.getByText('take 1.wav', { exact: true }).waitFor()
    await page.keyboard.press('/')
    const focused = async () =>
      await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent.slice(0, 40) ?? '',
      )
    const passed = [await focused()]
    while (!passed.includes('Finished conversions') && passed.length < 30) {
      await page.keyboard.press('Tab')
      passed.push(await focused())
    }
    expect(passed).toEqual([
      'Search names, folders, formats, errors',
      'Export',
      'Remove from history',
      'Outcome',
      'Provider',
      'Format',
      'Date',
      'Sort by',
      'Shown in the chart',
      'Finished conversions',
    ])
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Attempts').waitFor()
  })

  it.each(['light', 'dark'] as const)('axe finds nothing, %s', async (scheme) => {
    const { page, troubles } = await openWindow(shell, { scheme })
    await goTo(page, 'History')
    await page.getByText('take 1.wav', { exact: true }).waitFor()
    for (const [width, height] of [
      [760, 520],
      [1600, 1000],
    ] as const) {
      await page.setViewportSize({ width, height })
      await screenshot(page, `history-${scheme}-${width}`)
      expect(await violations(page)).toEqual([])
    }
    await page.getByRole('combobox', { name: 'Sort by' }).click()
    await page.getByRole('option', { name: 'Slowest first' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
  })
})
