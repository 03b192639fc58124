import { execFile } from 'node:child_process'
import { chmod, mkdir, realpath, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import about from '../../package.json' with { type: 'json' }
import { cli, launch, type Cli } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const execute = promisify(execFile)

describe('--help', () => {
  it.each([
    'convert',
    'queue',
    'history',
    'undo',
    'inspect',
    'hooks',
    'presets',
    'settings',
    'formats',
    'mcp',
    'doctor',
    'completion',
  ])('of %s says how it is used', async (name) => {
    const { run } = await cli()
    const { status, out, err } = await run(name, '--help')
    expect([status, err, out]).toEqual([0, '', expect.stringContaining(`Usage: beside ${name}`)])
  })

  it('lists every command and every exit status', async () => {
    const { run } = await cli()
    const { out } = await run('--help')
    const expected = [
      'convert',
      'queue',
      'history',
      'presets',
      'formats',
      'doctor',
      '130  interrupted',
      '3    something waits for you',
    ]
    expect(expected.filter((text) => !out.includes(text))).toEqual([])
  })

  it('teaches by examples that are true: each of them is a command line that is understood', async () => {
    const { run } = await cli()
    const { out } = await run('convert', '--help')
    const examples = out.split('\n').flatMap((line) => /^ +beside (convert .*?)(?: {3,}.*)?$/.exec(line)?.[1] ?? [])
    const ended = await Promise.all(examples.map(async (args) => await run(...args.replaceAll("'", '').split(/ +/))))
    expect([examples.length > 4, ended.map(({ status }) => status).filter((status) => status === 2)]).toEqual([true, []])
  })

  it('is what `help` prints, too', async () => {
    const { run } = await cli()
    expect((await run('help', 'formats')).out).toBe((await run('formats', '--help')).out)
  })
})

it('--version is the version', async () => {
  const { run } = await cli()
  // The one that comes with an app says so.
  const origin = launch.length === 1 ? ` (part of the app in ${resolve(await realpath(launch[0]), '../../..')})` : ''
  expect((await run('--version')).out).toBe(`${about.version}${origin}\n`)
})

/** `beside` on the path of a shell. */
async function installed({ folder }: Cli): Promise<NodeJS.ProcessEnv> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await writeFile(
    join(bin, 'beside'),
    `#!/bin/sh\nexec ${launch.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')} "$@"\n`,
  )
  await chmod(join(bin, 'beside'), 0o755)
  return { ...process.env, PATH: `${bin}:${process.env['PATH']}` }
}

describe('completion', () => {
  it.each([
    [['conv'], ['convert']],
    [
      ['queue', 're'],
      ['resume', 'retry', 'resolve'],
    ],
    [['convert', 'a.wav', '--loc'], ['--local-only']],
    [
      ['convert', '--if-exists', ''],
      ['number', 'skip', 'overwrite'],
    ],
    [['convert', '--if-exists=s'], ['--if-exists=skip']],
    [['convert', '--to', 'op'], ['opus']],
    [
      ['convert', '--set', 'max'],
      ['maxHeight=', 'maxSize='],
    ],
    [['convert', '--preset', 'pod'], ['podcast']],
    [['formats', '--from', 'he'], ['heic']],
    [['formats', 'he'], ['heic']],
    [['completion', 'z'], ['zsh']],
    [['hooks', 're'], ['remove']],
    [
      ['hooks', 'add', 'x', '--after', ''],
      ['job', 'batch', 'folder'],
    ],
    [['convert', 'a'], []],
    [['convert', '--', '--t'], []],
  ] as const)('%j', async (typed, wanted) => {
    const { run } = await cli()
    const { status, out } = await run('complete', '--', ...typed)
    const found = out.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']))
    expect([status, found]).toEqual([0, wanted])
  })

  it('knows the presets of the user, and those that come with Beside where there is no data folder yet', async () => {
    const { run } = await cli()
    const names = async (typed: string) => {
      const { out } = await run('complete', '--', 'convert', '--preset', typed)
      return out.split('\n').filter((line) => line !== '')
    }
    const before = await names('p')
    await run('presets', 'save', 'portraits', '--to', 'jpeg')

    expect([before.includes('podcast\tPodcast'), await names('port')]).toEqual([true, ['portraits\tJPEG']])
  })

  it('works in bash, where files complete as well, and evaluates nothing that was typed', async () => {
    const here = await cli()
    const env = await installed(here)
    const ask = `source <(beside completion bash)
      words() { COMP_WORDS=(beside "$@"); COMP_CWORD=$#; COMPREPLY=(); _beside; printf '%s\\n' "\${COMPREPLY[*]}"; }
      words queue res; words convert '$(touch harm)' --to fla; words convert --if-exists = sk; words convert x`
    const { stdout } = await execute('bash', ['-c', ask], { env, cwd: here.folder })
    expect([
      stdout,
      (
        await execute('bash', ['-c', 'source <(beside completion bash); complete -p beside; ls harm 2>&1 | cat'], {
          env,
          cwd: here.folder,
        })
      ).stdout,
    ]).toEqual([
      'resume resolve\nflac\nskip\n\n',
      expect.stringMatching(/^complete -o default -F _beside beside\n.*No such file/),
    ])
  })

  it.each(['zsh', 'fish'] as const)('prints a script for %s that it can read', async (shell) => {
    const here = await cli()
    const { out } = await here.run('completion', shell)
    const there = await execute('which', [shell]).then(
      () => true,
      () => false,
    )
    if (there) await execute(shell, ['-n', '-c', out])
    expect(out).toContain('beside complete --')
  })
})
