import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'

const launcher = new URL('../../bin/node.mjs', import.meta.url).href

/** A process that hands over to another one, which runs `code`. */
function handOver(code: string): ChildProcess {
  const script = `import(${JSON.stringify(launcher)}).then(({ handOver }) => handOver(process.execPath, ['-e', ${JSON.stringify(code)}]))`
  return spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function ending(child: ChildProcess): Promise<{ readonly code: unknown; readonly output: string }> {
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = await once(child, 'close')
  return { code, output }
}

describe('a process that hands over to a newer Node', () => {
  it('ends with the status of the other one', async () => {
    expect(await ending(handOver('process.exit(3)'))).toEqual({ code: 3, output: '' })
  })

  it('gives it standard input and output untouched', async () => {
    const child = handOver('process.stdin.pipe(process.stdout)')
    child.stdin?.end('a\0b\n')
    expect(await ending(child)).toEqual({ code: 0, output: 'a\0b\n' })
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on once and waits until the other one has ended',
    async (signal) => {
      const child = handOver(`
      let told = 0
      process.on('${signal}', () => { told += 1; setTimeout(() => { console.log('told', told); process.exit(9) }, 50) })
      setInterval(() => {}, 1000)
      console.log('ready')`)
      const ended = ending(child)
      if (child.stdout) await once(child.stdout, 'data')
      child.kill(signal)
      expect(await ended).toEqual({ code: 9, output: 'ready\ntold 1\n' })
    },
  )

  it('says by its status which signal ended the other one', async () => {
    expect(await ending(handOver(`process.kill(process.pid, 'SIGKILL')`))).toEqual({ code: 137, output: '' })
  })
})
