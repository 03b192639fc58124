/** Where Electron begins. The only file that imports it for more than its types. */
import electron from 'electron'
import electronUpdater from 'electron-updater'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import description from '../../../package.json' with { type: 'json' }
import { packedApp } from '../packed.ts'
import { startApp } from './app.ts'

// Unpackaged, the second argument is the folder that Electron was started with.
const own = electron.app.isPackaged ? 1 : 2

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const running = startApp(electron, {
  args: process.argv.slice(own),
  cwd: process.cwd(),
  env: process.env,
  platform: process.platform,
  program: process.execPath,
  userHome: homedir(),
  installedApp: electron.app.isPackaged ? packedApp(process.env) : null,
  version: description.version,
  pages: at('../out/renderer/'),
  preload: at('../out/preload.cjs'),
  icons: at('../build/icons/'),
  nowMs: () => Date.now(),
  run: async (program, args) => void (await promisify(execFile)(program, [...args])),
  // The packager writes this file where it knows a place that the package is published at.
  updater: existsSync(join(process.resourcesPath, 'app-update.yml')) ? electronUpdater.autoUpdater : null,
})
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void running.then(async (app) => await app?.leave()))
