import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, linesOf } from '../support/cli.ts'
import { hookProgram, hookServer } from '../support/hook-listeners.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

describe('beside hooks', () => {
  it('adds one, lists it, tries it out, turns it off and on, removes it', async () => {
    const here = await cli()
    const program = await hookProgram(here.folder)
    const { program: node, args } = program.action('-q', '--json', 'a b')
    const added = await here.run(
      'hooks',
      'add',
      'tell',
      '--after',
      'job',
      '--outcome',
      'done',
      'failed',
      '--timeout',
      '5min',
      '--run',
      node,
      ...args,
    )
    const listed = await here.run('hooks')
    const tried = await here.run('hooks', 'test', 'tell')
    const [told] = await program.told()
    await here.run('hooks', 'off', 'tell')
    const off = linesOf(await here.run('hooks', '--json'))
    await here.run('hooks', 'on', 'tell')
    const removed = await here.run('hooks', 'remove', 'tell')
    expect([added.status, added.err, added.out]).toEqual([0, '', expect.stringContaining('time limit 5 min 0 s')])
    expect([listed.out.split('\n')[1], tried.status, tried.out]).toEqual([
      expect.stringMatching(/^tell +each job · done, failed +.*'a b' +none yet$/),
      0,
      expect.stringMatching(/^The program ended well after [\d.]+ s\.\ntold of job\n$/),
    ])
    expect([told?.args, told?.body.sample]).toEqual([['-q', '--json', 'a b'], true])
    expect([off[0]?.['on'], removed.out, (await here.run('hooks')).out]).toEqual([
      false,
      '1 hook removed.\n',
      'There are no hooks. `beside hooks add NAME --after job --run PROGRAM` adds one.\n',
    ])
  })

  it('a conversion ends with its hooks: what was due is delivered before the command is over', async () => {
    const here = await cli()
    const [program, server] = [await hookProgram(here.folder), await hookServer()]
    const { program: node, args } = program.action()
    await here.run('hooks', 'add', 'tell', '--after', 'batch', '--run', node, ...args)
    const { out } = await here.run('hooks', 'add', 'call', '--after', 'job', '--url', server.url)
    await writeTone(join(here.folder, 'song.wav'), 0.1)
    const { status } = await here.run('convert', 'song.wav', '--to', 'mp3')
    const log = await here.run('hooks', 'log')
    expect([status, (await program.told()).map(({ body }) => body.batch['done']), server.calls.length]).toEqual([0, [1], 1])
    expect(out).toMatch(/Secret for checking the signature, shown this once:\n {2}whsec_\S+\n/)
    expect(log.out).toMatch(/tell +batch 1: song\.wav → MP3 +delivered\n/)
    expect(log.out).toMatch(/call +done: song\.wav +delivered\n/)
  })

  it('names that come on standard input, one by one, are one batch', async () => {
    const here = await cli()
    const program = await hookProgram(here.folder)
    const { program: node, args } = program.action()
    await here.run('hooks', 'add', 'tell', '--after', 'batch', '--run', node, ...args)
    for (const name of ['a.wav', 'b.wav']) await writeTone(join(here.folder, name), 0.1)
    await here.feed('a.wav\nb.wav\n', 'convert', '-', '--to', 'mp3')
    expect((await program.told()).map(({ body }) => body.batch['done'])).toEqual([2])
  })

  it('says what failed and when it is tried again, shows what was said, and sends it again', async () => {
    const here = await cli()
    const server = await hookServer()
    server.answer(500, { body: 'out of order' })
    await here.run('hooks', 'add', 'call', '--after', 'job', '--url', server.url)
    await writeTone(join(here.folder, 'song.wav'), 0.1)
    const { status } = await here.run('convert', 'song.wav', '--to', 'mp3')
    const log = await here.run('hooks', 'log', 'call')
    const output = await here.run('hooks', 'log', 'call', '--output')
    const tried = await here.run('hooks', 'test', 'call')
    const again = await here.run('hooks', 'again', 'call')
    server.answer(204)
    await here.run('queue', 'run')
    const after = linesOf(await here.run('hooks', 'log', 'call', '--json'))
    expect([status, log.out]).toEqual([
      0,
      expect.stringMatching(/failed, will be tried again: The hook failed: .* status 500\. next at /),
    ])
    expect([output.out, tried.status, tried.out]).toEqual([
      expect.stringMatching(/^--- .* try 1: The hook failed: .*\nout of order\n$/),
      1,
      expect.stringContaining('out of order'),
    ])
    expect([again.out, after[0]]).toEqual([
      '1 delivery due again; sent while Beside works, as with `beside queue run`.\n',
      expect.objectContaining({ type: 'delivery', state: expect.objectContaining({ phase: 'delivered' }) as unknown }),
    ])
  })

  it.each([
    [['hooks', 'add', 'x', '--after', 'job'], /runs a program or calls an address/],
    [['hooks', 'add', 'x', '--after', 'job', '--url', 'http://8.8.8.8/'], /has to be an https address/],
    [['hooks', 'add', 'x', '--after', 'job', '--url', 'https://me:pw@example.org/'], /without a password/],
    [['hooks', 'add', 'x', '--after', 'noon', '--run', 'true'], /Allowed choices are job, batch, folder/],
    [['hooks', 'add', 'x', '--run', 'true'], /required option '--after <what>' not specified/],
    [['hooks', 'add', 'x', '--after', 'job', '--timeout', '2d', '--run', 'true'], /A time limit is from 1\.0 s to 24 h 0 min/],
    [
      ['hooks', 'add', 'x', '--after', 'batch', '--preset', 'podcast', '--run', 'true'],
      /only be named for hooks that are for jobs/,
    ],
    [['hooks', 'add', 'x', '--after', 'folder', '--folder', 'nowhere', '--run', 'true'], /not a watched folder/],
    [['hooks', 'test', 'tel'], /There is no hook called “tel”/],
    [['hooks', 'lst'], /unknown command 'lst'/],
    [['hooks', 'log', '--output'], /Name the hook/],
  ])('%j is refused with a reason', async (words, message) => {
    const { run } = await cli()
    const { status, err } = await run(...words)
    expect([status, err]).toEqual([2, expect.stringMatching(message)])
  })

  it('a program that is named by a path is found from where the command stands, whatever its name is', async () => {
    const here = await cli()
    await writeFile(join(here.folder, '-hook.sh'), '#!/bin/sh\necho "$BESIDE_EVENT" > heard.txt\npwd\n', { mode: 0o755 })
    await here.run('hooks', 'add', 'own', '--after', 'job', '--run', './-hook.sh')
    const { out } = await here.run('hooks', 'test', 'own')
    const [listed] = linesOf(await here.run('hooks', '--json'))
    expect([out.includes('ended well'), listed?.['action']]).toEqual([
      true,
      { kind: 'program', program: join(here.folder, '-hook.sh'), args: [] },
    ])
  })

  it('keeps the secret with the keys, and makes another when asked', async () => {
    const here = await cli()
    const [added] = linesOf(await here.run('hooks', 'add', 'call', '--after', 'job', '--url', 'https://example.org', '--json'))
    const keys = JSON.parse(await readFile(join(here.home, 'keys.json'), 'utf8')) as Record<string, string>
    const { out } = await here.run('hooks', 'secret', 'call')
    const renewed = JSON.parse(await readFile(join(here.home, 'keys.json'), 'utf8')) as Record<string, string>
    expect([added?.['secret'], renewed['hook 1'] !== keys['hook 1'], out.includes(renewed['hook 1'] ?? 'none')]).toEqual([
      keys['hook 1'],
      true,
      true,
    ])
  })
})
