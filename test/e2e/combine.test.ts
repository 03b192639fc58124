import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { still, tone } from './scenes.ts'
import { chooseFormat, drop, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

describe('several files that become one', () => {
  let shell: Shell
  let folder: string
  let files: readonly string[]
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-combine-'))
    files = [
      await still(join(folder, 'page 10.png')),
      await still(join(folder, 'page 2.png'), '480x640'),
      await still(join(folder, 'page 1.jpg')),
      await tone(join(folder, 'birds.wav'), 1),
    ]
    await writeFile(join(folder, 'late.txt'), 'late')
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it.each([
    ['light', 1600, 1000],
    ['dark', 1600, 1000],
    ['light', 760, 520],
    ['dark', 760, 520],
  ] as const)('are listed with their pictures, in %s at %i × %i', async (scheme, width, height) => {
    const { page, troubles } = await openWindow(shell, { scheme, width, height })
    await chooseFormat(page, 'ZIP')
    await page.getByRole('radiogroup', { name: 'Results' }).getByText('One file').click()
    await screenshot(page, `combine-bar-${scheme}-${width}`)
    await drop(page, files)
    const dialog = page.getByRole('dialog', { name: 'Combine 4 files into one' })
    await dialog.getByRole('listitem').nth(3).waitFor()
    await page.waitForTimeout(300)
    await screenshot(page, `combine-${scheme}-${width}`)
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(troubles).toEqual([])
  })

  it('are put in order, left out and added by keyboard and drop, and become one', async () => {
    const { page, troubles } = await openWindow(shell)
    await chooseFormat(page, 'ZIP')
    await page.getByRole('radiogroup', { name: 'Results' }).getByText('One file').click()
    await drop(page, files)
    const dialog = page.getByRole('dialog', { name: /^Combine \d files into one$/ })
    const items = dialog.getByRole('list', { name: 'Files in the order of the result' }).getByRole('listitem')
    const shown = async () => (await items.allTextContents()).map((text) => text.replace(/^\d+/, ''))
    await items.nth(3).waitFor()
    expect(await shown()).toEqual(['birds.wav', 'page 1.jpg', 'page 2.png', 'page 10.png'])
    await items.nth(3).focus()
    await page.keyboard.press('Alt+ArrowUp')
    await dialog.getByText('page 10.png moved to position 3 of 4').waitFor()
    await page.keyboard.press('Alt+ArrowUp')
    await dialog.getByText('page 10.png moved to position 2 of 4').waitFor()
    await items.first().focus()
    await page.keyboard.press('Delete')
    expect(await shown()).toEqual(['page 10.png', 'page 1.jpg', 'page 2.png'])
    await drop(page, [join(folder, 'late.txt')])
    await items.nth(3).waitFor()
    await items.nth(3).dragTo(items.first(), { targetPosition: { x: 100, y: 2 } })
    const order = ['late.txt', 'page 10.png', 'page 1.jpg', 'page 2.png']
    expect(await shown()).toEqual(order)
    await dialog.getByRole('textbox', { name: 'Name of the result' }).fill('album')
    await dialog.getByRole('button', { name: 'Combine' }).click()
    await page.getByText('late.txt + 3').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download: late.txt + 3' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('album.zip')
    const path = await download.path()
    expect(execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n')).toEqual(order)
    expect(troubles).toEqual([])
  })
})
