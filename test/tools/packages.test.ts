import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'

const real = fileURLToPath(new URL('../..', import.meta.url))
const elsewhere = process.platform === 'win32' ? 'linux' : 'win32'

const own = { integrity: 'sha512-h', optional: true, os: [process.platform] }
const foreign = { integrity: 'sha512-t', optional: true, os: [elsewhere] }
const installed = { 'node_modules/a': { integrity: 'sha512-a' }, 'node_modules/own': own }
const wanted = { '': {}, ...installed, 'node_modules/foreign': foreign }

let checkout: string
beforeEach(async () => {
  checkout = await temporaryFolder()
  await Promise.all(
    ['bin', 'tools/node', 'node_modules'].map(async (name) => await mkdir(join(checkout, name), { recursive: true })),
  )
  for (const name of ['bin/node.mjs', 'tools/checkout.mjs', 'tools/alone.mjs']) await cp(join(real, name), join(checkout, name))
  await writeFile(join(checkout, 'package-lock.json'), JSON.stringify({ packages: wanted }))
})

/** What setup says when npm is a program that prints what it is told and ends with `status`. */
async function setup(hidden: object | null, status: number): Promise<{ readonly said: string; readonly code: unknown }> {
  if (hidden !== null) await writeFile(join(checkout, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: hidden }))
  const npm = join(checkout, 'npm-cli.js')
  await writeFile(
    npm,
    `console.error('npm told', process.argv[2], process.argv.includes('--ignore-scripts')); process.exit(${status})`,
  )
  const code = `(await import('./tools/checkout.mjs')).setup(); console.error('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: checkout,
    env: { PATH: join(checkout, 'nothing'), npm_execpath: npm },
  })
  const [said, [ended]] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { said, code: ended }
}

describe('setup installs packages', () => {
  it('not where node_modules is what the lock says, the packages for other systems left out', async () => {
    expect(await setup(installed, 0)).toEqual({ said: 'ready\n', code: 0 })
  })

  it.each([
    ['nothing is installed', null],
    ['a package is missing', { 'node_modules/own': own }],
    ['a package is another one than the lock says', { ...installed, 'node_modules/a': { integrity: 'sha512-b' } }],
    ['the folder was brought from another system', { ...installed, 'node_modules/foreign': foreign }],
  ])('where %s', async (_, hidden) => {
    const { said, code } = await setup(hidden, 0)
    expect([said.includes('Installing the packages'), said.includes('ready'), code]).toEqual([true, true, 0])
  })

  it('and gives up with what npm said where that fails', async () => {
    const { said, code } = await setup(null, 1)
    expect([said.includes('npm told ci true'), said.includes('ready'), code]).toEqual([true, false, 1])
  })
})
