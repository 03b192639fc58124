import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tone } from './scenes.ts'
import { goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

describe('the bar over the queue', () => {
  let shell: Shell
  let folder: string
  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-bar-'))
  })
  afterAll(async () => {
    await shell.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('saves its choice as a preset, which is there to be taken and can be removed in the settings', async () => {
    const { page } = await openWindow(shell)
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('option', { name: 'Save as preset…' }).click()
    const save = page.getByRole('dialog').getByRole('button', { name: 'Save' })
    expect(await save.isDisabled()).toBe(true)
    await page.getByRole('dialog').getByRole('textbox').fill('  Evening  ')
    await save.click()
    await page.getByRole('button', { name: 'Evening' }).click()
    await page.getByRole('option', { name: 'No preset' }).click()
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('option', { name: 'Evening' }).click()
    await page.getByRole('button', { name: 'Evening' }).waitFor()
    await goTo(page, 'Settings')
    const presets = page.getByRole('region', { name: 'Presets' })
    await presets.getByRole('button', { name: 'Remove Evening' }).click()
    await presets.getByText('No presets yet.').waitFor()
    await presets.getByText('Saved').waitFor()
  })

  it('takes further formats, which a preset keeps', async () => {
    const { page } = await openWindow(shell)
    const bar = page.getByRole('region', { name: 'How dropped files are converted' })
    await bar.getByRole('button', { name: 'Add another result' }).click()
    await bar.getByRole('group', { name: 'Result 2' }).waitFor()
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('option', { name: 'Save as preset…' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('Both')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await bar.getByRole('button', { name: 'Remove result 2' }).click()
    expect(await bar.getByRole('group', { name: /^Result/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('option', { name: 'Both' }).click()
    await bar.getByRole('group', { name: 'Result 2' }).waitFor()
    await page.getByRole('button', { name: 'Both' }).click()
    await page.getByRole('option', { name: 'No preset' }).click()
    expect(await bar.getByRole('group', { name: /^Result/ }).count()).toBe(0)
    await goTo(page, 'Settings')
    const presets = page.getByRole('region', { name: 'Presets' })
    await presets.getByRole('button', { name: 'Remove Both' }).click()
    await presets.getByText('No presets yet.').waitFor()
  })

  it.each([
    ['light', 1600, 1000],
    ['dark', 1600, 1000],
    ['light', 760, 520],
    ['dark', 760, 520],
  ] as const)('has room for further formats, in %s at %i × %i', async (scheme, width, height) => {
    const { page, troubles } = await openWindow(shell, { scheme, width, height })
    const bar = page.getByRole('region', { name: 'How dropped files are converted' })
    for (const number of [2, 3]) {
      await bar.getByRole('button', { name: 'Add another result' }).click()
      await bar.getByRole('group', { name: `Result ${number}` }).waitFor()
    }
    await page.mouse.move(width / 2, height - 40)
    await screenshot(page, `several-bar-${scheme}-${width}`)
    expect([await violations(page), troubles]).toEqual([[], []])
    for (const number of [3, 2]) await bar.getByRole('button', { name: `Remove result ${number}` }).click()
  })

  it('finds presets that come with Beside by what they are for, which are copied to be changed', async () => {
    const { page } = await openWindow(shell)
    await page.getByRole('button', { name: 'No preset' }).click()
    await page.getByRole('textbox', { name: 'Search presets' }).fill('website')
    await page.getByRole('option', { name: 'Web' }).click()
    await page.getByRole('button', { name: 'Web', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Convert to: WebM' }).waitFor()
    await goTo(page, 'Settings')
    const presets = page.getByRole('region', { name: 'Presets' })
    expect(await presets.getByRole('button', { name: /^Remove/ }).count()).toBe(0)
    await presets.getByRole('button', { name: 'Copy Podcast' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('podcast')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await presets
      .getByRole('alert')
      .getByText(/comes with Beside/)
      .waitFor()
    await presets.getByRole('button', { name: 'Copy Podcast' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('Interviews')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await presets.getByRole('button', { name: 'Remove Interviews' }).click()
    await presets.getByText('No presets yet.').waitFor()
  })

  it('takes an absolute folder for the results and no other text, and remembers it', async () => {
    const { page } = await openWindow(shell)
    await page.getByRole('button', { name: 'Beside the originals' }).click()
    await page.getByRole('menuitem', { name: 'Another folder…' }).click()
    const field = page.getByRole('dialog').getByRole('textbox')
    await field.fill('somewhere')
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    const results = join(folder, 'results')
    await field.fill(results)
    await field.press('Enter')
    await page.getByRole('button', { name: 'results', exact: true }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'results', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
    await page.getByRole('textbox', { name: /One per line/ }).fill(await tone(join(folder, 'song.wav'), 1))
    await page.getByRole('dialog').getByRole('button', { name: 'Convert' }).click()
    await page.getByRole('treegrid').getByText('1 of 1').waitFor()
    expect((await stat(join(results, 'song.mp3'))).size).toBeGreaterThan(1000)
  })
})
