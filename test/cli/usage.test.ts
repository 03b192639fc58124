import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

describe('a wrong command ends with 2 and says what is wrong', () => {
  it.each([
    [['convrt'], /unknown command 'convrt'[^]*Did you mean convert/],
    [['convert', 'a.wav'], /--to FORMAT or --preset NAME/],
    [['convert', '--to', 'mp3'], /missing required argument 'source'/],
    [['convert', 'a.wav', '--to', 'mp33'], /no format called “mp33”[^]*Did you mean mp3/],
    [['convert', 'a.wav', '--to', 'mp3', '--bogus'], /unknown option '--bogus'/],
    [['convert', 'a.wav', '--to', 'mp3', '--recursiv'], /Did you mean --recursive/],
    [['convert', 'a.wav', '--to', 'mp3', '--if-exists', 'maybe'], /Allowed choices are number, skip, overwrite/],
    [['convert', 'a.wav', '--to', 'mp3', '--with', 'nobody'], /Allowed choices are auto, local/],
    [['convert', 'a.wav', '--to', 'mp3', '--set', 'bitrate'], /option=value/],
    [['convert', 'a.wav', '--to', 'mp3', '--set', 'bitrat=128'], /Did you mean bitrate/],
    [
      ['convert', 'a.wav', '--to', 'mp3', '--set', 'bitrate=9999'],
      /“9999” is not valid for the option bitrate[^]*6 to 1000 kbit/,
    ],
    [['convert', 'a.wav', '--to', 'mp3', '--set', 'trimStart=2', '--set', 'trimEnd=1'], /trimEnd/],
    [['convert', 'a.wav', '--to', 'mp3', '--name', '{nam}'], /\{nam\} is not one of \{name\}/],
    [['convert', 'a.wav', '--to', 'mp3', '--name', 'a/b'], /cannot contain/],
    [['convert', 'a.wav', '--preset', 'podcats'], /no preset called “podcats”[^]*Did you mean podcast/],
    [['convert', '', '--to', 'mp3'], /name of a source is empty/],
    [['queue', 'cancl'], /unknown command 'cancl'[^]*Did you mean cancel/],
    [['queue', 'cancel'], /Specify which jobs/],
    [['queue', 'cancel', '1', '--all'], /Specify which jobs/],
    [['queue', 'cancel', 'one'], /Use a number/],
    [['queue', 'resolve', '1'], /--as <decision>' not specified/],
    [['history', '--since', 'yesterday'], /a date like 2026-11-21/],
    [['history', '--limit', '0'], /whole number from 1/],
    [['presets', 'save', 'x'], /--to <format>' not specified/],
    [['presets', 'import', '-'], /Standard input contains no presets: it is not JSON/],
    [['settings', 'set', 'ifExist', 'skip'], /no setting called “ifExist”[^]*Did you mean ifExists/],
    [['settings', 'set', 'ifExists', 'perhaps'], /“perhaps” is not valid for the setting ifExists/],
    [['formats', '--from', 'xyz'], /no format called “xyz”/],
    [['completion', 'csh'], /Allowed choices are bash, zsh, fish/],
  ] as const)('%j', async (args, says) => {
    const { run } = await cli()
    const { status, out, err } = await run(...args)
    expect({ status, out, err }).toEqual({ status: 2, out: '', err: expect.stringMatching(says) })
  })

  it('and shows what there is where nothing was said', async () => {
    const { run } = await cli()
    const { status, err } = await run()
    expect([status, err]).toEqual([2, expect.stringContaining('Usage: beside')])
  })

  it('and helps with a name that begins with a dash', async () => {
    const { folder, run } = await cli()
    await writeFile(join(folder, '-take.wav'), '')
    const { status, err } = await run('convert', '-take.wav', '--to', 'mp3')
    expect([status, err]).toEqual([2, expect.stringContaining('convert … -- -take.wav')])
  })

  it('and still ends with the summary where JSON was asked for', async () => {
    const { run } = await cli()
    const { status, out } = await run('convert', 'a.wav', '--preset', 'none', '--json')
    expect([status, out]).toEqual([2, '{"type":"summary","done":0,"skipped":0,"failed":0,"waiting":0}\n'])
  })
})

describe('where Beside itself cannot work', () => {
  it('it says so when the data folder is a file', async () => {
    const { folder } = await cli()
    await writeFile(join(folder, 'file'), '')
    const { run } = await cli({ BESIDE_HOME: join(folder, 'file') })
    const { status, err } = await run('queue')
    expect([status, err]).toEqual([2, expect.stringMatching(/^Error: The data folder .*file cannot be made[^]*BESIDE_HOME/)])
  })

  it('doctor says what is wrong instead of failing', async () => {
    const { folder } = await cli()
    await writeFile(join(folder, 'file'), '')
    const { run } = await cli({ BESIDE_HOME: join(folder, 'file') })
    const { status, out } = await run('doctor')
    expect([status, out]).toEqual([1, expect.stringMatching(/ok +Beside: [^]*problem +Data folder: .*is not a folder/)])
  })
})
