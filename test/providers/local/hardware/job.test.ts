import { join } from 'node:path'
import { expect, it } from 'vitest'
import { testBeside, ended, outputsOf } from '../../../support/beside.ts'
import { deviceFfmpeg, type DeviceFfmpeg } from '../../../support/device-ffmpeg.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { ffprobe, ownSource } from '../../../support/media.ts'
import { leavesNothingOpen } from '../../../support/quiet.ts'

leavesNothingOpen()

const film = async () =>
  await ownSource('job.mov', [...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1', '-c:v', 'mjpeg', '-q:v', '3']])

/** What came of one job of a Beside of its own over a data folder, and that Beside's end. */
async function converted(folder: string, ffmpeg: DeviceFfmpeg) {
  const beside = await testBeside(folder)
  beside.engine.change({ ffmpegPath: ffmpeg.path })
  const options = { videoCodec: 'h264', speed: 'fast' } as const
  const { jobs, refused } = await beside.convert([await film()], 'mp4', { options, out: join(folder, 'out') })
  await beside.stop()
  const [job] = jobs
  if (job === undefined) throw new Error(`no job: ${JSON.stringify(refused)}`)
  const { state } = job
  const codecs = await Promise.all(outputsOf(job).map(async (path) => (await ffprobe(path)).streams[0]?.codec_name))
  const [by, notes] = state.phase === 'done' ? [state.outputs[0]?.by, state.notes] : [undefined, []]
  return { ended: ended(job), by, notes, lane: job.lane, codecs }
}

it('a job says what encoded it, and the next Beside over the same data knows the device without a trial', async () => {
  const folder = await temporaryFolder()
  const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'works' })
  const results = [await converted(folder, ffmpeg), await converted(folder, ffmpeg)]
  const common = { ended: 'done', by: 'FFmpeg, NVENC', notes: [], codecs: ['h264'] }
  expect(results).toEqual([
    { ...common, lane: 'local:video' },
    { ...common, lane: 'local:hardware' },
  ])
  expect(ffmpeg.asked()).toEqual(['trial h264_nvenc', 'film h264_nvenc', 'film h264_nvenc'])
})

it('a job of a device that fails is done in software, and its note names the device and why', async () => {
  const ffmpeg = await deviceFfmpeg({ h264_nvenc: 'dies' })
  expect(await converted(await temporaryFolder(), ffmpeg)).toEqual({
    ended: 'done',
    by: undefined,
    notes: [
      {
        what: 'said',
        code: 'hardware-failed',
        device: 'NVENC',
        reason: 'EncodePicture failed!: unknown error (20): internal error',
      },
    ],
    lane: 'local:video',
    codecs: ['h264'],
  })
})
