/** The choice of a format over a provider with 300 pairs, formats that nobody here knows among them. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { converterAppKey, converterAppServer, type ConverterAppServer } from '../support/servers/converter-app.ts'
import { chooseFormat, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const search = (page: Page) => page.getByRole('combobox', { name: 'Name, ending or purpose' })

describe('a choice among hundreds of formats', () => {
  let shell: Shell
  let server: ConverterAppServer
  beforeAll(async () => {
    server = await converterAppServer()
    const env = { BESIDE_KEY_CONVERTER_APP: converterAppKey }
    shell = await startShell(env)
    const beside = join(import.meta.dirname, '../../bin/beside.mjs')
    const args = [beside, 'providers', 'set', 'converter-app', '--base-url', server.base]
    await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env, BESIDE_HOME: shell.home } })
  })
  afterAll(async () => {
    await shell.stop()
    await server.quiet()
  })

  it.each([
    ['light', 1600],
    ['light', 760],
    ['dark', 1600],
    ['dark', 760],
  ] as const)('has a tab for each kind, what is online folded, and fits: %s, %i px', async (scheme, width) => {
    const { page, troubles } = await openWindow(shell, { width, height: width === 760 ? 560 : 900, scheme })
    await page.getByRole('button', { name: /^Convert to: / }).click()
    await search(page).waitFor()
    const tabs = await page.getByRole('tab').allTextContents()
    expect(tabs).toEqual(expect.arrayContaining(['Audio', 'Video', 'Images', 'Documents', 'Text', 'Fonts', 'Other']))
    const box = await page.getByRole('tablist').boundingBox()
    expect(box !== null && box.x >= 0 && box.x + box.width <= width).toBe(true)
    await screenshot(page, `many-formats-audio-${scheme}-${width}`)
    await page.getByRole('tab', { name: 'Other' }).click()
    await page.getByRole('option', { name: /^QQQ/ }).waitFor()
    await screenshot(page, `many-formats-other-${scheme}-${width}`)
    await page.getByRole('tab', { name: 'Documents' }).click()
    await screenshot(page, `many-formats-documents-${scheme}-${width}`)
    expect(await violations(page)).toEqual([])
    await search(page).fill('qqq')
    await page.getByRole('option', { name: /^QQQ/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Convert to: QQQ' }).waitFor()
    expect(troubles).toEqual([])
  })

  it('shows what a provider takes by kinds, folded where they are many', async () => {
    for (const [scheme, width] of [
      ['light', 1600],
      ['dark', 760],
    ] as const) {
      const { page } = await openWindow(shell, { width, height: 900, scheme })
      await goTo(page, 'Providers')
      await page.getByRole('heading', { name: 'Converter App' }).waitFor()
      await screenshot(page, `many-formats-providers-${scheme}-${width}`)
      expect(await violations(page)).toEqual([])
    }
  })

  it('converts what nobody here knows', async () => {
    const path = join(shell.home, 'strange.xyz')
    await writeFile(path, Buffer.from('AC1032\u0000\u0001 a drawing of somebody else'))
    const { page } = await openWindow(shell)
    await chooseFormat(page, 'QQQ')
    await page.evaluate(async (text) => {
      const data = new DataTransfer()
      data.setData('text/plain', text)
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    }, path)
    await expect.poll(() => server.jobs.map(({ pair }) => pair), { timeout: 30_000 }).toEqual(['xyz2qqq'])
  })
})
