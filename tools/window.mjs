/** The built window, made anew when its sources are newer. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const page = join(checkout, 'out', 'renderer', 'index.html')

/** Throws with what the build said where it fails. */
export function ensureWindow(node) {
  if (existsSync(page) && statSync(page).mtimeMs >= newest(sources)) return
  const build = ['node_modules/vite/bin/vite.js', 'build', '--config', 'vite.renderer.config.ts', '--logLevel', 'warn']
  // Whatever runs this may be a test, and the window is not built for tests.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { status, stdout, stderr } = spawnSync(node, build, { cwd: checkout, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The window could not be built:\n${stderr}${stdout}`)
}

const sources = ['src/renderer', 'src/shared', 'vite.renderer.config.ts', 'package-lock.json'].map((path) => join(checkout, path))

function newest(paths) {
  return Math.max(
    ...paths.map((path) => {
      const stats = statSync(path)
      if (!stats.isDirectory()) return stats.mtimeMs
      return Math.max(stats.mtimeMs, newest(readdirSync(path).map((name) => join(path, name))))
    }),
  )
}
