import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ended } from '../support/beside.ts'
import { hasPostgres, testFleet, writeFilm } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { openDesktop } from './desktop-page.ts'
import { goTo, openWindow, showEveryLook, startShell, type Shell } from './shell.ts'

const patience = 120_000

describe('a computer that is lent, in the window', () => {
  let shell: Shell
  beforeAll(async () => (shell = await startShell()))
  afterAll(async () => await shell.stop())

  const shows = async (within: Locator, text: string | RegExp) =>
    await within
      .getByText(text, typeof text === 'string' ? { exact: true } : {})
      .first()
      .waitFor({ timeout: patience })

  it('is no choice where nobody can tell whether somebody is at it, as in a browser', async () => {
    const { page, troubles } = await openWindow(shell)
    await goTo(page, 'Machines')
    await page.getByRole('button', { name: 'Lend this computer…' }).click()
    const form = page.getByRole('dialog', { name: 'Lend this computer' })
    await form.getByRole('switch', { name: 'Only while it is plugged in' }).waitFor()
    expect(await form.getByRole('switch', { name: 'Only when nobody works at it' }).count()).toBe(0)
    expect(troubles).toEqual([])
  })

  it.skipIf(!hasPostgres)(
    'joins with its line, says what it does, why it rests and what is wrong, and is given back',
    { timeout: 400_000 },
    async () => {
      const fleet = await testFleet()
      const { page, app } = await openDesktop(shell.browser)
      await goTo(page, 'Machines')
      const card = page.getByRole('article', { name: /^(Lend this computer|This computer)$/ })
      await showEveryLook(page, 'lending-off')

      await card.getByRole('button', { name: 'Lend this computer…' }).click()
      const form = page.getByRole('dialog', { name: /^(Lend this computer|Change how this computer is lent)$/ })
      const submit = form.getByRole('button', { name: 'Lend', exact: true })
      expect(await submit.isDisabled()).toBe(true)
      await showEveryLook(page, 'lending-form')
      const unmarked = await temporaryFolder()
      await form.getByRole('textbox', { name: 'Join line' }).fill(fleet.joinLine)
      await form.getByRole('textbox', { name: 'Full path of folder 1' }).fill(unmarked)
      await form.getByRole('textbox', { name: 'Name in the fleet' }).fill('Desk of Ada')
      await form.getByRole('button', { name: 'Add hours' }).click()
      await form.getByRole('textbox', { name: 'From' }).or(form.getByLabel('From')).first().fill('00:00')
      await form.getByLabel('To', { exact: true }).fill('00:00')
      await form.getByRole('switch', { name: 'Only while it is plugged in' }).click({ force: true })
      await form.getByRole('switch', { name: 'Only when nobody works at it' }).click({ force: true })
      await submit.click()
      await shows(form, /does not carry the mark of a fleet’s storage/)
      await shows(form, /^Name the folder that the fleet was set up with/)
      await showEveryLook(page, 'lending-refused')
      await form.getByRole('textbox', { name: 'Full path of folder 1' }).fill(fleet.media)
      await submit.click()

      app.desk.idleSeconds = 10
      await shows(card, 'Resting')
      await shows(card, /^Somebody is at this computer/)
      await showEveryLook(page, 'lending-resting')
      app.desk.idleSeconds = 3_600
      await shows(card, 'Ready')
      await shows(card, /^Lent as Desk of Ada to the fleet at 127\.0\.0\.1/)
      await shows(card, '00:00–24:00')
      await showEveryLook(page, 'lending-ready')
      expect(await page.content()).not.toContain(fleet.joinLine.split('#')[1])

      const film = await writeFilm(join(fleet.media, 'Arrival.mp4'), 20)
      const converting = fleet.beside.convert([film], 'webm', { with: 'fleet' })
      await card.getByRole('progressbar', { name: 'Progress of Arrival.mp4' }).waitFor({ timeout: patience })
      await shows(card, 'Working')
      await showEveryLook(page, 'lending-working')
      expect((await converting).jobs.map(ended)).toEqual(['done'])
      await shows(card, '1 file')

      await fleet.queue.stop()
      await shows(card, 'Unavailable')
      await shows(card, /^The shared queue is unavailable: /)
      await showEveryLook(page, 'lending-away')
      await fleet.queue.start()
      await shows(card, 'Ready')

      // It has the mark, and is another one.
      const copy = join(await temporaryFolder(), 'media')
      await mkdir(copy)
      await cp(fleet.media, copy, { recursive: true })
      for (const name of await readdir(copy)) if (name.startsWith('.beside-canary-')) await rm(join(copy, name))
      await card.getByRole('button', { name: 'Change…' }).click()
      await form.getByRole('textbox', { name: 'Full path of folder 1' }).fill(copy)
      expect(await form.getByRole('textbox', { name: 'Join line' }).count()).toBe(0)
      await showEveryLook(page, 'lending-changing')
      await form.getByRole('button', { name: 'Save' }).click()
      await shows(card, 'Not ready')
      await shows(card, /another folder, or a share that is not mounted/)
      await showEveryLook(page, 'lending-unfit')

      await card.getByRole('button', { name: 'Stop lending' }).click()
      await page
        .getByRole('dialog', { name: 'Stop lending this computer?' })
        .getByRole('button', { name: 'Stop lending' })
        .click()
      await card.getByRole('button', { name: 'Lend this computer…' }).waitFor({ timeout: patience })
      expect(await app.running.session.client.settings.get()).toMatchObject({ lending: null })
    },
  )
})
