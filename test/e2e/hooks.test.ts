import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { damaged, tone } from './scenes.ts'
import { drop, goTo, openWindow, screenshot, startShell, violations, type Shell } from './shell.ts'

const beside = resolve(import.meta.dirname, '../../bin/beside.mjs')
const sizes = [
  { width: 760, height: 520 },
  { width: 1280, height: 900 },
] as const

describe.each(['light', 'dark'] as const)('hooks in the settings, %s', (scheme) => {
  let shell: Shell
  let folder: string
  let server: Server
  /** Says so; nothing while it is null. */
  let status: number | null = 500
  const open: ServerResponse[] = []

  beforeAll(async () => {
    shell = await startShell()
    folder = await mkdtemp(join(tmpdir(), 'beside-hooks-'))
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (status === null) open.push(response)
        else response.writeHead(status).end(status === 500 ? 'The list is full.' : 'taken')
      })
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  })
  afterAll(async () => {
    await shell.stop()
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    await rm(folder, { recursive: true, force: true })
  })

  const command = async (...args: readonly string[]) =>
    await promisify(execFile)(process.execPath, [beside, ...args], { env: { ...process.env, BESIDE_HOME: shell.home } })
  const look = async (page: Page, name: string) => {
    for (const size of sizes) {
      await page.setViewportSize(size)
      await page.getByRole('link', { name: 'Hooks' }).click()
      await screenshot(page, `hooks-${name}-${scheme}-${size.width}`)
      expect([name, size.width, await violations(page)]).toEqual([name, size.width, []])
    }
  }

  it('are explained while there are none, then listed with how their deliveries fare, tried out, sent again and removed', async () => {
    const { page, troubles } = await openWindow(shell, { scheme })
    await goTo(page, 'Settings')
    const section = page.getByRole('region', { name: 'Hooks' })
    await section.getByText('A hook runs a program or calls an address').waitFor()
    await look(page, 'empty')

    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/beside`
    await command('hooks', 'add', 'Tell the team', '--after', 'job', '--url', url)
    await command(
      'hooks',
      'add',
      'Publish',
      '--after',
      'batch',
      '--outcome',
      'done',
      'failed',
      '--timeout',
      '10min',
      '--run',
      'sh',
      '-c',
      'echo published; exit 0',
    )
    await section.getByText('Tell the team', { exact: true }).waitFor()
    await goTo(page, 'Queue')
    await drop(page, [await tone(join(folder, 'Interview part 1.wav'), 1), await damaged(join(folder, 'Broken take.wav'))])
    await page.getByRole('treegrid').getByText('2 of 2').waitFor()
    await goTo(page, 'Settings')
    await section.getByText('Failed, will retry: 2').waitFor()
    await section.getByText('Delivered: 1').waitFor()
    const team = section.getByRole('listitem').filter({ hasText: 'Tell the team' })
    const publish = section.getByRole('listitem').filter({ hasText: 'Publish' }).first()
    await team.getByRole('button', { name: 'Deliveries' }).click()
    await team.getByText('Interview part 1.wav · Done').waitFor()
    await team.getByRole('button', { name: 'Test' }).click()
    await team.getByText('The list is full.').waitFor()
    await publish.getByRole('button', { name: 'Test' }).click()
    await publish.getByText('The program ended well').waitFor()
    await look(page, 'failing')

    status = null
    await team.getByRole('button', { name: 'Send again: Broken take.wav · Failed' }).click()
    await team.getByText('Running', { exact: true }).waitFor()
    await look(page, 'working')
    status = 200
    for (const response of open) response.writeHead(200).end()
    // It may have been tried by itself by now.
    await command('hooks', 'again', 'Tell the team')
    await section.getByText('Delivered: 2').waitFor()
    await look(page, 'delivered')

    await team.getByRole('switch', { name: 'Hook Tell the team' }).press('Space')
    await expect.poll(async () => (await command('hooks', '--json')).stdout).toContain('"on":false')
    await publish.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByText('Remove this hook?').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await section.getByText('Publish', { exact: true }).waitFor({ state: 'detached' })
    expect(troubles).toEqual([])
  })
})
