import { readdir, stat } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { still, tone } from './scenes.ts'
import { drop, goTo, openWindow, startShell, type Shell } from './shell.ts'

describe('the window in a browser, with the real engine', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-e2e-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const inbox = async () =>
    (await readdir(join(shell.home, 'inbox'), { recursive: true }))
      .filter((name) => /\.\w+$/.test(name))
      .map((name) => name.replace(/^[^/]+\//, ''))
      .toSorted()

  it('three dropped files are converted beside their originals, found in the history, downloaded, and taken back', async () => {
    const { page, troubles } = await openWindow(shell)
    const files = await Promise.all([
      tone(join(folder, 'one.wav'), 20),
      tone(join(folder, 'two.flac'), 20),
      tone(join(folder, 'drei ü.wav'), 20),
    ])

    await drop(page, files, async () => {
      await page.getByText('3 audio files → MP3').waitFor()
      await page.getByText('ready to download here', { exact: true }).waitFor()
    })
    await page.getByText('3 files → MP3').waitFor()
    await page.getByRole('treegrid').getByText('3 of 3').waitFor()
    expect(await inbox()).toEqual(['drei ü.mp3', 'drei ü.wav', 'one.mp3', 'one.wav', 'two.flac', 'two.mp3'])

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download: drei ü.wav' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('drei ü.mp3')
    expect((await stat(await download.path())).size).toBeGreaterThan(10_000)

    await goTo(page, 'History')
    await page.getByRole('textbox', { name: /Search/ }).fill('drei')
    await expect.poll(async () => await page.getByRole('grid').getByRole('row').count()).toBe(1)

    await goTo(page, 'Queue')
    await page.getByRole('button', { name: /^Undo batch/ }).click()
    await page.getByRole('button', { name: 'Remove results' }).click()
    await page.getByText('3 results removed').waitFor()
    await page.getByText('Undone', { exact: true }).waitFor()
    expect(await inbox()).toEqual(['drei ü.wav', 'one.wav', 'two.flac'])
    expect(troubles).toEqual([])
  })

  it('a path typed in is converted where it is, and its date is kept', async () => {
    const { page } = await openWindow(shell)
    const source = await tone(join(folder, 'typed.wav'), 5)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
    await page.getByRole('textbox', { name: /One per line/ }).fill(source)
    await page.getByRole('dialog').getByRole('button', { name: 'Convert' }).click()
    await page.getByText('typed.wav → MP3').waitFor()
    await expect
      .poll(async () => (await stat(join(folder, 'typed.mp3')).catch(() => null))?.mtimeMs ?? null)
      .toBeCloseTo((await stat(source)).mtimeMs, -1)
  })

  it('asks once what images become when the bar says MP3, and remembers it', async () => {
    const { page } = await openWindow(shell)
    const song = await tone(join(folder, 'mixed.wav'), 3)
    const photo = await still(join(folder, 'photo.png'))
    await drop(page, [song, photo])
    await page.getByRole('dialog', { name: 'What should these be converted to?' }).waitFor()
    await page.getByRole('button', { name: 'Convert', exact: true }).click()
    await page.getByText('2 files → MP3, JPEG').waitFor()
    await expect.poll(inbox).toEqual(expect.arrayContaining(['mixed.mp3', 'photo.jpg']))

    await drop(page, [await still(join(folder, 'second.png'))])
    await page.getByText('second.png → JPEG').waitFor()
  })

  it('says what was not added, and why', async () => {
    const { page } = await openWindow(shell)
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.setData('text/plain', '/nowhere/at-all.wav')
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    })
    const dialog = page.getByRole('dialog', { name: '1 item was not added' })
    await dialog.getByText('The file was not found: at-all.wav.').waitFor()
    await dialog.getByText('Check that the file is there, readable and complete, then retry.').waitFor()
    await page.getByRole('button', { name: 'OK' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  it('the printed address lets a page in once and for all its reloads; without it there is no way in', async () => {
    const { page } = await openWindow(shell)
    expect(page.url()).not.toContain(shell.address.split('#')[1])
    await page.reload()
    await page.getByRole('navigation').waitFor()

    const stranger = await shell.browser.newContext()
    const other = await stranger.newPage()
    await other.goto(shell.address.split('#')[0] ?? '')
    await other.getByText('This page needs the address that Beside printed').waitFor()
    await other.getByRole('textbox').fill(shell.address)
    await other.getByRole('button', { name: 'Open' }).click()
    await other.getByRole('navigation').waitFor()
    await stranger.close()
  })
})
