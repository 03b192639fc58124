/**
 * HEIC by the heif-enc of libheif where it is installed: what encodes it cannot come with Beside. Whoever reads the picture makes it a PNG before, with its words,
 * upright. Apart, as it is a program of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Options } from '../../../../shared/options.ts'
import type { EngineContext, LocalEngine } from '../engine.ts'
import { single } from '../result.ts'
import { heicQualityUnlessAsked } from './heic-pairings.ts'

const tool = 'libheif'
const program = 'heif-enc'

export function createHeicWriter({ programs }: Pick<EngineContext, 'programs'>, draw: LocalEngine['convert']): LocalEngine {
  async function encode(png: string, output: string, { imageQuality }: Options, signal: AbortSignal): Promise<void> {
    const args = ['-q', String(imageQuality ?? heicQualityUnlessAsked), '-o', output, png]
    const { code, signal: killed, errors } = await programs.run({ program, args, stdin: null }, signal)
    if (code === 0) return
    if (code === null) throw new JobError('tool-crashed', { tool, ...(killed !== null && { reason: killed }) })
    throw new JobError('tool-failed', { tool, reason: errors.trim().split('\n').at(-1)?.slice(0, 200) ?? '' })
  }

  return {
    version: async (signal) => {
      try {
        const { errors, output } = await programs.run({ program, args: ['--help'], stdin: null }, signal)
        const [, found] = /libheif version: ([\d.]+)/.exec(`${errors}${Buffer.from(output).toString()}`) ?? []
        return found === undefined ? tool : `${tool} ${found}`
      } catch (error) {
        if (error instanceof JobError && error.failure.code === 'tool-missing') return null
        throw error
      }
    },
    convert: async (order, report, signal) => {
      const { width, height, fit, preserveMetadata, preserveLocation, raw } = order.options
      const drawing: Options = {
        ...(width !== undefined && { width }),
        ...(height !== undefined && { height }),
        ...(fit !== undefined && { fit }),
        ...(preserveMetadata !== undefined && { preserveMetadata }),
        ...(preserveLocation !== undefined && { preserveLocation }),
        ...(raw !== undefined && { raw }),
      }
      // It goes by the endings of what it reads.
      const scratch = await mkdtemp(join(tmpdir(), 'beside-heic-'))
      const parts: Part[] = []
      try {
        const inPng = { ...order, target: 'png', options: drawing, temp: (n: number) => join(scratch, `${n}.png`) } as const
        const pages = await draw(inPng, () => {}, signal)
        for (const { temp: png, said } of pages) {
          const output = order.temp(parts.length)
          const made = await single(output, 'heic', async () => await encode(png, output, order.options, signal))
          parts.push(...made.map((part) => ({ ...part, ...(said !== undefined && { said }) })))
          report({ stage: 'converting', done: parts.length / pages.length })
        }
        return parts
      } catch (error) {
        await Promise.all(parts.map(async ({ temp }) => await rm(temp, { force: true })))
        throw error
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    },
    stop: async () => {},
  }
}
