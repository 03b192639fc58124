import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'

const tools = new URL('../../tools/', import.meta.url)

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})

async function run(code: string, path: string): Promise<{ readonly output: string; readonly errors: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, env: { PATH: path } })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { output, errors }
}

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, name), 0o755)
}

describe('setup looks for FFmpeg', () => {
  const ensure = `
    const { ensure, known } = await import(${JSON.stringify(new URL('programs.mjs', tools).href)})
    console.log(ensure(known.ffmpeg))`

  it('and says nothing where both programs are there', async () => {
    await program('ffmpeg', '')
    await program('ffprobe', '')
    expect(await run(ensure, folder)).toEqual({ output: 'true\n', errors: '' })
  })

  it('and says what to do where nothing can install it', async () => {
    await program('ffmpeg', '')
    const { output, errors } = await run(ensure, folder)
    expect([output, errors.includes('FFmpeg is missing'), errors.includes('ffmpeg.org')]).toEqual(['false\n', true, true])
  })

  it('and types the name of the system’s own manager', async () => {
    await program('dnf', '')
    expect((await run(ensure, folder)).errors).toContain('sudo dnf install ffmpeg-free')
  })

  it('and installs it with a manager that asks nothing', async () => {
    await program(
      'brew',
      `[ "$*" = "install ffmpeg" ] && for name in ffmpeg ffprobe; do echo '#!/bin/sh' > '${folder}'/$name; /bin/chmod +x '${folder}'/$name; done`,
    )
    expect(await run(ensure, folder)).toEqual({ output: 'true\n', errors: 'setup: Installing ffmpeg with brew.\n' })
  })

  it('and tells why the manager failed, and what to type', async () => {
    await program('brew', 'echo "no bottle today" >&2; exit 1')
    const { output, errors } = await run(ensure, folder)
    expect([output, /no bottle today/.test(errors), /Type `brew install ffmpeg`/.test(errors)]).toEqual(['false\n', true, true])
  })
})

describe('two setups of one checkout', () => {
  it('work one after the other', async () => {
    const log = join(folder, 'log')
    const code = `
      import { appendFileSync } from 'node:fs'
      const { alone } = await import(${JSON.stringify(new URL('alone.mjs', tools).href)})
      alone('lock', () => {
        appendFileSync('log', 'in ')
        for (let n = 0; n < 2e7; n++);
        appendFileSync('log', 'out ')
      })`
    await Promise.all([run(code, ''), run(code, ''), run(code, '')])
    expect([await readFile(log, 'utf8'), await readdir(folder)]).toEqual(['in out in out in out ', ['log']])
  })

  it('are not held up by one that was killed', async () => {
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'close')
    await writeFile(join(folder, 'lock'), String(gone.pid))
    const code = `
      const { alone } = await import(${JSON.stringify(new URL('alone.mjs', tools).href)})
      console.log(alone('lock', () => 'done'))`
    expect((await run(code, '')).output).toBe('done\n')
  })
})
