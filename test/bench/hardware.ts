/** Whether a quality is the same by a device and in software, for each device that works here: no more apart than `maxApart`. */
import { join } from 'node:path'
import { createFfmpeg } from '../../src/main/providers/local/media/ffmpeg.ts'
import { opening } from '../../src/main/providers/local/media/hardware/device-plan.ts'
import { driversOf } from '../../src/main/providers/local/media/hardware/drivers.ts'
import { createHardware } from '../../src/main/providers/local/media/hardware/hardware.ts'
import { videoTargets } from '../../src/main/providers/local/media/targets.ts'
import { planVideoStream } from '../../src/main/providers/local/media/video.ts'
import { createPrograms } from '../../src/main/providers/local/process/programs.ts'
import { systemClock } from '../../src/main/system.ts'
import { qualities } from '../../src/shared/options.ts'
import { clips, encoded } from './clips.ts'
import { figure, type Figure } from './figures.ts'
import { silentLog, withFolder } from './scene.ts'

/** Of SSIM. */
const maxApart = 0.02
const stream = { codec: 'ffv1', width: 1280, height: 720, fps: 25, rotation: 0, hdr: false, bitDepth: 8 } as const

export async function hardware(seconds: number): Promise<readonly Figure[]> {
  const programs = createPrograms({ clock: systemClock, maxBytes: 2 ** 40 })
  const place = () => ({ from: 'path', path: null }) as const
  let kept: unknown = null
  const devices = createHardware({
    ...{ ffmpeg: createFfmpeg(place, programs), place, drivers: driversOf(), clock: systemClock, log: silentLog },
    ...{ platform: process.platform, width: () => undefined },
    memory: { read: () => kept, write: (value) => void (kept = value) },
  })
  const figures: Figure[] = []
  try {
    await withFolder(async (folder) => {
      for (const videoCodec of ['h264', 'h265', 'vp9', 'av1'] as const) {
        const found = await devices.find({ codec: videoCodec, isDeep: false }, new AbortController().signal)
        if (found.device === null) {
          const why = found.refusals.map(({ title, reason }) => `${title}: ${reason}`).join('; ')
          console.error(`  ${videoCodec}: no device${why === '' ? '' : ` (${why})`}`)
          continue
        }
        const { device } = found
        for (const clip of await clips(folder, seconds))
          for (const quality of qualities) {
            const plan = { from: 'mkv', stream, target: videoTargets.mkv, encoders: null, lastsMs: seconds * 1000 } as const
            const outputOf = (by: typeof device | null) =>
              planVideoStream({ ...plan, options: { videoCodec, quality }, device: by }, 'v:0')
            const own = { before: opening(device), output: outputOf(device) }
            const byDevice = await encoded(clip, own, join(folder, 'device.mkv'))
            const inSoftware = await encoded(clip, { before: [], output: outputOf(null) }, join(folder, 'software.mkv'))
            const apart = Math.abs(byDevice.ssim - inSoftware.ssim)
            const what = `${device.kind.title} ${videoCodec} ${quality}, ${clip.name}: SSIM apart from software`
            console.error(`  ${what}: ${apart.toFixed(4)}${apart > maxApart ? ', TOO MUCH' : ''}`)
            figures.push(figure(what, '', [apart], `≤ ${maxApart}`))
          }
      }
    })
  } finally {
    await programs.stop()
  }
  return figures
}
