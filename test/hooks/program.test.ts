import { spawn } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runHookProgram } from '../../src/main/hooks/program.ts'
import { createPrograms, type Programs } from '../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../src/main/system.ts'
import type { HookTest } from '../../src/shared/hooks.ts'
import { describe as inWords } from '../../src/shared/describe.ts'
import { fakeClock } from '../support/clock.ts'
import { temporaryFolder } from '../support/folder.ts'
import { processes } from '../support/processes.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { until } from '../support/watching.ts'

leavesNothingOpen()
const started: Programs[] = []
afterAll(async () => void (await Promise.all(started.map(async (programs) => await programs.stop()))))
const never = new AbortController().signal

/** Programs of this machine whose command line begins so. */
function alive(word: string): number {
  return processes().filter(({ line }) => line.startsWith(word)).length
}

async function scene(clock = systemClock) {
  const folder = await temporaryFolder()
  const programs = createPrograms({ clock: systemClock, maxBytes: Infinity })
  started.push(programs)
  const run = async (
    program: string,
    args: readonly string[],
    more: { timeoutMs?: number; body?: string; signal?: AbortSignal } = {},
  ) => {
    const { timeoutMs = 60_000, body = '{}', signal = never } = more
    const told = { body, variables: { BESIDE_SOURCE: "a 'file' $(rm -rf x).wav" }, timeoutMs }
    return await runHookProgram({ kind: 'program', program, args: [...args] }, told, { programs, clock, folder }, signal)
  }
  return { folder, run, shell: async (script: string, more = {}) => await run('sh', ['-c', script], more) }
}

function saying({ why }: HookTest): string | null {
  return why === null ? null : inWords(why).message
}

