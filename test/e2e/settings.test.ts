import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unpacked } from '../support/unpacked.ts'
import { openDesktop } from './desktop-page.ts'
import { tone } from './scenes.ts'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'
import de from '../../src/shared/text/de.json' with { type: 'json' }

const sizes = [
  { width: 760, height: 520 },
  { width: 1600, height: 1000 },
] as const

describe('the settings', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-settings-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(['light', 'dark'] as const)('are complete, %s, and axe finds nothing', async (scheme) => {
    const { page, troubles } = await openWindow(shell, { scheme })
    await goTo(page, 'Settings')
    const engine = page.getByRole('region', { name: 'Engine' })
    await engine.getByRole('button', { name: 'Add hours' }).click()
    await engine.getByText('Saved').waitFor()
    for (const size of sizes) {
      await page.setViewportSize(size)
      for (const section of ['Output', 'Engine', 'Logs and support']) {
        await page.getByRole('link', { name: section }).click()
        await page.locator('a[aria-current="true"]', { hasText: section }).waitFor()
        await screenshot(page, `settings-${section.split(' ')[0]?.toLowerCase()}-${scheme}-${size.width}`)
      }
      expect([size.width, await violations(page)]).toEqual([size.width, []])
    }
    await engine.getByRole('button', { name: 'Reset to defaults: Engine' }).click()
    await engine.getByText('At any time.').waitFor()
    expect(troubles).toEqual([])
  })

  it('are changed by the keyboard alone, say that they are saved, hold after a reload, and go back to their defaults', async () => {
    const { page } = await openWindow(shell)
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Search commands').and(page.locator(':focus')).waitFor()
    await page.keyboard.insertText('same time')
    await page.getByRole('dialog').getByText('Conversions at the same time').waitFor()
    await page.keyboard.press('Enter')
    const engine = page.getByRole('region', { name: 'Engine' })
    const focused = page.locator(':focus')
    await engine.getByRole('textbox', { name: 'Audio' }).and(focused).waitFor()
    await page.keyboard.type('2')
    await engine.getByText('Saved').waitFor()
    await page.keyboard.press('Tab')
    await engine.getByRole('textbox', { name: 'Video' }).and(focused).waitFor()
    await engine.getByRole('button', { name: 'Add hours' }).focus()
    await page.keyboard.press('Enter')
    const sunday = engine.getByRole('checkbox', { name: 'Sun' })
    await sunday.focus()
    await page.keyboard.press('Space')
    await expect.poll(async () => await sunday.isChecked()).toBe(false)
    await page.reload()
    await expect.poll(async () => await engine.getByRole('textbox', { name: 'Audio' }).inputValue()).toBe('2')
    await expect.poll(async () => await sunday.isChecked()).toBe(false)
    await engine.getByRole('button', { name: 'Reset to defaults: Engine' }).focus()
    await page.keyboard.press('Enter')
    await engine.getByText('At any time.').waitFor()
    expect(await engine.getByRole('textbox', { name: 'Audio' }).inputValue()).toBe('')
    expect(await engine.getByRole('button', { name: /^Reset/ }).count()).toBe(0)
  })

  it('without a day at all is marked as wrong, and the last good one holds', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Settings')
    const engine = page.getByRole('region', { name: 'Engine' })
    await engine.getByRole('button', { name: 'Add hours' }).click()
    for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) await engine.getByText(day, { exact: true }).click()
    await engine.getByText('Choose at least one day.').waitFor()
    await page.reload()
    await expect.poll(async () => await engine.getByRole('checkbox', { name: 'Sun' }).isChecked()).toBe(true)
    await engine.getByRole('button', { name: 'Remove hours 1' }).click()
    await engine.getByText('At any time.').waitFor()
  })

  it('hold the queue outside of its hours, which the foot of the queue says; then it goes on by itself', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Settings')
    const engine = page.getByRole('region', { name: 'Engine' })
    await engine.getByRole('button', { name: 'Add hours' }).click()
    // On the day after tomorrow only, whatever day it is.
    const kept = (new Date().getDay() + 2) % 7
    for (const [day, name] of ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].entries())
      if (day !== kept) await engine.getByText(name, { exact: true }).click()
    await engine.getByText('Saved').waitFor()
    await goTo(page, 'Queue')
    await drop(page, [await tone(join(folder, 'later.wav'), 1)])
    await page.getByText(/^Outside its hours: resumes at/).waitFor()
    await page.getByRole('treegrid').getByText('0 of 1').waitFor()
    await goTo(page, 'Settings')
    await engine.getByRole('button', { name: 'Remove hours 1' }).click()
    await goTo(page, 'Queue')
    await page.getByRole('treegrid').getByText('1 of 1').waitFor()
    await page.getByText(/^Outside its hours/).waitFor({ state: 'detached' })
  })

  it('take over a port when it has been typed whole, and say what is wrong with an address', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Settings')
    const network = page.getByRole('region', { name: 'Privacy and network' })
    await network.getByRole('textbox', { name: 'Webhook address' }).fill('tunnel')
    await page.keyboard.press('Enter')
    await network.getByText('Enter a full https:// address').waitFor()
    await network.getByRole('textbox', { name: 'Bandwidth limit for online providers' }).fill('500')
    await network.getByText('Saved').waitFor()
    await network.getByRole('textbox', { name: 'Webhook port' }).fill('8787')
    await page.keyboard.press('Tab')
    await page.reload()
    await expect.poll(async () => await network.getByRole('textbox', { name: 'Webhook port' }).inputValue()).toBe('8787')
    expect(await network.getByRole('textbox', { name: 'Bandwidth limit for online providers' }).inputValue()).toBe('500 kB/s')
    expect(await network.getByRole('textbox', { name: 'Webhook address' }).inputValue()).toBe('')
    await network.getByRole('button', { name: /^Reset to defaults/ }).click()
    await expect.poll(async () => await network.getByRole('textbox', { name: 'Webhook port' }).inputValue()).toBe('')
  })

  it('show the end of the log and save a bundle that has it', async () => {
    const { page } = await openWindow(shell)
    await page.goto(`${new URL(shell.address).origin}/#/settings/bundle`)
    const save = page.getByRole('button', { name: 'Save support bundle' })
    await save.and(page.locator(':focus')).waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()])
    expect(download.suggestedFilename()).toMatch(/^beside-support-.*\.zip$/)
    const files = new Map(await unpacked(await readFile(await download.path())))
    expect(JSON.parse(files.get('settings.json')?.toString() ?? '')).toMatchObject({ hours: [] })
    expect((await fetch(new URL('/output/1/0', shell.address))).status).toBe(401)
    await page.getByRole('button', { name: 'Refresh' }).click()
    const log = page.getByRole('region', { name: 'Log', exact: true })
    await log.getByText('a request was refused').first().waitFor()
    await page.getByText(join(shell.home, 'logs', 'beside.log')).waitFor()
    await screenshot(page, 'settings-log-light-1280')
    expect(await violations(page)).toEqual([])
  })

  it('on the desktop have what only the desktop can do, and are kept by it', async () => {
    const { page, app } = await openDesktop(shell.browser)
    await goTo(page, 'Settings')
    const desktop = page.getByRole('region', { name: 'Desktop' })
    await page.getByRole('link', { name: 'Desktop' }).click()
    await desktop.getByRole('combobox', { name: 'When everything is done', exact: true }).click()
    await page.getByRole('option', { name: 'Put the computer to sleep' }).click()
    await desktop.getByRole('switch', { name: 'Keep running in the tray when the window is closed' }).click()
    await desktop.getByText('Saved').waitFor()
    const kept = async () => JSON.parse(await readFile(join(app.home, 'desktop.json'), 'utf8')) as Record<string, unknown>
    await expect.poll(kept).toMatchObject({ whenDone: 'sleep', stayInTray: true, notify: 'always' })
    const network = page.getByRole('region', { name: 'Privacy and network' })
    await network.getByRole('switch', { name: 'Browser access' }).click()
    const address = network.getByRole('textbox', { name: 'Browser address' })
    await expect.poll(async () => (await fetch(await address.inputValue())).status).toBe(200)
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.getByRole('link', { name: 'Desktop' }).click()
      await screenshot(page, `settings-desktop-light-${size.width}`)
    }
    expect(await violations(page)).toEqual([])
    await desktop.getByRole('button', { name: 'Reset to defaults: Desktop' }).click()
    await expect.poll(kept).toMatchObject({ whenDone: 'nothing', stayInTray: false, web: true })
  })

  it('choose the language of what the desktop says outside the window, too, and keep it when its own are reset', async () => {
    const { page, app } = await openDesktop(shell.browser)
    const german = de.labels.settings
    const quit = () => app.desk.trays[0]?.menu.at(-1)?.label
    expect(quit()).toBe('Quit Beside')
    await goTo(page, 'Settings')
    await page.getByRole('region', { name: 'Appearance' }).getByRole('combobox', { name: 'Language' }).click()
    await page.getByRole('option', { name: 'Deutsch' }).click()
    await expect.poll(quit).toBe('Beside beenden')
    const desktop = page.getByRole('region', { name: 'Desktop' })
    await desktop.getByRole('switch', { name: german.tray }).click()
    const reset = desktop.getByRole('button', { name: german.resetSection.replace('{{section}}', 'Desktop') })
    await reset.click()
    await reset.waitFor({ state: 'detached' })
    expect(quit()).toBe('Beside beenden')
  })

  it('that cannot be saved say so, and why', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Settings')
    const output = page.getByRole('region', { name: 'Output' })
    await output.getByText('Keep the original’s date').waitFor()
    await shell.endServer()
    await page.getByText('Connection to Beside lost. Reconnecting…').waitFor()
    await output.getByRole('switch', { name: 'Keep the original’s date' }).click()
    await output.getByRole('alert').waitFor()
    expect(await output.getByRole('switch', { name: /Keep the original’s date/ }).isChecked()).toBe(true)
  })
})
