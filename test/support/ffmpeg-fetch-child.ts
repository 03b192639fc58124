/** Fetches FFmpeg in a process of its own, which can be killed; says each kind of work that it comes to. */
import { thisSystem, type FfmpegBuild } from '../../src/main/ffmpeg/builds.ts'
import { createFfmpegSupply } from '../../src/main/ffmpeg/supply.ts'
import { systemClock } from '../../src/main/system.ts'
import { testLog } from './log.ts'

const { home, build } = JSON.parse(process.env['PLAN'] ?? '') as { readonly home: string; readonly build: FfmpegBuild }
const supply = createFfmpegSupply({
  home,
  pins: { [thisSystem]: build },
  named: () => '',
  packed: null,
  env: {},
  clock: systemClock,
  log: testLog,
})
supply.fetch()
for await (const { work } of supply.watch(new AbortController().signal)) console.log(work.kind)
