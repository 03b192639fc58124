import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tone } from './scenes.ts'
import { goTo, openWindow, picture, startShell, violations, type Shell } from './shell.ts'

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
    await dialog.getByText('The folder is not there').waitFor()
    await dialog.getByRole('textbox', { name: 'Full path' }).fill(watched)
    const rehearsal = dialog.getByRole('region', { name: 'What the rule would do now' })
    await rehearsal.getByText('1 to convert').waitFor()
    await rehearsal.getByText('→ old episode.mp3').waitFor()
    await picture(page, 'folders-rehearsal-light')
    expect(await violations(page)).toEqual([])
    expect(await readdir(watched)).toEqual(['notes.txt', 'old episode.wav'])
    await dialog.getByRole('button', { name: 'Watch', exact: true }).click()

    const card = page.getByRole('article', { name: watched })
    await card.getByText('Watching', { exact: true }).waitFor()
    await card.getByText('What arrives becomes MP3, beside the originals').waitFor()
    await card.getByRole('button', { name: 'What it saw' }).click()
    const ledger = card.getByRole('list', { name: 'What it saw' })
    const line = (name: string) => ledger.getByRole('listitem').filter({ hasText: name })
    await line('old episode.wav').getByText('It was there when the folder began to be watched.').waitFor()

    // As a recorder does: written elsewhere, then put there at once.
    await tone(join(folder, 'new episode.wav'), 2, 550)
    await rename(join(folder, 'new episode.wav'), join(watched, 'new episode.wav'))
    await line('new episode.wav').getByText('It was converted.').waitFor({ timeout: 60_000 })
    expect((await stat(join(watched, 'new episode.mp3'))).size).toBeGreaterThan(10_000)
    await expect.poll(async () => await readdir(watched)).not.toContain('old episode.mp3')

    await line('old episode.wav').getByRole('button', { name: 'Convert again' }).click()
    await line('old episode.wav').getByText('It was converted.').waitFor({ timeout: 60_000 })
    expect((await stat(join(watched, 'old episode.mp3'))).size).toBeGreaterThan(10_000)
    await picture(page, 'folders-ledger-light')
    expect(troubles).toEqual([])
  })

  it('a rule is changed, a folder that is gone says so, and it is switched off', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Folders')
    const card = page.getByRole('article', { name: watched })
    await card.getByRole('button', { name: 'Change the rule' }).click()
    await page.getByRole('dialog').getByRole('switch', { name: 'The folders below, too' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await card.getByText('the folders below, too').waitFor()

    await rename(watched, join(folder, 'Away'))
    await card.getByRole('button', { name: 'Look now' }).click()
    await card.getByText('Offline', { exact: true }).waitFor()
    await card.getByText('The folder is not there.').waitFor()
    await picture(page, 'folders-offline-light')
    await rename(join(folder, 'Away'), watched)
    await card.getByRole('button', { name: 'Look now' }).click()
    await card.getByText('Watching', { exact: true }).waitFor()

    await card.getByRole('switch', { name: `Watch ${watched}` }).click(itsFace)
    await card.getByText('Off', { exact: true }).waitFor()
    await card.getByRole('switch', { name: `Watch ${watched}` }).click(itsFace)
    await card.getByText('Watching', { exact: true }).waitFor()
  })

  it.each(['light', 'dark'] as const)('axe finds nothing, %s', async (scheme) => {
    const { page, troubles } = await openWindow(shell, { scheme })
    await goTo(page, 'Folders')
    const card = page.getByRole('article', { name: watched })
    await card.getByRole('button', { name: 'What it saw' }).click()
    await card.getByText('It was converted.').first().waitFor()
    for (const width of [760, 1600]) {
      await page.setViewportSize({ width, height: 800 })
      await picture(page, `folders-${scheme}-${width}`)
    }
    expect(await violations(page)).toEqual([])
    expect(troubles).toEqual([])
  })

  it('a folder is forgotten after a question, and its files stay', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Folders')
    await page.getByRole('button', { name: 'Forget folder' }).click()
    await page.getByRole('dialog', { name: 'Forget this folder?' }).getByRole('button', { name: 'Forget folder' }).click()
    await page.getByText('Every file that arrives in it is converted once').waitFor()
    expect(await readdir(watched)).toEqual(expect.arrayContaining(['new episode.mp3', 'old episode.mp3', 'old episode.wav']))
  })
})
