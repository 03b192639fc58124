/** The end of a Beside that watches: it comes at any moment, and nothing of the watching outlives it. */
import { expect, it } from 'vitest'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { testLog } from '../support/log.ts'
import { hurried, watching } from '../support/watching.ts'

const watches = () => process.getActiveResourcesInfo().filter((resource) => resource === 'FSEventWrap').length

it('leaves no watch of the system behind, whenever it comes while the folder comes online', async () => {
  const { add, home, stop } = await watching()
  await add()
  await stop()
  for (let moment = 0; moment < 40; moment += 1) {
    const { engine, folders, stop: end } = await compose({ home, log: testLog, secrets: fileSecrets(home, {}), timings: hurried })
    await engine.start()
    await folders.start()
    for (let turn = 0; turn < moment; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    await end()
    // A handle is closed a moment after that was asked for.
    await expect.poll(watches).toBe(0)
  }
})
