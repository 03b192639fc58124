/** One Beside is another's provider: the conformance suite of online providers over a real one that serves the protocol of Converter App. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { conformance } from '../providers/conformance.ts'
import { converterAppSubject } from '../support/converter-app-subject.ts'
import { apiKey, servedBeside, type ServedBeside } from '../support/served-beside.ts'
import { servedRelay } from '../support/servers/served-relay.ts'

let home = ''
let key = ''
let served: ServedBeside | null = null

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'beside-served-'))
  key = await apiKey(home, 'another Beside')
  served = await servedBeside(home)
})
afterAll(async () => {
  await served?.stop()
  await rm(home, { recursive: true, force: true })
})

conformance('Converter App, served by another Beside,', async (folder) => {
  return await converterAppSubject(folder, await servedRelay(served?.address ?? '', key), key)
})
