import { spawn, type ChildProcess } from 'node:child_process'
import { globSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTrialPostgres, freePort, trialAddress, trialFolder } from '../../src/main/fleet/trial-postgres.ts'
import { systemClock } from '../../src/main/system.ts'
import { testLog } from '../support/log.ts'
import { processes } from '../support/processes.ts'
import { clip } from './scenes.ts'
import { chooseFormat, goTo, openWindow, showEveryLook, startShell, type Shell } from './shell.ts'

const hasPostgres = globSync('/usr/lib/postgresql/*/bin/postgres').length > 0
const patience = 120_000
const canary = /^\.beside-canary-(.+)$/

describe('the machines of a fleet in the window', () => {
  let shell: Shell
  let folder: string
  let media: string
  const workers: ChildProcess[] = []
  beforeAll(async () => {
    shell = await startShell()
    folder = await realpath(await mkdtemp(join(tmpdir(), 'beside-machines-')))
    media = join(folder, 'media')
    await mkdir(media)
  })
  afterAll(async () => {
    for (const worker of workers) await ended(worker, 'SIGKILL')
    const tags = (await readdir(media)).flatMap((name) => canary.exec(name)?.[1] ?? [])
    await shell.stop()
    // What the trial of root has outside of its data folder.
    for (const tag of tags) await rm(trialFolder(shell.home, tag), { recursive: true, force: true })
    expect(processes().filter(({ line }) => tags.some((tag) => line.includes(trialFolder(shell.home, tag))))).toEqual([])
    await rm(folder, { recursive: true, force: true })
  })

  /** As a user starts it there. */
  const startWorker = (name: string, line: string, storage: string): ChildProcess => {
    const beside = resolve(import.meta.dirname, '../../bin/beside.mjs')
    const env = { ...process.env, BESIDE_HOME: join(folder, `home of ${name}`), BESIDE_JOIN: line }
    const worker = spawn(process.execPath, [beside, 'worker', '--storage', storage, '--name', name], { env, stdio: 'ignore' })
    workers.push(worker)
    return worker
  }
  const row = (page: Page, name: string) =>
    page.getByRole('article', { name: 'Machines' }).locator('tbody').filter({ hasText: name })
  const shows = async (within: Locator, text: string) =>
    await within.getByText(text, { exact: true }).waitFor({ timeout: patience })
  const setUpForm = (page: Page) => page.getByRole('dialog', { name: /^(Set up a fleet|Change the fleet)$/ })
  const joinLine = async (page: Page): Promise<string> => {
    const dialog = page.getByRole('dialog', { name: 'Add a machine' })
    await dialog.getByRole('button', { name: 'Copy join line' }).waitFor({ timeout: patience })
    return await dialog.getByText(/^beside:\/\//).innerText()
  }
  const convert = async (page: Page, paths: readonly string[]) => {
    await goTo(page, 'Queue')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
    await page.getByRole('textbox', { name: /One per line/ }).fill(paths.join('\n'))
    await page.getByRole('dialog').getByRole('button', { name: 'Convert' }).click()
  }
  const everyLook = async (page: Page, name: string) => await showEveryLook(page, `machines-${name}`)

  it('without a fleet the page says what one is and what to do, and no list names it as a provider', async () => {
    const { page, troubles } = await openWindow(shell)
    await page.keyboard.press('Alt+5')
    await page.getByRole('main', { name: 'Machines' }).waitFor()
    await page.getByText(/^A fleet is several machines that share the work of this queue/).waitFor()
    await everyLook(page, 'empty')
    await goTo(page, 'Queue')
    await page.getByRole('combobox', { name: 'with' }).click()
    await page.getByRole('option', { name: 'This machine', exact: true }).waitFor()
    expect(await page.getByRole('option', { name: 'Fleet' }).count()).toBe(0)
    expect(troubles).toEqual([])
  })

  it('what cannot be set up is refused in the form with its reason, the password is seen nowhere, and nothing has changed', async () => {
    const { page } = await openWindow(shell)
    await goTo(page, 'Machines')
    await page.getByRole('button', { name: 'Set up a fleet' }).click()
    const form = setUpForm(page)
    const submit = form.getByRole('button', { name: 'Set up a fleet' })
    expect(await submit.isDisabled()).toBe(true)
    await form.getByRole('textbox', { name: 'Full path of folder 1' }).fill(join(folder, 'nowhere'))
    await form
      .getByRole('textbox', { name: 'Address' })
      .fill(`postgres://beside:pass-77-word@127.0.0.1:${await freePort()}/beside`)
    expect(await form.getByRole('textbox', { name: 'Address' }).inputValue()).not.toContain('pass-77-word')
    expect(await form.getByLabel('Password', { exact: true }).inputValue()).toBe('pass-77-word')
    await submit.click()
    await form.getByText('The folder was not found: nowhere.').waitFor()
    await form.getByRole('textbox', { name: 'Full path of folder 1' }).fill(media)
    await form.getByRole('button', { name: 'Add a folder' }).click()
    await form.getByRole('button', { name: 'Remove folder 2' }).click()
    await submit.click()
    await form.getByText(/^The shared queue is unavailable: /).waitFor({ timeout: patience })
    await form.getByText('Check that PostgreSQL is running and can be reached from here.').waitFor()
    await everyLook(page, 'refused')
    await form.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Try it on this machine' }).waitFor()
    expect(await page.content()).not.toContain('pass-77-word')
  })

  it.skipIf(!hasPostgres)(
    'a trial is set up, a worker joins, converts and is named in the queue, drains, resumes, is gone and forgotten',
    { timeout: 600_000 },
    async () => {
      const { page, troubles } = await openWindow(shell)
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await goTo(page, 'Machines')
      await page.getByRole('button', { name: 'Try it on this machine' }).click()
      await setUpForm(page).getByRole('textbox', { name: 'Full path of folder 1' }).fill(media)
      await everyLook(page, 'setting-up')
      await setUpForm(page).getByRole('button', { name: 'Set up a fleet' }).click()

      const line = await joinLine(page)
      await page.getByText(/^The join line has a key in it/).waitFor()
      await page.getByText(/It works on this machine alone/).waitFor()
      await page.getByRole('button', { name: 'Copy join line' }).click()
      expect(await page.evaluate(async () => await navigator.clipboard.readText())).toBe(line)
      await everyLook(page, 'joining')
      await page.keyboard.press('Escape')
      await page.getByRole('heading', { name: 'No machine has joined yet' }).waitFor()
      await shows(page.getByRole('article', { name: 'Fleet' }), 'Connected')
      await everyLook(page, 'none')

      const worker = startWorker('render-01', line, media)
      const machine = row(page, 'render-01')
      await shows(machine, 'Ready')
      await shows(machine, 'Nothing to do')
      await machine.getByRole('button', { name: 'Details of render-01' }).click()
      await machine.getByText(`Shared storage at ${media}`).waitFor()
      await machine.getByText(/What it writes is seen by Beside after/).waitFor()
      await everyLook(page, 'ready')

      // A storage that looks like it and is another one.
      const copy = join(folder, 'a copy of the media')
      await cp(media, copy, { recursive: true })
      for (const name of await readdir(copy)) if (canary.test(name)) await rm(join(copy, name))
      const stranger = startWorker('render-02', line, copy)
      const unfit = row(page, 'render-02')
      await shows(unfit, 'Not ready')
      await unfit
        .getByText(/does not show what .* has put there: another folder/)
        .first()
        .waitFor()
      expect(await page.getByRole('article', { name: 'Machines' }).locator('tbody th').allInnerTexts()).toEqual([
        expect.stringContaining('render-02'),
        expect.stringContaining('render-01'),
      ])
      await everyLook(page, 'failing')
      await ended(stranger, 'SIGKILL')

      const first = await clip(join(media, 'Arrival.mp4'), 20)
      const second = await clip(join(media, 'Dunes at night, second take.mp4'), 2)
      await goTo(page, 'Queue')
      await chooseFormat(page, 'WebM')
      await page.getByRole('combobox', { name: 'with' }).click()
      await page.getByRole('option', { name: 'Fleet' }).click()
      await convert(page, [first])
      const release = await held(media)
      await convert(page, [second])
      const job = page.getByRole('row').filter({ has: page.getByRole('button', { name: 'More actions for Arrival.mp4' }) })
      await job.getByText('render-01', { exact: true }).waitFor({ timeout: patience })
      await job.getByText('Converting', { exact: true }).waitFor({ timeout: patience })
      await everyLook(page, 'queue')
      await job.dblclick()
      await page.getByRole('dialog', { name: 'Arrival.mp4' }).getByText('render-01', { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await goTo(page, 'Machines')
      await shows(machine, 'Working')
      await machine.getByRole('progressbar', { name: 'Progress of Arrival.mp4' }).waitFor()
      await everyLook(page, 'working')
      release()
      await goTo(page, 'Queue')
      const finished = async () => await page.getByRole('treegrid').getByText('1 of 1', { exact: true }).count()
      await expect.poll(finished, { timeout: 400_000 }).toBe(2)
      expect((await stat(join(media, 'Arrival.webm'))).size).toBeGreaterThan(10_000)

      await goTo(page, 'Machines')
      await machine.getByRole('button', { name: 'Drain: render-01' }).click()
      await shows(machine, 'Draining')
      await shows(machine, 'Takes no more work')
      await convert(page, [await clip(join(media, 'Late.mp4'), 1)])
      await goTo(page, 'Machines')
      await page.getByText('1 file waits: no machine has places for video.').waitFor({ timeout: patience })
      await everyLook(page, 'draining')
      await machine.getByRole('button', { name: 'Resume: render-01' }).click()
      await shows(machine, 'Ready')
      await goTo(page, 'Queue')
      await expect.poll(finished, { timeout: patience }).toBe(3)

      await goTo(page, 'Machines')
      await ended(worker, 'SIGKILL')
      await shows(machine, 'Gone')
      await machine.getByText(/^Last heard of .+ ago$/).waitFor()
      await shows(unfit, 'Gone')
      await everyLook(page, 'gone')
      await unfit.getByRole('button', { name: 'Forget: render-02' }).click()
      await unfit.waitFor({ state: 'detached', timeout: patience })
      await machine.getByRole('button', { name: 'Forget: render-01' }).click()
      await page.getByRole('heading', { name: 'No machine has joined yet' }).waitFor({ timeout: patience })
      expect(troubles).toEqual([])
    },
  )

  it.skipIf(!hasPostgres)(
    'a fleet moves to another PostgreSQL, says when that is away, goes on when it is back, and is left',
    { timeout: 300_000 },
    async () => {
      const server = await postgres()
      const { page, troubles } = await openWindow(shell)
      await goTo(page, 'Machines')
      await page
        .getByRole('button', { name: 'Change…' })
        .or(page.getByRole('button', { name: 'Set up a fleet' }))
        .click()
      const form = setUpForm(page)
      await form.getByRole('textbox', { name: 'Full path of folder 1' }).fill(media)
      await form.getByRole('radio', { name: 'PostgreSQL on the network' }).click()
      await form.getByRole('textbox', { name: 'Address' }).fill(server.address)
      await form.getByLabel('Password', { exact: true }).fill('not the password')
      await form.getByRole('button', { name: /^(Save|Set up a fleet)$/ }).click()
      await form.getByText(/^The shared queue cannot be used: /).waitFor({ timeout: patience })
      await form.getByLabel('Password', { exact: true }).fill(server.password)
      await form.getByRole('button', { name: /^(Save|Set up a fleet)$/ }).click()
      await joinLine(page)
      await page.getByText(/^It names 127\.0\.0\.1, where every machine finds itself/).waitFor()
      await page.keyboard.press('Escape')

      const fleet = page.getByRole('article', { name: 'Fleet' })
      await shows(fleet, 'Connected')
      await fleet.getByRole('button', { name: 'Change…' }).click()
      await form.getByText(/^Leave it empty to keep the one that is stored/).waitFor()
      expect(await form.getByLabel('Password', { exact: true }).inputValue()).toBe('')
      await everyLook(page, 'changing')
      await form.getByRole('button', { name: 'Save' }).click()
      await joinLine(page)
      await page.keyboard.press('Escape')
      await shows(fleet, 'Connected')
      await server.stop()
      await shows(fleet, 'Unavailable')
      await fleet.getByText(/^The shared queue is unavailable: /).waitFor()
      await fleet.getByText(/Nothing is lost: files wait/).waitFor()
      await everyLook(page, 'away')
      await server.start()
      await shows(fleet, 'Connected')

      await fleet.getByRole('button', { name: 'Leave the fleet' }).click()
      await page.getByRole('dialog', { name: 'Leave the fleet?' }).getByRole('button', { name: 'Leave the fleet' }).click()
      await page.getByRole('button', { name: 'Try it on this machine' }).waitFor()
      expect(troubles).toEqual([])
    },
  )
})

/** One that is there before Beside, as on a NAS. */
async function postgres() {
  const base = await mkdtemp(join(tmpdir(), 'beside-postgres-'))
  // Who runs the server is not who runs the tests.
  await chmod(base, 0o755)
  const port = await freePort()
  const password = 'correct horse: battery/staple'
  const server = createTrialPostgres({ folder: join(base, 'postgres'), port, password, clock: systemClock, log: testLog })
  onTestFinished(async () => {
    await server.stop()
    await rm(base, { recursive: true, force: true })
  })
  await server.start()
  return { address: trialAddress(port), password, ...server }
}

/** Stops the encoder that writes there as soon as there is one, so that what is looked at stays; the answer lets it go on. */
async function held(folder: string): Promise<() => void> {
  const isEncoder = (line: string) => line.startsWith('ffmpeg ') && line.includes(join(folder, '.beside-'))
  const encoder = () => processes().find(({ line }) => isEncoder(line))?.pid
  await expect.poll(encoder, { timeout: patience, interval: 50 }).toBeDefined()
  const found = encoder()
  if (found === undefined) throw new Error('it has ended already')
  process.kill(found, 'SIGSTOP')
  return () => process.kill(found, 'SIGCONT')
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  await gone
}
