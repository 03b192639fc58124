import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createPrograms, type Programs } from '../../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../../src/main/system.ts'
import { fakeClock, type FakeClock } from '../../support/clock.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { processes } from '../../support/processes.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'

leavesNothingOpen()
const never = new AbortController().signal
const crew: Programs[] = []
afterAll(async () => void (await Promise.all(crew.map(async (programs) => await programs.stop()))))

function start(clock: FakeClock | typeof systemClock = systemClock, maxBytes = 2 ** 40): Programs {
  const programs = createPrograms({ clock, maxBytes })
  crew.push(programs)
  return programs
}

const shell = (script: string, stdin: string | null = null) => ({ program: 'sh', args: ['-c', script], stdin })

/** Programs of this machine whose command line holds a word. */
function alive(word: string): readonly number[] {
  return processes().flatMap(({ pid, line }) => (line.includes(word) ? [pid] : []))
}

/** A process that runs one program, and could be killed like Beside. */
function besideThatRuns(program: string, args: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL('../../../src/main/providers/local/process/programs.ts', import.meta.url))
  const command = JSON.stringify({ program, args, stdin: null })
  const script = `
    const { createPrograms } = await import(${JSON.stringify(file)})
    const programs = createPrograms({ clock: { after: () => () => {} }, maxBytes: 1e12 })
    programs.run({ ...${command}, progress: () => {} }, new AbortController().signal)
  `
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
}