describe('the program of a hook', () => {
  it('gets its arguments as they are, the facts in its environment and on standard input, and runs in the folder that is said', async () => {
    const { folder, run } = await scene()
    const args = ['$(touch harm)', '; rm *', '-n', '"', "it's", '', 'line\nbreak', '*', '%PATH%', '–é夕']
    const print =
      'console.log(JSON.stringify([process.argv.slice(1), process.env.BESIDE_SOURCE, require("fs").readFileSync(0, "utf8"), process.cwd()]))'
    const { answer, output } = await run(process.execPath, ['-e', print, '--', ...args], { body: '{"a":1}' })
    expect([answer?.status, JSON.parse(output)]).toEqual([0, [args, "a 'file' $(rm -rf x).wav", '{"a":1}', folder]])
  })

  it('is told nothing of the keys that Beside was given', async () => {
    process.env['BESIDE_KEY_XCONVERT'] = 'a-secret-key'
    const { shell } = await scene()
    const { output } = await shell('env')
    delete process.env['BESIDE_KEY_XCONVERT']
    expect([output.includes('a-secret-key'), output.includes('BESIDE_SOURCE=')]).toEqual([false, true])
  })

  it('that fails says how, with what it printed on either output, in order', async () => {
    const { shell } = await scene()
    const ended = await shell('echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three; exit 3')
    expect([saying(ended), ended.output]).toEqual(['The hook failed: sh exited with status 3.', 'one\ntwo\nthree\n'])
    expect(saying(await shell('kill -SEGV $$'))).toBe('The hook failed: sh was ended by SIGSEGV.')
  })

  it.each([
    ['that is not there', '/nowhere/notify', [], 'The hook failed: notify was not found.'],
    [
      'with arguments that are too long for the system',
      'true',
      ['x'.repeat(200_000)],
      'The hook failed: it could not be started (E2BIG).',
    ],
  ])('%s is named', async (_, program, args, message) => {
    const { run, shell } = await scene()
    expect(saying(await run(program, args))).toBe(message)
    // What starts programs has survived it.
    expect(saying(await shell('exit 0'))).toBeNull()
  })

  it('that may not be run says so', async () => {
    const { folder, run } = await scene()
    await writeFile(join(folder, 'plain.txt'), 'no program')
    await chmod(join(folder, 'plain.txt'), 0o644)
    expect(saying(await run(join(folder, 'plain.txt'), []))).toBe('The hook failed: it could not be started (EACCES).')
  })

  it('is killed at its time limit with all that it started, and what it had printed by then is kept', async () => {
    const clock = fakeClock()
    const { shell } = await scene(clock)
    const running = shell('echo begun; sleep 86501 & sleep 86502 & wait', { timeoutMs: 90_000 })
    await until(() => alive('sleep 8650') >= 2)
    clock.advance(89_000)
    const before = alive('sleep 8650')
    clock.advance(1_000)
    const ended = await running
    expect([before, saying(ended), ended.output, alive('sleep 8650')]).toEqual([
      2,
      'The hook failed: it took longer than 90 s.',
      'begun\n',
      0,
    ])
  })

  it('may stand still for longer than a program that converts', async () => {
    const clock = fakeClock()
    const { shell } = await scene(clock)
    const running = shell('cat pipe; exit 2', { timeoutMs: 600_000 })
    clock.advance(500_000)
    // It ends by itself, since there is no such pipe; nobody has stopped it before.
    expect(saying(await running)).toBe('The hook failed: sh exited with status 2.')
  })

  it('may leave others behind that hold its output: it has ended when it has', async () => {
    const { shell } = await scene()
    const ended = await shell('sleep 86503 & echo done')
    const left = processes().filter(({ line }) => line.startsWith('sleep 86503'))
    for (const { pid } of left) process.kill(pid, 'SIGKILL')
    expect([saying(ended), ended.output, left.length]).toEqual([null, 'done\n', 1])
  })

  it('may print without end: the beginning and the end are kept, and what is missing is marked', async () => {
    const { shell } = await scene()
    const { output } = await shell('echo first; yes 0123456789 | head -c 5000000; echo; echo last')
    expect([output.length < 70_000, output.startsWith('first\n'), output.includes('\n[…]\n'), output.endsWith('last\n')]).toEqual(
      [true, true, true, true],
    )
  })

  it('is gone when a stop ends it', async () => {
    const { shell } = await scene()
    const stopping = new AbortController()
    const running = shell('sleep 86504 & wait', { signal: stopping.signal })
    await until(() => alive('sleep 86504') > 0)
    stopping.abort(new Error('Beside stops'))
    await expect(running).rejects.toThrow('Beside stops')
    expect(alive('sleep 86504')).toBe(0)
  })

  it('may end without reading its input', async () => {
    const { shell } = await scene()
    expect(saying(await shell('exec 0<&-; exit 0', { body: 'x'.repeat(1_000_000) }))).toBeNull()
  })

  it('of which a part is killed while Beside is killed is gone as well', async () => {
    const folder = await temporaryFolder()
    const [file, program] = ['../../src/main/providers/local/process/programs.ts', '../../src/main/hooks/program.ts'].map(
      (path) => new URL(path, import.meta.url).pathname,
    )
    const script = `
      const { createPrograms } = await import(${JSON.stringify(file)})
      const { runHookProgram } = await import(${JSON.stringify(program)})
      const clock = { after: () => () => {}, nowMs: () => 0 }
      const programs = createPrograms({ clock, maxBytes: Infinity })
      const action = { kind: 'program', program: 'sh', args: ['-c', 'sleep 86505 & echo $$ > pid; wait'] }
      void runHookProgram(action, { body: '', variables: {}, timeoutMs: 1e9 }, { programs, clock, folder: ${JSON.stringify(folder)} }, new AbortController().signal)
    `
    const beside = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
    const gone = new Promise((resolve) => beside.once('exit', resolve))
    await until(async () => (await readFile(join(folder, 'pid'), 'utf8').catch(() => '')) !== '' && alive('sleep 86505') > 0)
    beside.kill('SIGKILL')
    await gone
    await until(() => alive('sleep 86505') === 0)
    expect(alive('sleep 86505')).toBe(0)
  })
})
