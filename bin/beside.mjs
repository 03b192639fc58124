#!/usr/bin/env node
/** Starts Beside. Parsed by whatever Node the machine has, so an older one gets a sentence instead of a crash in a native module. */
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { goodNode, handOver, oldestNode } from './node.mjs'

const source = new URL('../src/main/cli/main.ts', import.meta.url)
const built = new URL('../dist/beside.js', import.meta.url)
const inCheckout = existsSync(source)
const node = goodNode()

if (node === process.execPath) {
  // What was compiled at an earlier start is not compiled again. Not in the system's folder for temporary files: others write there.
  const cache = fileURLToPath(new URL('../node_modules/.cache/beside', import.meta.url))
  module.enableCompileCache(cache)
  // Threads and processes that Beside starts have only this to find it by.
  process.env.NODE_COMPILE_CACHE ??= cache
  await import((inCheckout ? source : built).href)
} else if (node !== null) {
  handOver(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)])
} else {
  const cure = inCheckout
    ? 'Run `npm run setup` in this checkout once, then this command again.'
    : 'Install it from https://nodejs.org/.'
  console.error(`Beside needs Node ${oldestNode} or newer; this is Node ${process.versions.node}. ${cure}`)
  process.exitCode = 1
}