async function killed(beside: ChildProcess): Promise<void> {
  beside.kill('SIGKILL')
  await once(beside, 'exit')
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a program', () => {
  it('gets its arguments and its input, and answers with what it wrote and how it ended', async () => {
    const args = ['-c', 'cat; printf "%s" "$1" >&2; exit 3', 'sh', '-n $(no) \n%s']
    const ended = await start().run({ program: 'sh', args, stdin: 'input' }, never)
    expect({ ...ended, output: Buffer.from(ended.output).toString() }).toMatchObject({
      code: 3,
      signal: null,
      errors: '-n $(no) \n%s',
      output: 'input',
    })
  })

  it('runs at a lower priority than Beside', async () => {
    const { output } = await start().run(shell('nice'), never)
    expect(Number(Buffer.from(output).toString())).toBeGreaterThanOrEqual(10)
  })

  it('does not see the keys that Beside was given', async () => {
    process.env.BESIDE_KEY_XCONVERT = 'secret'
    const { output } = await start().run(shell('env'), never)
    delete process.env.BESIDE_KEY_XCONVERT
    expect(Buffer.from(output).toString()).not.toContain('secret')
  })

  it('may print without end: the beginning and the end are kept', async () => {
    const { errors } = await start().run(shell('echo first >&2; yes 0123456789 | head -c 3000000 >&2; echo last >&2'), never)
    expect(errors.length).toBeLessThan(100_000)
    expect([errors.startsWith('first'), errors.endsWith('last\n')]).toEqual([true, true])
  })

  it('may close its input early', async () => {
    expect((await start().run(shell('exec 0<&-; exit 0', 'x'.repeat(1_000_000)), never)).code).toBe(0)
  })

  it('that is not there is named', async () => {
    await expect(start().run({ program: '/nowhere/ffmpeg', args: [], stdin: null }, never)).rejects.toMatchObject({
      failure: { code: 'tool-missing', facts: { because: 'ffmpeg-missing', program: 'FFmpeg', path: '/nowhere/ffmpeg' } },
    })
  })

  it('that crashes says by which signal', async () => {
    expect(await start().run(shell('kill -SEGV $$'), never)).toMatchObject({ code: null, signal: 'SIGSEGV' })
  })

  it('is gone when its promise rejects with the reason of the signal', async () => {
    const programs = start()
    const ending = new AbortController()
    const running = programs.run({ program: 'sleep', args: ['86411'], stdin: null }, ending.signal)
    await until(() => alive('sleep 86411').length === 1)
    ending.abort(new Error('cancelled by the test'))
    await expect(running).rejects.toThrow('cancelled by the test')
    expect(alive('sleep 86411')).toEqual([])
  })

  it('is not started once the signal has said so', async () => {
    await expect(start().run(shell('exit 0'), AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
  })

  it('that stands still for two minutes is ended, one that gets on is not', async () => {
    const clock = fakeClock()
    const programs = start(clock)
    const still = programs.run({ program: 'sleep', args: ['86412'], stdin: null }, never)
    still.catch(() => undefined)
    clock.advance(119_000)
    expect(clock.waiting()).toBe(1)
    clock.advance(1_000)
    await expect(still).rejects.toMatchObject({
      failure: { code: 'tool-timeout', facts: { tool: 'sleep', seconds: '120' } },
    })
  })

  it('that reports progress does not stand still', async () => {
    const folder = await temporaryFolder()
    const clock = fakeClock()
    const ending = new AbortController()
    // Reports once, and again as soon as the report before has been read.
    const script = `
      for n in 1 2 3 4; do
        printf "out_time_us=%s\\nprogress=continue\\n" $n >&3
        until [ -e "$1/$n" ]; do sleep 0.01; done
      done`
    let reports = 0
    const running = start(clock).run(
      {
        program: 'sh',
        args: ['-c', script, 'sh', folder],
        stdin: null,
        progress: () => {
          reports += 1
          clock.advance(119_000)
          if (reports < 4) writeFileSync(join(folder, String(reports)), '')
          else ending.abort(new Error('enough'))
        },
      },
      ending.signal,
    )
    await expect(running).rejects.toThrow('enough')
    expect(reports).toBe(4)
  })

  it.runIf(process.platform === 'linux')('that takes too much memory is ended', async () => {
    const clock = fakeClock()
    const args = ['-e', 'globalThis.x = Buffer.alloc(2 ** 27, 1); setInterval(() => {}, 86415)']
    const hungry = start(clock, 2 ** 26).run({ program: process.execPath, args, stdin: null }, never)
    hungry.catch(() => undefined)
    await until(() =>
      alive('86415').some((pid) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096 > 2 ** 27),
    )
    clock.advance(1_000)
    await expect(hungry).rejects.toMatchObject({ failure: { code: 'tool-memory' } })
  })
})

describe('programs', () => {
  it('end with Beside, even where Beside is killed', async () => {
    const beside = besideThatRuns('sleep', ['86414'])
    await until(() => alive('sleep 86414').length === 1)
    await killed(beside)
    await until(() => alive('sleep 86414').length === 0)
  })

  it.skipIf(process.platform === 'win32')(
    'end as well where they had something to tell just when Beside was killed',
    async () => {
      const go = join(await temporaryFolder(), 'go')
      const beside = besideThatRuns('sh', [
        '-c',
        'until [ -e "$0" ]; do sleep 0.01; done; echo progress=continue >&3; sleep 86416',
        go,
      ])
      const running = (beginning: string) => processes().find(({ line }) => line.startsWith(beginning))
      await until(() => running('sh -c until') !== undefined)
      const starter = running('sh -c until')?.parent ?? 0
      process.kill(starter, 'SIGSTOP')
      await writeFile(go, '')
      await until(() => running('sleep 86416') !== undefined)
      await killed(beside)
      process.kill(starter, 'SIGCONT')
      await until(() => running('sh -c until') === undefined)
      // A shell that is killed leaves its own children behind.
      process.kill(running('sleep 86416')?.pid ?? 0)
    },
  )

  it('are out of reach of Ctrl-C in the terminal that Beside runs in', async () => {
    const { output } = await start().run(shell('cat /proc/self/stat || true'), never)
    const session = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(')')).split(' ')[4]
    if (process.platform !== 'linux') return
    expect(session(Buffer.from(output).toString())).not.toBe(session(readFileSync('/proc/self/stat', 'utf8')))
  })

  it('run side by side', async () => {
    const programs = start()
    const all = Array.from({ length: 8 }, async (_, n) => await programs.run(shell(`echo ${n}`), never))
    expect((await Promise.all(all)).map(({ output }) => Number(Buffer.from(output).toString()))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('can be run again after a rest', async () => {
    const clock = fakeClock()
    const programs = start(clock)
    await programs.run(shell('exit 0'), never)
    clock.advance(60_000)
    expect((await programs.run(shell('exit 0'), never)).code).toBe(0)
  })
})
