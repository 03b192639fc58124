import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { damaged, tone } from './scenes.ts'
import { openWindow, startShell, type Shell } from './shell.ts'

/** Tab until something of this name has the focus; says what was passed when it never comes. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = []
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null) return { name: '', isVisible: false }
      const { outlineStyle, boxShadow } = getComputedStyle(element)
      return {
        name: element.getAttribute('aria-label') ?? element.textContent,
        isVisible: outlineStyle !== 'none' || boxShadow !== 'none',
      }
    })
    expect([focused.name, focused.isVisible]).toEqual([focused.name, true])
    if (name.test(focused.name)) return
    passed.push(focused.name)
  }
  throw new Error(`never came to ${String(name)}; passed ${passed.join(' | ')}`)
}

describe('without a mouse', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-keys-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('files are added, followed, inspected, retried, found again and undone', async () => {
    const { page, troubles } = await openWindow(shell)
    const sources = [
      await tone(join(folder, 'first.wav'), 2),
      await tone(join(folder, 'second.wav'), 2),
      await damaged(join(folder, 'third.wav')),
    ]

    await tabTo(page, /^Add$/)
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Files…' }).waitFor()
    // Up from the first item is the last one.
    await page.keyboard.press('ArrowDown')
    await page.getByRole('menuitem', { name: 'Files…' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('ArrowUp')
    await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await page
      .getByRole('textbox', { name: /One per line/ })
      .and(page.locator(':focus'))
      .waitFor()
    await page.keyboard.insertText(sources.join('\n'))
    await tabTo(page, /^Convert$/)
    await page.keyboard.press('Enter')
    await page.getByRole('treegrid').getByText('3 of 3').waitFor()

    await tabTo(page, /Batches and their files/)
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Attempts').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })

    await page.getByRole('treegrid').and(page.locator(':focus')).waitFor()
    await page.keyboard.press('r')
    await page.getByRole('treegrid').getByText('3 of 3').waitFor()
    await page.keyboard.press('Control+a')
    await page.getByText('3 selected').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('3 selected').first().waitFor({ state: 'detached' })

    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.getByText('first.wav', { exact: true }).waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await page.getByText('first.wav', { exact: true }).waitFor()

    await page.keyboard.press('/')
    await page
      .getByRole('textbox', { name: /Search/ })
      .and(page.locator(':focus'))
      .waitFor()
    await page.keyboard.insertText('second')
    await expect.poll(async () => await page.getByRole('grid').getByRole('row').count()).toBe(1)

    await page.keyboard.press('Control+k')
    await page
      .getByRole('textbox', { name: 'Command palette' })
      .or(page.getByPlaceholder('Search commands'))
      .and(page.locator(':focus'))
      .waitFor()
    await page.keyboard.insertText('queue')
    await page.getByRole('dialog').getByText('Queue', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('main', { name: 'Queue' }).waitFor()
    // What was done again has ended once more.
    await page.getByRole('button', { name: /^Undo batch/ }).waitFor()
    await tabTo(page, /^Undo batch/)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove results' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('2 results removed').waitFor()
    expect(troubles).toEqual([])
  })

  it('settings hold at once and after a reload; a wrong template is refused with its reason', async () => {
    const { page } = await openWindow(shell)
    await page.keyboard.press('Alt+6')
    const field = page.getByRole('textbox', { name: 'Name of the result' })
    await field.fill('{name} of {nobody}')
    await page.getByText('{nobody} is not one of').waitFor()
    await field.fill('{date} {name}')
    await page
      .getByText(/^Preview/)
      .getByText(/\d{4}-\d\d-\d\d Evening song\.mp3/)
      .waitFor()
    await field.press('Enter')
    await page.reload()
    await expect.poll(async () => await field.inputValue()).toBe('{date} {name}')
    await field.fill('{name}')
    await field.press('Enter')
  })

  it('every language fits its keys to what is shown, at once', async () => {
    const { page } = await openWindow(shell, { locale: 'de-DE' })
    await page.getByRole('link', { name: 'Warteschlange' }).waitFor()
    for (const [own, settings] of [
      ['Español', 'Ajustes'],
      ['Français', 'Réglages'],
      ['简体中文', '设置'],
      ['日本語', '設定'],
      ['English', 'Settings'],
    ] as const) {
      await page.keyboard.press('Alt+6')
      await page.getByRole('combobox').last().click()
      await page.getByRole('option', { name: own }).click()
      await page.getByRole('heading', { name: settings, exact: true }).waitFor()
    }
  })

  it('when Beside ends, the window says so and that nothing is lost', async () => {
    const { page } = await openWindow(shell)
    await shell.endServer()
    await page.getByText('Connection to Beside lost. Reconnecting…').waitFor()
  })
})
