import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromBuffer, type Entry } from 'yauzl'
import { clip, damaged, still, tone } from './scenes.ts'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const samples = resolve(import.meta.dirname, '../../samples')

describe('the queue at hand', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-queue-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const add = async (page: Page, paths: readonly string[]) => {
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
    await page.getByRole('textbox', { name: /One per line/ }).fill(paths.join('\n'))
    await page.getByRole('dialog').getByRole('button', { name: 'Convert' }).click()
  }
  const rows = async (page: Page) =>
    await page
      .getByRole('treegrid')
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: /^More actions for/ }) })
      .evaluateAll((all) => all.map((row) => row.querySelector('[title]')?.getAttribute('title') ?? ''))
  const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })

  it('shows previews of photos, videos and covers, and kinds where there is nothing to see', async () => {
    const { page, troubles } = await openWindow(shell)
    const photo = join(folder, 'Lake.jpg')
    await copyFile(join(samples, 'photo.jpg'), photo)
    const film = await clip(join(folder, 'Holiday.mp4'), 3)
    const plain = await tone(join(folder, 'Plain.wav'), 1)
    const broken = await damaged(join(folder, 'Broken.wav'))
    await drop(page, [photo, film, plain, broken])
    await page.getByRole('dialog', { name: 'What should these be converted to?' }).waitFor()
    await page.getByRole('button', { name: 'Convert', exact: true }).click()
    await page.getByRole('treegrid').getByText('4 of 4').waitFor()
    for (const name of ['Lake.jpg', 'Holiday.mp4']) {
      const image = rowOf(page, name).locator('img')
      await image.waitFor()
      await expect.poll(async () => await image.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(96)
      expect(await image.getAttribute('src')).toMatch(/^data:image\/(webp|jpeg);base64,/)
    }
    for (const name of ['Plain.wav', 'Broken.wav']) expect(await rowOf(page, name).locator('img').count()).toBe(0)

    await rowOf(page, 'Holiday.mp4').dblclick()
    const panel = page.getByRole('dialog')
    const length = panel.getByRole('row').filter({ hasText: 'Length' })
    await expect.poll(async () => await length.getByRole('cell').allTextContents()).toEqual(['0:03', '0:03'])
    await panel.getByRole('row').filter({ hasText: 'Audio' }).getByText(/^MP3/).waitFor()
    await panel.locator('img').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await rowOf(page, 'Broken.wav').dblclick()
    await panel.getByText('Attempts').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')

    // The originals are gone: what is left of them is shown.
    await rm(join(shell.home, 'inbox'), { recursive: true })
    await page.reload()
    await rowOf(page, 'Lake.jpg').waitFor()
    await goTo(page, 'History')
    await page.getByRole('grid').getByText('Lake.jpg').waitFor()
    expect(troubles).toEqual([])
  })

  it('takes what waits in another order, by Alt and arrows and by the pointer, and says where it is', async () => {
    const { page, troubles } = await openWindow(shell)
    await page.getByRole('button', { name: 'Clear finished' }).click()
    await page.getByRole('button', { name: 'Pause all' }).click()
    const names = ['a.wav', 'b.wav', 'c.wav', 'd.wav']
    await add(page, await Promise.all(names.map(async (name) => await tone(join(folder, name), 1))))
    await expect.poll(async () => await rows(page)).toEqual(names)

    await rowOf(page, 'c.wav').click()
    await page.keyboard.press('Alt+ArrowUp')
    await page.getByText('c.wav moved to position 2 of 4').waitFor({ state: 'attached' })
    await expect.poll(async () => await rows(page)).toEqual(['a.wav', 'c.wav', 'b.wav', 'd.wav'])
    await page.keyboard.press('Alt+ArrowDown')
    await page.getByText('c.wav moved to position 3 of 4').waitFor({ state: 'attached' })
    await page.keyboard.press('Alt+ArrowDown')
    await page.getByText('c.wav moved to position 4 of 4').waitFor({ state: 'attached' })
    await expect.poll(async () => await rows(page)).toEqual(['a.wav', 'b.wav', 'd.wav', 'c.wav'])
    await page.keyboard.press('Alt+ArrowDown')
    await page.getByText('Only waiting files can be moved, and only within their batch').waitFor({ state: 'attached' })

    await rowOf(page, 'd.wav').getByRole('button', { name: 'More actions for d.wav' }).click()
    await page.getByRole('menuitem', { name: 'Move up' }).click()
    await expect.poll(async () => await rows(page)).toEqual(['a.wav', 'd.wav', 'b.wav', 'c.wav'])

    await rowOf(page, 'c.wav').dragTo(rowOf(page, 'a.wav'), { targetPosition: { x: 200, y: 8 } })
    await expect.poll(async () => await rows(page)).toEqual(['c.wav', 'a.wav', 'd.wav', 'b.wav'])
    await rowOf(page, 'a.wav').click()
    await rowOf(page, 'd.wav').click({ modifiers: ['Shift'] })
    await rowOf(page, 'd.wav').dragTo(rowOf(page, 'b.wav'), { targetPosition: { x: 200, y: 44 } })
    await expect.poll(async () => await rows(page)).toEqual(['c.wav', 'b.wav', 'a.wav', 'd.wav'])

    // Another window shows it, too.
    const other = await openWindow(shell)
    await expect.poll(async () => (await rows(other.page)).slice(0, 4)).toEqual(['c.wav', 'b.wav', 'a.wav', 'd.wav'])
    await page.keyboard.press('Escape')
    await rowOf(page, 'b.wav').click()
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(async () => (await rows(other.page)).slice(0, 4)).toEqual(['b.wav', 'c.wav', 'a.wav', 'd.wav'])
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Resume all' }).click()
    await page.getByRole('treegrid').getByText('4 of 4').waitFor()
    expect(troubles).toEqual([])
  })

  it('asks once what to do with all names that are taken', async () => {
    const { page } = await openWindow(shell)
    const place = join(folder, 'taken')
    await mkdir(place)
    const sources = await Promise.all(['one', 'two', 'three'].map(async (name) => await tone(join(place, `${name}.wav`), 1)))
    for (const name of ['one', 'two', 'three']) await writeFile(join(place, `${name}.mp3`), 'somebody wrote this')
    await goTo(page, 'Settings')
    await page
      .getByRole('textbox', { name: /name is taken/i })
      .or(page.getByLabel(/name is taken/i))
      .first()
      .click()
    await page.getByRole('option', { name: /ask/i }).click()
    await goTo(page, 'Queue')
    await add(page, sources)
    await page.getByRole('treegrid').getByText('3 need attention').waitFor()
    await page.getByRole('button', { name: /^Some names are already taken/ }).click()
    await screenshot(page, 'clash-menu')
    // What pops up over a page is in none of its regions.
    expect((await violations(page)).filter((found) => !found.startsWith('region:'))).toEqual([])
    await page.getByRole('menuitem', { name: 'Replace all…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: /^Some names are already taken/ }).click()
    await page.getByRole('menuitem', { name: 'Keep both for all' }).click()
    await page.getByRole('treegrid').getByText('3 of 3').waitFor()
    expect((await readdir(place)).filter((name) => name.endsWith('.mp3')).toSorted()).toEqual([
      'one (2).mp3',
      'one.mp3',
      'three (2).mp3',
      'three.mp3',
      'two (2).mp3',
      'two.mp3',
    ])
    expect(await readFile(join(place, 'one.mp3'), 'utf8')).toBe('somebody wrote this')
  })

  it('gives the results of a batch as one archive, and each by dragging it out of the window', async () => {
    const { page } = await openWindow(shell)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: /^Download results/ })
        .first()
        .click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^3 files → MP3\.zip$/)
    expect(await namesIn(await readFile(await download.path()))).toEqual(['one (2).mp3', 'three (2).mp3', 'two (2).mp3'])

    const dragged = await page.evaluate(() => {
      const row = [...document.querySelectorAll('[role=row]')].find((each) => each.textContent.includes('one.wav'))
      const data = new DataTransfer()
      row?.dispatchEvent(new DragEvent('dragstart', { bubbles: true, cancelable: true, dataTransfer: data }))
      return data.getData('DownloadURL')
    })
    const [, type, name, address = ''] = /^([^:]*):([^:]*):(.*)$/.exec(dragged) ?? []
    expect([type, name]).toEqual(['audio/mpeg', 'one (2).mp3'])
    const bytes = await page.evaluate(async (url) => (await (await fetch(url)).arrayBuffer()).byteLength, address)
    expect(bytes).toBe((await readFile(join(folder, 'taken', 'one (2).mp3'))).length)
  })

  it('retries what failed of a batch, and leaves out what was cancelled', async () => {
    const { page, troubles } = await openWindow(shell)
    const place = join(folder, 'again')
    await mkdir(place)
    const broken = await damaged(join(place, 'Repaired.wav'))
    const cancelled = await tone(join(place, 'Unwanted.wav'), 1)
    await page.getByRole('button', { name: 'Pause all' }).click()
    await add(page, [broken, cancelled])
    await rowOf(page, 'Unwanted.wav').getByRole('button', { name: 'More actions for Unwanted.wav' }).click()
    await page.getByRole('menuitem', { name: 'Cancel' }).click()
    await rowOf(page, 'Unwanted.wav').getByText('Cancelled').waitFor()
    await page.getByRole('button', { name: 'Resume all' }).click()
    await rowOf(page, '2 files → MP3').getByText('1 failed').waitFor()
    await tone(broken, 1)
    await page.getByRole('button', { name: /^Retry failed: 2 files/ }).click()
    await expect.poll(async () => (await readdir(place)).filter((name) => name.endsWith('.mp3'))).toEqual(['Repaired.mp3'])
    await rowOf(page, 'Unwanted.wav').getByText('Cancelled').waitFor()
    expect(troubles).toEqual([])
  })

  it('takes folders with all that is in them, names those that hold nothing, and keeps their tree in another folder', async () => {
    const { page, troubles } = await openWindow(shell)
    const trip = join(folder, 'Trip')
    const empty = join(folder, 'Nothing here')
    const results = join(folder, 'results')
    await mkdir(join(trip, 'day 1', 'late'), { recursive: true })
    await mkdir(join(empty, 'deeper'), { recursive: true })
    await tone(join(trip, 'start.wav'), 1)
    await tone(join(trip, 'day 1', 'late', 'song.wav'), 1)
    await page.getByRole('button', { name: 'Beside the originals' }).click()
    await page.getByRole('menuitem', { name: 'Another folder…' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill(results)
    await page.getByRole('dialog').getByRole('textbox').press('Enter')
    await page.getByRole('button', { name: 'results', exact: true }).waitFor()

    await drop(page, [trip, empty])
    const dialog = page.getByRole('dialog', { name: '1 item was not added' })
    await dialog.getByText('Nothing to convert was found in Nothing here.').waitFor()
    await page.getByRole('button', { name: 'OK' }).click()
    await rowOf(page, 'Trip → MP3').getByText('2 of 2').waitFor()
    expect((await readdir(results, { recursive: true })).filter((name) => name.endsWith('.mp3')).toSorted()).toEqual([
      join('day 1', 'late', 'song.mp3'),
      'start.mp3',
    ])

    await add(page, [empty])
    await dialog.getByText('Nothing to convert was found in Nothing here.').waitFor()
    await page.getByRole('button', { name: 'OK' }).click()
    expect(troubles).toEqual([])
  })

  it('sends the other files of a drop when one can no longer be read, and names that one', async () => {
    const { page } = await openWindow(shell)
    const stays = await still(join(folder, 'Stays.png'))
    const goes = await still(join(folder, 'Goes.png'))
    await drop(page, [goes, stays])
    await page.getByRole('dialog', { name: 'What should these be converted to?' }).waitFor()
    await rm(goes)
    await page.getByRole('button', { name: 'Convert', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: '1 item was not added' })
    await dialog.getByText('The file cannot be read: Goes.png').waitFor()
    await page.getByRole('button', { name: 'OK' }).click()
    await rowOf(page, 'Stays.png → JPEG').getByText('1 of 1').waitFor()
  })
})

async function namesIn(archive: Buffer): Promise<readonly string[]> {
  const names: string[] = []
  await new Promise<void>((done, fail) =>
    fromBuffer(archive, (error, zip) => {
      if (error !== null) return fail(error)
      zip.on('entry', ({ fileName }: Entry) => names.push(fileName))
      zip.once('end', done)
      zip.once('error', fail)
    }),
  )
  return names.toSorted()
}
