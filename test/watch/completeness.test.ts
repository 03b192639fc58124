import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createWriters, missingOf } from '../../src/main/watch/completeness.ts'
import { fingerprintOf } from '../../src/main/files/fingerprint.ts'
import { systemClock } from '../../src/main/system.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { stoppableClock } from '../support/clock.ts'
import { writeTone } from '../support/tone.ts'

leavesNothingOpen()

const forever = new AbortController().signal

describe('a fingerprint', () => {
  it('is of the contents alone, and tells a change at either end, and of any length between them', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'a')
    const bytes = Buffer.alloc(1_000_000, 7)
    await writeFile(path, bytes)
    await writeFile(join(folder, 'copy'), bytes)
    const prints = [await fingerprintOf(path), await fingerprintOf(join(folder, 'copy'))]
    // A film that is the same but for what is in its middle.
    for (const [from, to] of [
      [0, 1],
      [999_999, 1_000_000],
      [300_000, 700_000],
    ] as const) {
      await writeFile(path, Buffer.from(bytes).fill(8, from, to))
      prints.push(await fingerprintOf(path))
    }
    await writeFile(path, bytes.subarray(1))
    prints.push(await fingerprintOf(path))
    expect({ copyIsAlike: prints[0] === prints[1], different: new Set(prints).size }).toEqual({ copyIsAlike: true, different: 5 })
  })

  it.each([0, 1, 65_536, 65_537, 131_072, 131_073, 131_080])('covers a file of %i bytes', async (size) => {
    const path = join(await temporaryFolder(), 'a')
    await writeFile(path, Buffer.alloc(size))
    expect(await fingerprintOf(path)).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('a file that says how long it is', () => {
  it('is cut off while it is shorter, and while its end is not written', async () => {
    const path = join(await temporaryFolder(), 'a.wav')
    await writeTone(path, 1)
    const file = await open(path, 'r+')
    const whole = await missingOf(file)
    await file.truncate(10_000)
    const half = await missingOf(file)
    await writeFile(path, Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(100_000)]))
    const unwritten = await missingOf(file)
    await file.close()
    expect({ whole, half, unwritten }).toEqual({
      whole: null,
      half: { declared: 16_044, bytes: 10_000 },
      unwritten: { unwritten: 4096 },
    })
  })
})

describe.runIf(process.platform === 'linux')('a file that a program writes to', () => {
  it('is held as long as it is open for writing, also under the name of a link; who reads holds nothing', async () => {
    const folder = await temporaryFolder()
    const [path, link] = [join(folder, 'a'), join(folder, 'link')]
    await symlink(path, link)
    const writers = createWriters(systemClock, 'linux', forever)
    const writer = spawn('sh', ['-c', 'exec 3> "$0"; echo; read -r _', path], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(writer.stdout, 'data')
    const writing = [await writers.isHeld(path, systemClock.nowMs()), await writers.isHeld(link, systemClock.nowMs())]
    writer.stdin.end()
    await once(writer, 'close')
    const reader = await open(path, 'r')
    const after = await writers.isHeld(path, systemClock.nowMs())
    await reader.close()
    expect({ writing, after }).toEqual({ writing: [true, true], after: false })
  })

  it('is told when the clock was set back as well: nobody waits for the old time to come round', async () => {
    const path = join(await temporaryFolder(), 'a')
    await writeFile(path, 'a')
    const clock = stoppableClock()
    const writers = createWriters(clock, 'linux', forever)
    const beforeMs = clock.nowMs()
    const first = await writers.isHeld(path, beforeMs)
    clock.set(-864_000_000)
    expect({ first, later: await writers.isHeld(path, beforeMs) }).toEqual({ first: false, later: false })
  })
})
