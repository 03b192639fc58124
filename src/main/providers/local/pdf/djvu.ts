/** DjVu to PDF by DjVuLibre where that is installed. Apart, as its program does all of it. */
import { JobError } from '../../../../shared/failure.ts'
import type { LocalEngine, EngineContext } from '../engine.ts'
import { single } from '../result.ts'

const tool = 'DjVuLibre'

export function createDjvu({ programs }: Pick<EngineContext, 'programs'>): LocalEngine {
  return {
    version: async (signal) => {
      try {
        const { errors, output } = await programs.run({ program: 'ddjvu', args: ['--help'], stdin: null }, signal)
        const [, found] = /DjVuLibre-([\d.]+)/.exec(`${errors}${Buffer.from(output).toString()}`) ?? []
        return found === undefined ? tool : `${tool} ${found}`
      } catch (error) {
        if (error instanceof JobError && error.failure.code === 'tool-missing') return null
        throw error
      }
    },
    convert: async ({ source, temp, options }, _report, signal) => {
      if (source.kind !== 'file') throw new JobError('source-not-local')
      const { path } = source
      return await single(temp(0), 'pdf', async (output) => {
        const pages = options.pages === undefined ? [] : [`-page=${options.pages.replaceAll(/-(?=,|$)/g, '-$')}`]
        const { code, errors } = await programs.run(
          { program: 'ddjvu', args: ['-format=pdf', '-quality=85', ...pages, path, output], stdin: null },
          signal,
        )
        if (code === 0) return
        const reason = errors.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
        throw new JobError('source-damaged', { path, ...(reason === '' ? { because: 'not-decodable' } : { reason }) })
      })
    },
    stop: async () => {},
  }
}
