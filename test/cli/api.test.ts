import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, cliProcess, linesOf } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { ask } from '../support/served-client.ts'
import { freePort } from '../support/webhook-caller.ts'

leavesNothingOpen()

describe('beside api keys', () => {
  it('are told once, listed without themselves, and removed', async () => {
    const { run, home } = await cli()
    const none = await run('api', 'keys')
    const added = await run('api', 'keys', 'add', 'phone', '--quota', '100', '--pairs', 'wav:mp3,png:jpg')
    await run('api', 'keys', 'add', 'another Beside', '--with', 'auto')
    const listed = await run('api', 'keys')
    const lines = linesOf(await run('api', 'keys', 'list', '--json'))
    const removed = await run('api', 'keys', 'remove', 'phone')
    const key = added.out.trim()
    expect([none.out, added.err]).toEqual([
      'No keys. `beside api keys add NAME` makes one.\n',
      'Keep it: it is not shown again.\n',
    ])
    expect(key).toMatch(/^beside-[0-9a-f]{64}$/)
    expect(listed.out.split('\n').map((text) => text.split(/ {2,}/))).toEqual([
      ['KEY', 'LEFT', 'WITH', 'PAIRS'],
      ['another Beside', 'no limit', 'auto', 'all'],
      ['phone', '100', 'local', 'wav:mp3, png:jpg'],
      [''],
    ])
    expect(lines[1]).toMatchObject({ type: 'api-key', name: 'phone', left: 100, with: 'local', pairs: ['wav:mp3', 'png:jpg'] })
    expect([removed.out, linesOf(await run('api', 'keys', '--json')).length]).toEqual(['Removed phone.\n', 1])
    expect((await readFile(join(home, 'beside.sqlite'))).includes(key)).toBe(false)
  })

  it.each([
    [['add', 'phone'], 1, 'there is already a key named “phone”'],
    [['remove', 'nobody'], 1, 'There is no API key nobody'],
    [['add', '../x'], 2, 'Use letters, digits'],
    [['add', 'x', '--quota', '-1'], 2, 'Use a whole number.'],
    [['add', 'x', '--pairs', 'wav'], 2, '“wav” is not a pair.'],
    [['add', 'x', '--pairs', 'mp3:png'], 1, 'MP3 cannot be converted to PNG'],
    [['add', 'x', '--with', 'nobody'], 2, 'Allowed choices are'],
    [['take', 'x'], 2, "unknown command 'take' for beside keys"],
  ])('%s: says what is wrong', async (args, status, text) => {
    const { run } = await cli()
    await run('api', 'keys', 'add', 'phone')
    const refused = await run('api', 'keys', ...args)
    expect([refused.status, refused.err]).toEqual([status, expect.stringContaining(text)])
  })
})

describe('beside api', () => {
  it('serves nobody unless a port is named', async () => {
    const { run } = await cli()
    const refused = await run('api')
    expect([refused.status, refused.err]).toEqual([2, expect.stringContaining('beside api --port 8080')])
  })

  it('prints its address, says that nobody has a key, and ends when it is interrupted', async () => {
    const { start } = await cliProcess()
    const port = await freePort()
    const served = start('api', '--port', String(port))
    await served.says(`Beside converts for others at http://127.0.0.1:${port}`)
    await served.says('Nobody has a key yet')
    const answer = await ask(`http://127.0.0.1:${port}/public/pairs`)
    served.process.kill('SIGINT')
    expect([answer.status, (await served.ended).status]).toEqual([200, 0])
  })

  it('says where another one listens already', async () => {
    const { start, run } = await cliProcess()
    const port = await freePort()
    await start('api', '--port', String(port)).says('Beside converts')
    const second = await run('api', '--port', String(port))
    expect([second.status, second.err]).toEqual([2, expect.stringContaining(`Port ${port} is already in use.`)])
  })
})
