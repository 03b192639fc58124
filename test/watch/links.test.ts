import { execFileSync } from 'node:child_process'
import { copyFile, link, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { until, watching } from '../support/watching.ts'

leavesNothingOpen()

describe('a file with several names', () => {
  it('is converted once, under the first that is seen, when all are seen in one look', async () => {
    const { add, drop, aside, tone, settled, ledger, done } = await watching()
    await mkdir(join(aside, 'set'))
    await copyFile(tone, join(aside, 'set', 'a.wav'))
    await link(join(aside, 'set', 'a.wav'), join(aside, 'set', 'b.wav'))
    await link(join(aside, 'set', 'a.wav'), join(aside, 'set', 'c.wav'))
    execFileSync('mv', [join(aside, 'set'), drop])
    await add({ recursive: true })
    await settled()
    const states = ledger().filter((text) => text.includes('.wav'))
    expect({ states: states.map((text) => text.slice(9)).toSorted(), done: done() }).toEqual({
      states: [': done converted', ': left same-file', ': left same-file'],
      done: 1,
    })
  })

  it('gets another one later, and is not converted again', async () => {
    const { add, drop, tone, settled, looked, ledger, done } = await watching()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await link(join(drop, 'take.wav'), join(drop, 'other.wav'))
    await settled()
    await looked()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['other.wav: left same-file', 'take.mp3: left own-output', 'take.wav: done converted'],
      done: 1,
    })
  })

  it('loses the first before its turn, and is converted under the other', async () => {
    const { add, drop, tone, clock, line, settled, files, done } = await watching({ timings: { gatherMs: 0 } })
    await add()
    await clock.still(async () => {
      await copyFile(tone, join(drop, 'first.wav'))
      await until(() => line('first.wav')?.state === 'waiting')
      await link(join(drop, 'first.wav'), join(drop, 'second.wav'))
      await until(() => line('second.wav')?.why.code === 'same-file')
      await rm(join(drop, 'first.wav'))
    })
    await until(() => line('second.wav')?.why.code !== 'same-file')
    await settled()
    expect({ files: await files(), done: done() }).toEqual({ files: ['second.mp3', 'second.wav'], done: 1 })
  })
})

describe('a link', () => {
  it('to a file elsewhere is converted where the link is', async () => {
    const { add, drop, tone, settled, files, done } = await watching()
    await add()
    await symlink(tone, join(drop, 'linked.wav'))
    await settled()
    expect({ files: await files(), done: done() }).toEqual({ files: ['linked.mp3', 'linked.wav'], done: 1 })
  })

  it('to a file of the same tree is another name of it', async () => {
    const { add, drop, tone, settled, ledger, done } = await watching()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    await symlink('take.wav', join(drop, 'alias.wav'))
    await settled()
    expect({ ledger: ledger().filter((text) => text.includes('.wav')), done: done() }).toEqual({
      ledger: ['alias.wav: left same-file', 'take.wav: done converted'],
      done: 1,
    })
  })

  it('to nothing is nothing until there is something', async () => {
    const { add, drop, aside, tone, looked, settled, lines, files } = await watching()
    await add()
    await symlink(join(aside, 'later.wav'), join(drop, 'linked.wav'))
    await looked()
    const before = lines().length
    await copyFile(tone, join(aside, 'later.wav'))
    await looked()
    await settled()
    expect({ before, files: await files() }).toEqual({ before: 0, files: ['linked.mp3', 'linked.wav'] })
  })

  it('to itself, or to a folder above it, leads nowhere', async () => {
    const { add, drop, tone, settled, looked, ledger, done } = await watching()
    await add({ recursive: true })
    await mkdir(join(drop, 'deep', 'deeper'), { recursive: true })
    await symlink('circle.wav', join(drop, 'circle.wav'))
    await symlink(drop, join(drop, 'deep', 'deeper', 'up'))
    await symlink('../deep', join(drop, 'deep', 'again'))
    await copyFile(tone, join(drop, 'deep', 'take.wav'))
    await settled()
    await looked()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['circle.wav: left link-loop', 'deep/take.mp3: left own-output', 'deep/take.wav: done converted'],
      done: 1,
    })
  })

  it('on the way to the watched folder, or to that of its results, changes nothing', async () => {
    const { add, drop, aside, tone, settled, ledger, done } = await watching()
    await mkdir(join(drop, 'flac'))
    await symlink(drop, join(aside, 'way'))
    const flac = { target: 'flac', preset: null, options: {} } as const
    await add({ path: join(aside, 'way'), out: join(aside, 'way', 'flac', 'new'), recursive: true, outputs: [flac] })
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    expect({ ledger: ledger(), done: done() }).toEqual({
      ledger: ['take.wav: done converted'],
      done: 1,
    })
  })
})

describe('what is no file', () => {
  it('has a line that says so, and is never opened', async () => {
    const { add, drop, settled, ledger } = await watching()
    await add()
    execFileSync('mkfifo', [join(drop, 'pipe.wav')])
    await mkdir(join(drop, 'folder.wav'))
    await writeFile(join(drop, 'text.txt'), 'text')
    await settled()
    expect(ledger()).toEqual(['pipe.wav: left special-file', 'text.txt: left pair-unsupported'])
  })

  it.runIf(process.platform === 'linux')('has a name that is no text, and says so', async () => {
    const { add, drop, tone, settled, looked, lines } = await watching()
    await add()
    await copyFile(tone, Buffer.concat([Buffer.from(`${drop}/caf`), Buffer.from([0xe9]), Buffer.from('.wav')]))
    await until(() => lines().length > 0)
    await settled()
    await looked()
    expect(lines().map(({ state, why, gone }) => `${state} ${why.code} ${gone}`)).toEqual(['left source-unreadable false'])
  })
})
