import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { still, tone } from './scenes.ts'
import { chooseFormat, drop, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

describe('while files are dragged over the window', () => {
  let shell: Shell
  let folder: string
  let mixed: readonly string[]
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-dropping-'))
    await mkdir(join(folder, 'Trip'))
    for (const name of ['notes.txt', 'backup.zip']) await writeFile(join(folder, name), 'not for here')
    mixed = [
      await still(join(folder, 'lake.png')),
      await still(join(folder, 'hill.jpg')),
      await tone(join(folder, 'birds.wav'), 1),
      ...['notes.txt', 'backup.zip', 'Trip'].map((name) => join(folder, name)),
    ]
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(['light', 'dark'] as const)('it says what will happen to each kind, and no more than is known, %s', async (scheme) => {
    const { page, troubles } = await openWindow(
      shell,
      scheme === 'light' ? { scheme, width: 760, height: 520 } : { scheme, width: 1600, height: 1000 },
    )
    await chooseFormat(page, 'WebP')
    let said: readonly string[] = []
    await drop(page, mixed, async () => {
      await page.getByText('Drop to convert').waitFor()
      said = await page.getByRole('status').getByRole('listitem').allTextContents()
      await screenshot(page, `dropping-mixed-${scheme}`)
      expect(await violations(page)).toEqual([])
    })
    expect(said).toEqual([
      '2 images → WebP',
      '1 audio file: cannot become WebP, you choose after dropping',
      '1 text file: cannot become WebP, you choose after dropping',
      '1 archive: cannot become WebP, you choose after dropping',
      '1 folder or other file: checked after dropping',
    ])
    // It was asked, as it was said.
    const dialog = page.getByRole('dialog', { name: 'What should these be converted to?' })
    await dialog.getByRole('button', { name: /Audio.*: MP3$/ }).click()
    await page.getByRole('option', { name: /^FLAC/ }).click()
    await dialog.getByRole('button', { name: /: FLAC$/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(troubles).toEqual([])
  })

  it('it names the preset where that is followed', async () => {
    const { page } = await openWindow(shell)
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('option', { name: /^Podcast/ }).click()
    await drop(
      page,
      mixed.filter((path) => path.endsWith('.wav')),
      async () => await page.getByText('1 audio file → MP3 · preset “Podcast”').waitFor(),
    )
    await page.getByText('Drop to convert').waitFor({ state: 'detached' })
  })
})
