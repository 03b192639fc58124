/**
 * HEIC by the heif-enc of libheif where it is installed: what encodes it cannot come with Beside. libvips makes the picture before, with its words,
 * as a PNG. Apart, as it is a program of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Options } from '../../../../shared/options.ts'
import type { EngineContext, LocalEngine } from '../engine.ts'
import { single } from '../result.ts'
import type { Images } from './images.ts'
import { heicQualityUnlessAsked } from './pairings.ts'

const tool = 'libheif'
const program = 'heif-enc'

export function createHeicWriter({ programs }: Pick<EngineContext, 'programs'>, images: Pick<Images, 'convert'>): LocalEngine {
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
      const { width, height, fit, preserveMetadata, preserveLocation } = order.options
      const drawing: Options = {
        ...(width !== undefined && { width }),
        ...(height !== undefined && { height }),
        ...(fit !== undefined && { fit }),
        ...(preserveMetadata !== undefined && { preserveMetadata }),
        ...(preserveLocation !== undefined && { preserveLocation }),
      }
      // It goes by the endings of what it reads.
      const scratch = await mkdtemp(join(tmpdir(), 'beside-heic-'))
      const parts: Part[] = []
      try {
        const inPng = { ...order, target: 'png', options: drawing, temp: (n: number) => join(scratch, `${n}.png`) } as const
        const pages = await images.convert(inPng, () => {}, signal)
        for (const { temp: png } of pages) {
          const output = order.temp(parts.length)
          parts.push(...(await single(output, 'heic', async () => await encode(png, output, order.options, signal))))
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
