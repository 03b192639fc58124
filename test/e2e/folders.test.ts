import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tone } from './scenes.ts'
import { goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

/** What is seen of a switch lies over what it is. */
const itsFace = { force: true }

describe('watched folders in the window, with a real engine and real files', () => {
  let shell: Shell
  let folder: string
  let watched: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await realpath(await mkdtemp(join(tmpdir(), 'beside-watched-')))
    watched = join(folder, 'Podcasts')
    await mkdir(watched)
    await tone(join(watched, 'old episode.wav'), 2)
    await writeFile(join(watched, 'notes.txt'), 'not a song')
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('a folder is rehearsed, watched, what arrives is converted, and each file says why', { timeout: 120_000 }, async () => {
    const { page, troubles } = await openWindow(shell)
    await goTo(page, 'Folders')
    await page.getByRole('button', { name: 'Watch a folder' }).click()
    const dialog = page.getByRole('dialog', { name: 'Watch a folder' })
    await dialog.getByRole('textbox', { name: 'Full path' }).fill(join(folder, 'nowhere'))
    await dialog.getByText('The folder was not found').waitFor()
    await dialog.getByRole('textbox', { name: 'Full path' }).fill(watched)
    const rehearsal = dialog.getByRole('region', { name: 'What this rule would do now' })
    await rehearsal.getByText('old episode.mp3').waitFor()
    expect(await rehearsal.locator('dl > div').allInnerTexts()).toEqual(['1\nto convert', '0\nlater', '1\nskipped'])
    await dialog.getByText('1 file is already there:').waitFor()
    await screenshot(page, 'folders-rehearsal-light')
    expect(await violations(page)).toEqual([])
    expect(await readdir(watched)).toEqual(['notes.txt', 'old episode.wav'])
    await dialog.getByRole('button', { name: 'Start watching', exact: true }).click()

    const card = page.getByRole('article', { name: watched })
    await card.getByText('Watching', { exact: true }).waitFor()
    await card.getByText('New files become MP3, beside the originals').waitFor()
    await card.getByRole('button', { name: 'Activity' }).click()
    const ledger = card.getByRole('list', { name: 'Activity' })
    const line = (name: string) => ledger.getByRole('listitem').filter({ hasText: name })
    await line('old episode.wav').getByText('It was already there when watching began.').waitFor()

    // As a recorder does: written elsewhere, then put there at once.
    await tone(join(folder, 'new episode.wav'), 2, 550)
    await rename(join(folder, 'new episode.wav'), join(watched, 'new episode.wav'))
    await line('new episode.wav').getByText('It was converted.').waitFor({ timeout: 60_000 })
    expect((await stat(join(watched, 'new episode.mp3'))).size).toBeGreaterThan(10_000)
    await expect.poll(async () => await readdir(watched)).not.toContain('old episode.mp3')

    await line('old episode.wav').getByRole('button', { name: 'Convert again' }).click()
    await line('old episode.wav').getByText('It was converted.').waitFor({ timeout: 60_000 })
    expect((await stat(join(watched, 'old episode.mp3'))).size).toBeGreaterThan(10_000)
    await screenshot(page, 'folders-ledger-light')
    expect(troubles).toEqual([])
  })

  it('a rule is changed, a folder that is gone says so, and it is switched off', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Folders')
    const card = page.getByRole('article', { name: watched })
    await card.getByRole('button', { name: 'Edit rule' }).click()
    await page.getByRole('dialog').getByRole('switch', { name: 'Include subfolders' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page
      .getByRole('dialog', { name: 'Check earlier files again?' })
      .getByRole('button', { name: 'Keep as they are' })
      .click()
    await card.getByText('including subfolders').waitFor()

    await rename(watched, join(folder, 'Away'))
    await card.getByRole('button', { name: 'Scan now' }).click()
    await card.getByText('Offline', { exact: true }).waitFor()
    await card.getByText('The folder was not found.').waitFor()
    await card.getByRole('button', { name: 'Scan again' }).waitFor()
    await screenshot(page, 'folders-offline-light')
    await rename(join(folder, 'Away'), watched)
    await card.getByRole('button', { name: 'Scan now' }).click()
    await card.getByText('Watching', { exact: true }).waitFor()

    await card.getByRole('switch', { name: `Watch ${watched}` }).click(itsFace)
    await card.getByText('Off', { exact: true }).waitFor()
    await card.getByRole('switch', { name: `Watch ${watched}` }).click(itsFace)
    await card.getByText('Watching', { exact: true }).waitFor()
  })

  it('the whole rule is written by keyboard, rehearsed while it is, and kept', { timeout: 120_000 }, async () => {
    const { page, troubles } = await openWindow(shell)
    await goTo(page, 'Folders')
    const card = page.getByRole('article', { name: watched })
    await card.getByRole('button', { name: 'Edit rule' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit rule' })
    const rehearsal = dialog.getByRole('region', { name: 'What this rule would do now' })
    const open = async (section: RegExp) => {
      await dialog.getByRole('button', { name: section }).focus()
      await page.keyboard.press('Enter')
    }
    await dialog.getByRole('button', { name: 'Add another result' }).press('Enter')
    await open(/^Which files/)
    await dialog.getByRole('combobox', { name: 'Only names that match' }).fill('take*')
    await page.keyboard.press('Enter')
    await dialog.getByRole('textbox', { name: 'Minimum size', exact: true }).fill('1')
    await dialog.getByRole('textbox', { name: 'Skip files older than', exact: true }).fill('90')
    await open(/^Results and originals/)
    await dialog.getByRole('textbox', { name: 'Output folder' }).fill(join(folder, 'Out'))
    await dialog.getByRole('switch', { name: 'Result name for this folder' }).press('Space')
    await dialog.getByRole('textbox', { name: 'Name of the result' }).fill('{name} ({parent})')
    await page.keyboard.press('Tab')
    await open(/^Provider and cost/)
    await dialog.getByRole('radio', { name: 'Online providers too' }).focus()
    await page.keyboard.press('Space')
    await dialog.getByRole('textbox', { name: 'Spending limit' }).fill('7')
    await open(/^Schedule/)
    await dialog.getByRole('textbox', { name: 'Wait before converting', exact: true }).fill('2')
    await dialog.getByRole('switch', { name: 'Scan periodically' }).press('Space')
    // What was dealt with stays so, unless it counts as new.
    await rehearsal.getByText('It was converted.').first().waitFor()
    await rehearsal.getByRole('switch', { name: 'Treat all files as new' }).press('Space')
    await rehearsal.getByText('It matches none of the patterns to include.').first().waitFor()
    for (const [width, height] of [
      [760, 520],
      [1600, 1000],
    ] as const) {
      await page.setViewportSize({ width, height })
      await screenshot(page, `folders-rule-light-${width}`)
    }
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Keep as they are' }).click()
    await dialog.waitFor({ state: 'hidden' })
    for (const text of [
      /MP3, FLAC, into .*Out/,
      /only take\*/,
      /from 1 MB/,
      /not older than/,
      /2 min after the file is complete/,
      /may spend 7 per month/,
    ])
      await card.getByText(text).waitFor()

    await card.getByRole('button', { name: 'Edit rule' }).click()
    await dialog.getByRole('button', { name: /^Provider and cost/ }).click()
    await dialog.getByRole('radio', { name: 'This machine only' }).click()
    await dialog.getByRole('button', { name: /^Which files/ }).click()
    await dialog.getByRole('button', { name: 'Remove result 2' }).click()
    await dialog.getByRole('combobox', { name: 'Only names that match' }).focus()
    await page.keyboard.press('Backspace')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Keep as they are' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await card.getByText(/nothing leaves this machine/).waitFor()
    expect(troubles).toEqual([])
  })

  it('the ledger is searched, filtered by state, and goes on as far as there are files', { timeout: 120_000 }, async () => {
    const { page } = await openWindow(shell)
    const many = join(folder, 'Many')
    await mkdir(many)
    for (let n = 0; n < 320; n += 1) await writeFile(join(many, `note ${n}.txt`), 'no song')
    await tone(join(many, 'only song.wav'), 1)
    await goTo(page, 'Folders')
    await page.getByRole('button', { name: 'Watch a folder' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Full path' }).fill(many)
    await page.getByRole('dialog').getByRole('radio', { name: 'Convert them too' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Start watching', exact: true }).click()
    const card = page.getByRole('article', { name: many })
    await card.getByRole('button', { name: 'Activity' }).click()
    const ledger = card.getByRole('list', { name: 'Activity' })
    const names = async () => await ledger.getByRole('listitem').locator('strong').allInnerTexts()
    await card.getByRole('textbox', { name: 'Search by name or folder' }).fill('only')
    await expect.poll(names, { timeout: 60_000 }).toEqual(['only song.wav'])
    await ledger.getByText('It was converted.').waitFor({ timeout: 60_000 })
    await card.getByRole('textbox', { name: 'Search by name or folder' }).fill('')
    await card.getByRole('combobox', { name: 'State' }).click()
    await page.getByRole('option', { name: 'Skipped' }).click()
    // Its own result is left alone, too, and was seen last.
    await expect.poll(async () => (await names())[0], { timeout: 60_000 }).toBe('only song.mp3')
    const seen = new Set<string>()
    const lines = card.getByRole('region', { name: 'Files, most recently changed first' })
    await expect
      .poll(
        async () => {
          for (const name of await names()) seen.add(name)
          await lines.evaluate((element) => element.scrollBy(0, 300))
          return seen.size
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBe(321)
    await card.getByRole('button', { name: 'Remove folder' }).click()
    await page
      .getByRole('dialog', { name: 'Remove this folder from Beside?' })
      .getByRole('button', { name: 'Remove folder' })
      .click()
    await card.waitFor({ state: 'detached' })
  })

  it.each(['light', 'dark'] as const)('axe finds nothing, %s', async (scheme) => {
    const { page, troubles } = await openWindow(shell, { scheme })
    await goTo(page, 'Folders')
    const card = page.getByRole('article', { name: watched })
    await card.getByRole('button', { name: 'Activity' }).click()
    await card.getByText('It was converted.').first().waitFor()
    for (const width of [760, 1600]) {
      await page.setViewportSize({ width, height: 800 })
      await screenshot(page, `folders-${scheme}-${width}`)
    }
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
  })

  it('a folder is forgotten after a question, and its files stay', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Folders')
    await page.getByRole('button', { name: 'Remove folder' }).click()
    await page
      .getByRole('dialog', { name: 'Remove this folder from Beside?' })
      .getByRole('button', { name: 'Remove folder' })
      .click()
    await page.getByText('Every file that arrives in it is converted once').waitFor()
    expect(await readdir(watched)).toEqual(expect.arrayContaining(['new episode.mp3', 'old episode.mp3', 'old episode.wav']))
  })
})
