/** A fleet over a real network file system: head and machines have a mount of their own, each with its own memory of what is there. */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, outputsOf } from '../support/beside.ts'
import { hasPostgres, testFleet } from '../support/fleet.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { smbCanBeMounted, smbShare } from '../support/smb.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const here = { timeout: 180_000 }
const names = ['song.wav', 'Ä ö ü.wav', 'Café.wav', "it's -a song.wav", `${'a very '.repeat(20)}long name.wav`]

describe.skipIf(!hasPostgres || !smbCanBeMounted)('a fleet over SMB (needs root, FUSE, smbd and smbnetfs)', () => {
  it(
    'converts what the head sees through one mount and the machine through another, and leaves nothing behind',
    here,
    async () => {
      const share = await smbShare()
      const { beside, media, machine, leftOvers } = await testFleet({}, await share.mount())
      const render = await machine('render-01', { storage: await share.mount() })
      const folder = join(media, 'A 001')
      await mkdir(folder)
      const sources = names.map((name) => join(folder, name))
      for (const source of sources) await writeTone(source, 1)
      const { jobs } = await beside.convert(sources, 'flac', { with: 'fleet' })
      // This client refuses a file for a while of which it could not make a link, so that one of the proof may stay.
      const left = (await leftOvers()).filter((name) => !name.startsWith('.beside-probe-'))
      const behind = (await readdir(join(share.back, 'A 001'))).toSorted()
      const sizes = await Promise.all(jobs.flatMap(outputsOf).map(async (path) => (await stat(path)).size > 0))
      render.started.process.kill('SIGTERM')
      const { out } = await render.started.ended
      expect({ jobs: jobs.map(ended), behind, sizes, left, failed: /failed: .*/.exec(out)?.[0] }).toEqual({
        jobs: names.map(() => 'done'),
        behind: names.flatMap((name) => [name, name.replace(/wav$/, 'flac')]).toSorted(),
        sizes: names.map(() => true),
        left: [],
        failed: undefined,
      })
    },
  )
})
