import { chmod, readFile, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliProcess } from '../../support/cli.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

function request(id: number, method: string, params: object): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
}

const opening = request(1, 'initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
})

/** Prints at each tick in whatever process of Node loads it: as a library would that was forgotten to be told not to. */
const noise = `
import { existsSync } from 'node:fs'
setInterval(() => { if (existsSync(process.env.NOISE_FLAG)) console.log('noise of ' + process.argv[1]) }, 5).unref()
`

describe('standard output', () => {
  it('has the protocol alone, whatever the tools of a conversion, its processes and its threads print', async () => {
    const tools = await temporaryFolder()
    const real = execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim()
    const [ffmpeg, preload, flag] = [join(tools, 'ffmpeg'), join(tools, 'noise.mjs'), join(tools, 'flag')]
    await writeFile(ffmpeg, `#!/bin/sh\necho 'noise of ffmpeg'\necho 'noise of ffmpeg' >&2\nexec '${real}' "$@"\n`)
    await chmod(ffmpeg, 0o755)
    await writeFile(preload, noise)
    const here = await cliProcess({
      NODE_OPTIONS: `--import=${preload}`,
      NOISE_FLAG: flag,
      PATH: `${tools}:${process.env['PATH']}`,
    })
    await writeTone(join(here.folder, 'a.wav'), 1)
    await writeFile(join(here.folder, 'page.md'), '# Title\n')
    await writeFile(
      join(here.folder, 'dot.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    )
    const started = here.start('mcp', '--allow', here.folder)
    started.process.stdin?.write(opening)
    await started.says('"id":1')
    await writeFile(flag, '')
    const targets = [
      ['a.wav', 'opus'],
      ['page.md', 'html'],
      ['dot.svg', 'png'],
    ] as const
    for (const [n, [source, target]] of targets.entries()) {
      started.process.stdin?.write(
        request(n + 2, 'tools/call', { name: 'convert', arguments: { sources: [source], target }, _meta: { progressToken: n } }),
      )
      await started.says(`"id":${n + 2}`)
    }
    started.process.stdin?.end()
    const { out, status } = await started.ended
    const messages = out
      .split('\n')
      .filter((line) => line !== '')
      .map(
        (line) =>
          JSON.parse(line) as {
            readonly jsonrpc: string
            readonly id?: number
            readonly result?: { readonly isError?: boolean }
          },
      )
    expect([status, messages.every(({ jsonrpc }) => jsonrpc === '2.0'), messages.flatMap(({ id }) => id ?? [])]).toEqual([
      0,
      true,
      [1, 2, 3, 4],
    ])
    expect(messages.filter(({ result }) => result?.isError === true)).toEqual([])
    expect(await readFile(join(here.home, 'logs', 'beside.log'), 'utf8')).toContain('noise of')
  })

  it('answers what makes no sense with errors of the protocol, and goes on', async () => {
    const here = await cliProcess()
    const started = here.start('mcp', '--allow', here.folder)
    started.process.stdin?.write(`no json\n{"jsonrpc":"1.0"}\n[]\n${opening}`)
    await started.says('"id":1')
    started.process.stdin?.write(request(2, 'tools/call', { name: 'erase', arguments: {} }))
    started.process.stdin?.write(request(3, 'no/such', {}))
    started.process.stdin?.write(
      request(4, 'tools/call', {
        name: 'convert',
        arguments: { sources: Array.from({ length: 5000 }, () => 'x'), target: 'mp3' },
      }),
    )
    started.process.stdin?.write(request(5, 'tools/call', { name: 'convert', arguments: 'all' }))
    await started.says('"id":5')
    started.process.stdin?.write(request(6, 'tools/list', {}))
    await started.says('"id":6')
    started.process.stdin?.end()
    const { out, status } = await started.ended
    const answers = out
      .split('\n')
      .filter((line) => line !== '')
      .map(
        (line) =>
          JSON.parse(line) as { readonly id: number; readonly error?: object; readonly result?: { readonly isError?: boolean } },
      )
    const refused = answers.filter(({ error, result }) => error !== undefined || result?.isError === true).map(({ id }) => id)
    expect([status, refused.toSorted((one, other) => one - other)]).toEqual([0, [2, 3, 4, 5]])
  })
})

it('a message without an end ends the server, and nothing of it is kept', async () => {
  const here = await cliProcess()
  const started = here.start('mcp', '--allow', here.folder)
  started.process.stdin?.write(opening)
  await started.says('"id":1')
  started.process.stdin?.write(`{"jsonrpc":"2.0","id":2,"method":"${'x'.repeat(11 * 2 ** 20)}`)
  const { status, err } = await started.ended
  expect([status, err]).toEqual([0, ''])
})
