/** A Beside that watches a tree with whatever watches the system lets it have, and tells how. Ends when its parent hangs up. */
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { testLog } from './log.ts'
import { hurriedTimings } from './watch-timings.ts'

const [home = '', drop = ''] = process.argv.slice(2)
const { engine, folders, stop } = await compose({ home, log: testLog, secrets: fileSecrets(home, {}), timings: hurriedTimings })
process.on('disconnect', () => void stop())
await engine.start()
await folders.start()
const changes = folders.changes(new AbortController().signal)
const rule = { ...plainRule(drop, [{ target: 'mp3', preset: null, options: {} }]), recursive: true }
await folders.add({ rule, on: true, existing: 'convert' })
for await (const portion of changes)
  for (const change of portion) {
    if (change.type === 'folder') {
      const { health, lookedAtMs } = change.folder
      process.send?.(`${health.how} ${health.why?.code}`)
      if (lookedAtMs !== null) process.send?.('looked')
    }
    if (change.type === 'sighting') process.send?.(change.sighting.why.code)
  }
