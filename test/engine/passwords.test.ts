import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPasswords } from '../../src/main/engine/passwords.ts'
import type { SecretName } from '../../src/main/engine/ports.ts'
import { optionTexts, parseOptions } from '../../src/shared/options.ts'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { pdfOf } from '../providers/local/images/studio.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const canary = 'canary-Zp7!ü-4711'
const plainCanary = 'canary-Zp7!-4711'

function keys(canKeep = true) {
  const kept = new Map<SecretName, string>()
  return {
    kept,
    get: async (name: SecretName) => kept.get(name) ?? null,
    set: async (name: SecretName, secret: string) => {
      if (!canKeep) throw new Error('no key store')
      kept.set(name, secret)
    },
  }
}
let drawn = 0
const random = { key: () => `key ${(drawn += 1)}` }

describe('a password', () => {
  it('is sealed to a text that only its own key opens, the same text each time', async () => {
    const secrets = keys()
    const one = createPasswords(secrets, random)
    const sealed = await one.seal({ password: canary, protect: 'other', dpi: 150 })
    const again = await createPasswords(secrets, random).seal({ password: canary })
    const opened = await createPasswords(secrets, random).open(sealed)
    const elsewhere = createPasswords(keys(), random)
    expect(JSON.stringify(sealed)).not.toContain(canary)
    expect(sealed).toMatchObject({ dpi: 150, password: again.password })
    expect(opened).toEqual({ password: canary, protect: 'other', dpi: 150 })
    expect(await one.seal(sealed)).toEqual(sealed)
    const looksSealed = await one.seal({ password: 'sealed:by nobody' })
    expect([looksSealed.password, await one.open(looksSealed)]).toEqual([
      expect.not.stringContaining('by nobody'),
      { password: 'sealed:by nobody' },
    ])
    await expect(elsewhere.open(sealed)).rejects.toMatchObject({ failure: { code: 'source-unreadable' } })
    await expect(one.open({ password: 'sealed:AAAA' })).rejects.toMatchObject({ failure: { code: 'source-unreadable' } })
  })

  it('lasts for this run where no key can be kept', async () => {
    const secrets = keys(false)
    const passwords = createPasswords(secrets, random)
    const sealed = await passwords.seal({ password: canary })
    expect([await passwords.open(sealed), secrets.kept.size]).toEqual([{ password: canary }, 0])
  })

  it('is shown by nothing that shows options', () => {
    const parsed = parseOptions({ password: 'x'.repeat(2000) })
    expect([optionTexts({ password: canary }), parsed]).toEqual([
      [['password', '••••']],
      { ok: false, failure: expect.objectContaining({ facts: expect.objectContaining({ value: '••••' }) }) },
    ])
  })
})

describe('a job with a password', () => {
  it('is done, and the password stands in no file of the data folder and in no event', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'statement.pdf')
    await writeFile(path, pdfOf(['0 g 0 0 144 192 re f']))
    const { engine, convert, stop } = await testBeside(folder)
    const { jobs } = await convert([path], 'png', { options: { password: canary } })
    const told = JSON.stringify([jobs, engine.history.page({}, null, 10)])
    await stop()
    const home = join(folder, 'beside-home')
    const files = await readdir(home, { recursive: true, withFileTypes: true })
    const holding: string[] = []
    for (const file of files.filter((each) => each.isFile()))
      if ((await readFile(join(file.parentPath, file.name))).includes(canary)) holding.push(file.name)
    expect({ outputs: jobs.flatMap(outputsOf).length, told: told.includes(canary), holding }).toEqual({
      outputs: 1,
      told: false,
      holding: [],
    })
  })

  it.runIf(process.platform === 'linux')(
    'is seen by nobody who lists processes, their arguments and their environment',
    async () => {
      const folder = await temporaryFolder()
      const path = join(folder, 'statement.pdf')
      await writeFile(path, pdfOf(['0 g 0 0 144 192 re f']))
      const { convert } = await testBeside(folder)
      const looking = new AbortController()
      const seen = lookAtProcesses(looking.signal)
      const [pdf, zip] = [
        await convert([path, path], 'pdf', { together: true, nameTemplate: 'both', options: { protect: canary } }),
        await convert([path], 'zip', { options: { protect: plainCanary } }),
      ]
      const opened = await convert(pdf.jobs.flatMap(outputsOf), 'png', { options: { password: canary } })
      looking.abort()
      const sevenZip = await convert([path], '7z', { options: { protect: canary } })
      const beyondAscii = await convert([path], 'zip', { options: { protect: canary } })
      const made = [pdf, zip, opened].map(({ jobs }) => jobs.flatMap(outputsOf).length)
      expect([...sevenZip.jobs, ...beyondAscii.jobs].map(ended)).toEqual(['done', 'failed: option-invalid'])
      expect([made, await seen]).toEqual([[1, 1, 2], { children: expect.toSatisfy((count: number) => count > 0), holding: [] }])
    },
  )

  it('cannot be made into a preset', async () => {
    const { engine } = await testBeside(await temporaryFolder())
    const preset = { name: 'Secret', target: 'png', options: { password: canary } } as const
    expect(() => engine.presets.save({ ...preset, nameTemplate: null, with: null, localOnly: null } as never)).toThrow(
      'not-possible',
    )
  })
})

/** How many processes below this one were seen, and the arguments of those that had the password in them. */
async function lookAtProcesses(signal: AbortSignal) {
  const children = new Set<string>()
  const holding = new Set<string>()
  while (!signal.aborted) {
    for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const [stat, words, environment] = await Promise.all(
        ['stat', 'cmdline', 'environ'].map(async (name) => await readFile(join('/proc', id, name), 'utf8').catch(() => '')),
      )
      if (Number(/\) \S (\d+)/.exec(stat ?? '')?.[1]) !== process.pid) continue
      children.add(id)
      if ([canary, plainCanary].some((password) => `${words}${environment}`.includes(password))) holding.add(words ?? '')
    }
    await setTimeout(25)
  }
  return { children: children.size, holding: [...holding] }
}
