/** What is built, made anew when its sources are newer: the window, and for the desktop the program and its preload script. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const always = ['src/shared', 'package-lock.json']
const window = {
  title: 'The window',
  result: 'out/renderer/index.html',
  config: 'vite.renderer.config.ts',
  sources: ['src/renderer', 'vite.renderer.config.ts'],
}
const program = { title: 'The program', result: 'dist/app.js', config: 'vite.config.ts', sources: ['src/main', 'vite.config.ts'] }
const preload = {
  title: 'The preload script',
  result: 'out/preload.cjs',
  config: 'vite.preload.config.ts',
  sources: ['src/main/app/preload.ts', 'vite.preload.config.ts'],
}

/** Throws with what the build said where it fails. */
export function ensureWindow(node) {
  ensure(node, window)
}

export function ensureDesktop(node) {
  for (const part of [window, program, preload]) ensure(node, part)
}

function ensure(node, { title, result, config, sources }) {
  const made = join(checkout, result)
  const from = [...sources, ...always].map((path) => join(checkout, path))
  if (existsSync(made) && statSync(made).mtimeMs >= newest(from)) return
  const build = ['node_modules/vite/bin/vite.js', 'build', '--config', config, '--logLevel', 'warn']
  // Whatever runs this may be a test, and nothing is built for tests.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { status, stdout, stderr } = spawnSync(node, build, { cwd: checkout, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${title} could not be built:\n${stderr}${stdout}`)
}

function newest(paths) {
  return Math.max(
    ...paths.map((path) => {
      const stats = statSync(path)
      if (!stats.isDirectory()) return stats.mtimeMs
      return Math.max(stats.mtimeMs, newest(readdirSync(path).map((name) => join(path, name))))
    }),
  )
}
