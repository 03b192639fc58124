/**
 * PostScript, and PDF for archives, by the ghostscript that is installed: it may read its one source and write its one result. Being under the AGPL it
 * stays a program of its own. Apart, as it is one.
 */
import { rm } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Options } from '../../../../shared/options.ts'
import type { LocalEngine, EngineContext } from '../engine.ts'
import { srgbProfile } from '../images/icc.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import { single } from '../result.ts'
import { maxPages } from './page.ts'
import type { Pdf } from './pdf.ts'

const tool = 'Ghostscript'
const program = process.platform === 'win32' ? 'gswin64c' : 'gs'
const quietly = ['-dSAFER', '-dBATCH', '-dNOPAUSE', '-q', '-sDEVICE=pdfwrite'] as const

export function createGhostscript({ programs }: Pick<EngineContext, 'programs'>, pdf: Pick<Pdf, 'engine'>): LocalEngine {
  async function run(args: readonly string[], path: string, output: string, signal: AbortSignal): Promise<void> {
    // A percent sign would be a place for the number of the page.
    const to = `-sOutputFile=${output.replaceAll('%', '%%')}`
    const {
      code,
      signal: killed,
      errors,
    } = await programs.run({ program, args: [...quietly, to, ...args, path], stdin: null }, signal)
    if (code === null) throw new JobError('tool-crashed', { tool, ...(killed !== null && { reason: killed }) })
    if (code !== 0) {
      const reason = /^Error: .*|^ *\*\*\*\* *Error.*/m.exec(errors)?.[0].trim().slice(0, 200)
      throw new JobError('source-damaged', { path, ...(reason === undefined ? { because: 'not-decodable' } : { reason }) })
    }
  }

  async function drawn(order: ProviderOrder, path: string, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    const between = order.temp(maxPages)
    try {
      await run(['-dEPSCrop'], path, between, signal)
      const source = { kind: 'file', path: between, bytes: 0, mtimeMs: 0 } as const
      return await pdf.engine.convert({ ...order, source, from: 'pdf', facts: null }, report, signal)
    } finally {
      await rm(between, { force: true })
    }
  }

  return {
    version: async (signal) => {
      try {
        const { code, output } = await programs.run({ program, args: ['--version'], stdin: null }, signal)
        return code === 0 ? `${tool} ${Buffer.from(output).toString().trim()}` : null
      } catch (error) {
        if (error instanceof JobError && error.failure.code === 'tool-missing') return null
        throw error
      }
    },
    takes: ({ from, options }) => from !== 'pdf' || options.pdfa !== undefined,
    convert: async (order, report, signal): Promise<readonly Part[]> => {
      const { source, from, target, options } = order
      if (source.kind !== 'file') throw new JobError('source-not-local')
      if (target !== 'pdf') return await drawn(order, source.path, report, signal)
      const args =
        from === 'pdf'
          ? archival(options.pdfa ?? '2b')
          : ['-dEPSCrop', ...(options.pdfa === undefined ? [] : archival(options.pdfa))]
      return await single(order.temp(0), 'pdf', async (output) => await run(args, source.path, output, signal))
    },
    stop: async () => {},
  }
}

/** Colours are told by a profile within the file, as the standard wants it. */
function archival(level: NonNullable<Options['pdfa']>): readonly string[] {
  const profile = srgbProfile().toString('hex')
  const intent = `
    [/_objdef {icc} /type /stream /OBJ pdfmark [{icc} <</N 3>> /PUT pdfmark [{icc} <${profile}> /PUT pdfmark
    [/_objdef {intent} /type /dict /OBJ pdfmark
    [{intent} <</Type /OutputIntent /S /GTS_PDFA1 /DestOutputProfile {icc} /OutputConditionIdentifier (sRGB)>> /PUT pdfmark
    [{Catalog} <</OutputIntents [ {intent} ]>> /PUT pdfmark`
  const colours = ['-sColorConversionStrategy=RGB', '-sProcessColorModel=DeviceRGB']
  // What the standard forbids is left out rather than the whole refused.
  return [`-dPDFA=${level.slice(0, 1)}`, '-dPDFACompatibilityPolicy=1', ...colours, '-c', intent, '-f']
}
