import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyday, tone } from './scenes.ts'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const sections = ['Queue', 'Folders', 'History', 'Providers', 'Machines', 'Settings'] as const
const sizes = [
  { width: 760, height: 520 },
  { width: 1600, height: 1000 },
] as const

describe.each(['light', 'dark'] as const)('the screens of the window, %s', (scheme) => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-screens-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const everySize = async (page: Page, name: string) => {
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.evaluate(() => document.fonts.ready)
      await screenshot(page, `${name}-${scheme}-${size.width}`)
    }
  }

  it('empty: every section says what it is for, and axe finds nothing', async () => {
    const { page, troubles } = await openWindow(shell, { scheme })
    for (const section of sections) {
      await goTo(page, section)
      if (section === 'Providers') await page.getByText('FFprobe', { exact: true }).waitFor()
      await everySize(page, `empty-${section.toLowerCase()}`)
      expect([section, await violations(page)]).toEqual([section, []])
    }
    expect(troubles).toEqual([])
  })

  it('full: at work, done and failed, and axe finds nothing', async () => {
    const { page, troubles } = await openWindow(shell, { scheme })
    const files = await everyday(join(folder, 'Recordings'))
    await drop(page, [await tone(join(folder, 'warm-up.wav'), 2)])
    await page.getByRole('treegrid').getByText('1 of 1').waitFor()
    await drop(page, files, async () => await screenshot(page, `dropping-${scheme}-1280`))
    await page.getByRole('treegrid').getByText('Converting').first().waitFor()
    await everySize(page, 'working-queue')
    expect(await violations(page)).toEqual([])
    await page.getByRole('treegrid').getByText('7 of 7').waitFor()
    await everySize(page, 'full-queue')
    expect(await violations(page)).toEqual([])

    await page.getByText('Broken take.wav', { exact: true }).dblclick()
    await page.getByRole('dialog').getByText('Attempts').waitFor()
    await everySize(page, 'full-details')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')

    await goTo(page, 'History')
    await page.getByText('Broken take.wav', { exact: true }).waitFor()
    await everySize(page, 'full-history')
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
  })

  it('over everything: palette, shortcuts, options and questions, and axe finds nothing', async () => {
    const { page, troubles } = await openWindow(shell, { scheme })
    const lies = async (name: string, open: () => Promise<void>, seen: string) => {
      await open()
      await page.getByText(seen).first().waitFor()
      await screenshot(page, `over-${name}-${scheme}`)
      expect([name, await violations(page)]).toEqual([name, []])
      await page.keyboard.press('Escape')
      await page.getByText(seen).first().waitFor({ state: 'hidden' })
    }
    await lies('palette', async () => await page.keyboard.press('Control+k'), 'Convert to WAV')
    await lies('shortcuts', async () => await page.keyboard.press('Shift+?'), 'Extend the selection')
    await lies('options', async () => await page.getByRole('button', { name: 'Options' }).click(), 'Normalize loudness')
    await lies(
      'formats',
      async () => await page.getByRole('button', { name: 'Convert to: MP3' }).click(),
      'Lossless, about half of WAV',
    )
    await lies(
      'paths',
      async () => {
        await page.getByRole('button', { name: 'Add', exact: true }).click()
        await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
      },
      'Add by path or web address',
    )
    await lies(
      'undo',
      async () =>
        await page
          .getByRole('button', { name: /^Undo batch/ })
          .first()
          .click(),
      'Undo this batch?',
    )
    expect(troubles).toEqual([])
  })
})
