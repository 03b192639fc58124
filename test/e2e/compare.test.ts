import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const samples = resolve(import.meta.dirname, '../../samples')
const patience = { timeout: 120_000 }

describe('original and result beside each other, with real conversions', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-compare-'))
    for (const name of ['photo.jpg', 'song.flac', 'video.mkv']) await copyFile(join(samples, name), join(folder, name))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const follow = async (page: Page, preset: string) => {
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('option', { name: preset }).first().click()
  }
  const drawn = async (page: Page) => {
    // Something is painted a quarter and three quarters of the way across.
    await page.waitForFunction(
      () => {
        const canvas = document.querySelector('canvas')
        const context = canvas?.getContext('2d')
        if (canvas === null || context === undefined || context === null) return false
        return [0.3, 0.7].every((share) => (context.getImageData(canvas.width * share, canvas.height / 2, 1, 1).data[3] ?? 0) > 0)
      },
      undefined,
      patience,
    )
  }
  const boundaryOf = (page: Page) => page.getByRole('slider', { name: 'Boundary between original and result' })
  const looks = async (page: Page, name: string) => {
    await screenshot(page, `${name}-1280`)
    expect([name, await violations(page)]).toEqual([name, []])
    await page.setViewportSize({ width: 760, height: 520 })
    await screenshot(page, `${name}-760`)
    await page.setViewportSize({ width: 1280, height: 800 })
  }

  it('a photo for the web is compared by mouse, wheel and keyboard', { timeout: 240_000 }, async () => {
    const { page, troubles } = await openWindow(shell)
    await follow(page, 'Photos for the web')
    await drop(page, [join(folder, 'photo.jpg')])
    await page.getByRole('treegrid').getByText('1 of 1').waitFor(patience)
    await page.getByRole('button', { name: 'Compare: photo.jpg' }).click()
    const dialog = page.getByRole('dialog', { name: 'photo.jpg: original and result' })
    await drawn(page)
    await looks(page, 'compare-photo')

    const boundary = boundaryOf(page)
    const at = async () => Number(await boundary.getAttribute('aria-valuenow'))
    await boundary.press('ArrowLeft')
    expect([await at(), await boundary.getAttribute('aria-valuetext')]).toEqual([48, '48% original, 52% result'])
    await boundary.press('Home')
    expect(await at()).toBe(0)
    await boundary.press('End')
    expect(await at()).toBe(100)

    const picture = dialog.getByRole('img', { name: /^Original \(photo.jpg\)/ })
    const { x, y, width, height } = (await picture.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    await page.mouse.move(x + width - 4, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width / 4, y + height / 2, { steps: 4 })
    await page.mouse.up()
    expect(await at()).toBe(25)

    const zoom = async () => Number.parseInt((await dialog.getByRole('status').first().textContent()) ?? '', 10)
    await page.keyboard.press('1')
    expect(await zoom()).toBe(100)
    await page.keyboard.press('+')
    await page.mouse.wheel(0, -400)
    await expect.poll(zoom).toBeGreaterThan(300)
    const before = await at()
    await page.mouse.move(x + width / 2, y + height / 4)
    await page.mouse.down()
    await page.mouse.move(x + width / 3, y + height / 3, { steps: 4 })
    await page.mouse.up()
    expect(await at()).toBe(before)
    await dialog.getByRole('button', { name: 'Fit' }).click()
    expect(await zoom()).toBeLessThan(100)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    // By keyboard alone, and without the original.
    const inbox = join(shell.home, 'inbox')
    const dropped = (await readdir(inbox, { recursive: true })).filter((name) => name.endsWith('photo.jpg'))
    expect(dropped).toHaveLength(1)
    const original = join(inbox, String(dropped[0]))
    await rm(original)
    await goTo(page, 'History')
    await page.getByRole('button', { name: 'Compare: photo.jpg' }).waitFor()
    await page.getByRole('grid').press('c')
    await dialog.getByRole('note').getByText('The file was not found.').waitFor(patience)
    await dialog.getByRole('note').getByText(original).waitFor()
    await looks(page, 'compare-without-original')
    expect(troubles).toEqual([])
  })

  it('a video is compared frame by frame, and its audio by waveform and loudness', { timeout: 240_000 }, async () => {
    const { page, troubles } = await openWindow(shell)
    await follow(page, 'Plays everywhere')
    await drop(page, [join(folder, 'video.mkv')])
    await page.getByRole('treegrid').getByText('video.mkv', { exact: true }).waitFor()
    await goTo(page, 'History')
    await page.getByRole('button', { name: 'Compare: video.mkv' }).click(patience)
    const dialog = page.getByRole('dialog', { name: 'video.mkv: original and result' })
    await drawn(page)
    const instant = dialog.getByRole('slider', { name: 'Instant' })
    await instant.press('ArrowRight')
    expect(await instant.getAttribute('aria-valuetext')).toMatch(/^0:00\.04 of 0:0/)
    await instant.press('Shift+ArrowRight')
    expect(await instant.getAttribute('aria-valuetext')).toMatch(/^0:01\.04 of/)
    await dialog.getByRole('button', { name: 'Previous frame' }).click()
    expect(await instant.getAttribute('aria-valuetext')).toMatch(/^0:01\.00 of/)
    await dialog
      .getByText('Loading…')
      .first()
      .waitFor({ state: 'detached', ...patience })
    await looks(page, 'compare-video')

    await dialog.getByText('Audio', { exact: true }).click()
    await dialog.getByRole('img', { name: 'Waveform of video.mkv' }).waitFor(patience)
    await dialog.getByText('The result is as loud as the original.').waitFor(patience)
    await looks(page, 'compare-audio')
    expect(troubles).toEqual([])
  })
})
