/** What the tests of sound and film share: this machine as a provider, and one conversion with it. */
import { afterAll, expect } from 'vitest'
import { createLocal, type LocalProvider } from '../../../src/main/providers/local/local.ts'
import type { Reporter } from '../../../src/main/providers/provider.ts'
import { systemClock } from '../../../src/main/system.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { Options } from '../../../src/shared/options.ts'
import { namedFfmpeg, onPath } from '../../support/ffmpeg-place.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testLog } from '../../support/log.ts'
import { orderIn } from '../../support/order.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'

export interface Machine {
  readonly local: LocalProvider
  /** Path of the result. */
  convert(path: string, target: FormatId, options?: Options, report?: Reporter, signal?: AbortSignal): Promise<string>
}

export const never = new AbortController().signal

/** Ends with the test file, and fails it where something is left running. */
export function startMachine(ffmpegPath: string | null = null): Machine {
  leavesNothingOpen()
  const local = createLocal({
    clock: systemClock,
    log: testLog,
    cores: 2,
    ffmpegPlace: ffmpegPath === null ? onPath : namedFfmpeg(ffmpegPath),
  })
  afterAll(async () => await local.stop())
  return {
    local,
    convert: async (path, target, options = {}, report = () => {}, signal = never) => {
      const facts = await local.inspect(path, never)
      const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
      const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options, facts })
      const submitted = await local.submit(order, report, signal)
      if (submitted.kind !== 'converted') throw new Error('no parts')
      expect(submitted.parts).toMatchObject([{ temp: order.temp(0), name: null, format: target }])
      return order.temp(0)
    },
  }
}
