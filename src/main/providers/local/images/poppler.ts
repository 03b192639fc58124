/** PDF through Poppler's programs, where they are installed: they are kept up to date by the system, and crash on their own. */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { JobError } from '../../../../shared/failure.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { Size } from './size.ts'
import { mostPixels } from './trouble.ts'

/** Pixels an inch, unless a size is asked for. */
export const pageDensity = 150
const pointsPerInch = 72
const limitMs = 300_000
const mostBytes = 1 << 30
const mostPages = 10_000

export interface Poppler {
  /** Size in pixels at `pageDensity` of every page, as shown. */
  pages(path: string, signal: AbortSignal): Promise<readonly Size[]>
  /** A page, from 0, as a PNG; `scale` counts from `pageDensity`. */
  page(path: string, page: number, size: Size, scale: number, signal: AbortSignal): Promise<Uint8Array>
}

export function createPoppler(clock: Clock): Poppler {
  async function run(program: string, args: readonly string[], path: string, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted()
    // Alone in its session: Ctrl-C in a terminal is for us, and what becomes of this is then ours to say.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, windowsHide: true })
    const stopped = new AbortController()
    const stop = (reason: unknown): void => {
      stopped.abort(reason)
      child.kill('SIGKILL')
    }
    const onAbort = (): void => stop(signal.reason)
    signal.addEventListener('abort', onAbort)
    const timeKept = clock.after(limitMs, () =>
      stop(new JobError('tool-timeout', { tool: program, seconds: String(limitMs / 1000) })),
    )
    const out: Buffer[] = []
    let bytes = 0
    let said = ''
    child.stdout.on('data', (part: Buffer) => {
      out.push(part)
      bytes += part.length
      if (bytes > mostBytes) stop(new JobError('tool-memory', { reason: `a page of more than ${mostBytes >> 20} MB` }))
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
    try {
      const ending = await new Promise<string | null>((resolve, reject) => {
        child.once('spawn', () => calm(child.pid))
        child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missing() : error))
        child.once('close', (code, signalName) => resolve(code === 0 ? null : (signalName ?? `exit status ${code}`)))
      })
      stopped.signal.throwIfAborted()
      if (ending === null) return Buffer.concat(out)
      if (ending.startsWith('SIG')) throw new JobError('tool-crashed', { tool: program, reason: ending })
      if (/Incorrect password/.test(said)) throw new JobError('source-unreadable', { path, reason: 'protected by a password' })
      throw new JobError('source-damaged', { reason: said.trim().split('\n').at(-1)?.slice(0, 200) ?? ending })
    } finally {
      signal.removeEventListener('abort', onAbort)
      timeKept()
    }
  }

  return {
    pages: async (path, signal) =>
      pagesIn((await run('pdfinfo', ['-f', '1', '-l', String(mostPages), path], path, signal)).toString('utf8')),
    page: async (path, page, size, scale, signal) => {
      const pixels = size.width * size.height * scale * scale
      if (pixels > mostPixels)
        throw new JobError('tool-memory', { reason: `a page of ${Math.round(pixels / 1e6)} million pixels` })
      const number = String(page + 1)
      const args = ['-png', '-singlefile', '-cropbox', '-r', String(pageDensity * scale), '-f', number, '-l', number, path, '-']
      return run('pdftocairo', args, path, signal)
    },
  }
}

/** `Page    3 size: 612 x 792 pts (letter)`, and `Page    3 rot:  90` behind it. */
function pagesIn(text: string): readonly Size[] {
  const turned = new Set([...text.matchAll(/^Page\s+(\d+) rot:\s+(90|270)$/gm)].map(([, page]) => page))
  const pages = [...text.matchAll(/^Page\s+(\d+) size:\s+([\d.]+) x ([\d.]+) pts/gm)].map(([, page, across, down]) => {
    const [width, height] = [across, down].map((points) =>
      Math.max(1, Math.round((Number(points) * pageDensity) / pointsPerInch)),
    )
    const size = { width: width ?? 1, height: height ?? 1 }
    return turned.has(page) ? { width: size.height, height: size.width } : size
  })
  if (pages.length === 0) throw new JobError('source-damaged', { reason: 'it has no pages' })
  return pages
}

/** It may have ended already. */
function calm(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {}
}

function missing(): JobError {
  const hint = 'Install Poppler: `apt install poppler-utils`, `brew install poppler` or `winget install oschwartz10612.Poppler`.'
  return new JobError('tool-missing', { tool: 'poppler-utils (pdftocairo)', hint })
}
