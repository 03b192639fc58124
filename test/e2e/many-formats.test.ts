/** The choice of a format over a provider with 300 pairs, formats that nobody here knows among them. */
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { converterAppKey, converterAppServer } from '../support/servers/converter-app.ts'
import { goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const search = (page: Page) => page.getByRole('combobox', { name: 'Name, ending or purpose' })

async function scene(): Promise<{ readonly shell: Shell }> {
  const server = await converterAppServer()
  const env = { BESIDE_KEY_CONVERTER_APP: converterAppKey }
  const shell = await startShell(env)
  onTestFinished(async () => await shell.stop())
  const beside = join(import.meta.dirname, '../../bin/beside.mjs')
  const args = [beside, 'providers', 'set', 'converter-app', '--base-url', server.base]
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env, BESIDE_HOME: shell.home } })
  return { shell }
}

describe('a choice among hundreds of formats', () => {
  it.each(['light', 'dark'] as const)('has a tab for each kind and fits into any window: %s', async (scheme) => {
    const { shell } = await scene()
    for (const width of [1600, 760]) {
      const { page, troubles } = await openWindow(shell, { width, height: width === 760 ? 560 : 900, scheme })
      await page.getByRole('button', { name: /^Convert to: / }).click()
      await search(page).waitFor()
      await page.getByRole('tab', { name: 'Other' }).waitFor()
      const tabs = await page.getByRole('tab').allTextContents()
      expect(tabs).toEqual(expect.arrayContaining(['Audio', 'Video', 'Images', 'Documents', 'Text', 'Fonts', 'Other']))
      const box = await page.getByRole('tablist').boundingBox()
      expect(box !== null && box.x >= 0 && box.x + box.width <= width).toBe(true)
      await page.getByRole('tab', { name: 'Documents' }).click()
      await screenshot(page, `many-formats-documents-${scheme}-${width}`)
      expect(await violations(page)).toEqual([])
      await page.getByRole('tab', { name: 'Other' }).click()
      await page.getByRole('option', { name: /^QQQ/ }).waitFor()
      await screenshot(page, `many-formats-other-${scheme}-${width}`)
      await search(page).fill('qqq')
      await page.getByRole('option', { name: /^QQQ/ }).waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Convert to: QQQ' }).waitFor()
      expect(troubles).toEqual([])
    }
  })

  it('shows what a provider takes by kinds, folded where they are many', async () => {
    const { shell } = await scene()
    for (const [scheme, width] of [
      ['light', 1600],
      ['dark', 760],
    ] as const) {
      const { page } = await openWindow(shell, { width, height: 900, scheme })
      await goTo(page, 'Providers')
      await page.getByText('more', { exact: false }).first().waitFor()
      await page.getByRole('heading', { name: 'Converter App' }).scrollIntoViewIfNeeded()
      await screenshot(page, `many-formats-providers-${scheme}-${width}`)
    }
  })
})
