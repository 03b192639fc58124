/**
 * Puts in place what a checkout needs: a Node that is new enough, and the packages. Runs on any Node from 18 on and needs no
 * package itself. Does only what is missing, says on standard error what that is, and nothing where nothing is.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goodNode, oldestNode, ownNode } from '../bin/node.mjs'
import { alone } from './alone.mjs'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const nodeFolder = join(checkout, 'tools', 'node')

/** The answer is the Node to go on with. */
export function setup() {
  if (isSetUp()) return goodNode()
  return alone(join(nodeFolder, '.setup'), () => {
    const node = ensureNode()
    ensurePackages(node)
    return node
  })
}

export function isSetUp() {
  return (process.execPath === goodNode() || holds(nodeFolder)) && goodNode() !== null && holds(checkout)
}

function ensureNode() {
  if (process.execPath !== goodNode() && !holds(nodeFolder)) {
    say(`Fetching Node ${oldestNode} for this checkout (the machine's is ${process.versions.node}).`)
    npmCi(process.execPath, nodeFolder)
    const starts = spawnSync(ownNode, ['--version']).status === 0
    if (!starts) rmSync(join(nodeFolder, 'node_modules'), { recursive: true, force: true })
  }
  return (
    goodNode() ??
    giveUp(`Beside needs Node ${oldestNode} or newer and cannot bring one to this system. ${howToGetNode()} Then run this again.`)
  )
}

function howToGetNode() {
  if (process.platform === 'darwin') return 'Type `brew install node`, or take it from https://nodejs.org/.'
  return `Take it from https://nodejs.org/, or type \`nvm install ${oldestNode}\`.`
}

function ensurePackages(node) {
  if (holds(checkout)) return
  say('Installing the packages that package-lock.json names.')
  npmCi(node, checkout)
}

/**
 * Whether node_modules is what package-lock.json says, for this system: npm keeps a lock of what it has installed, and writes it
 * last. Optional packages may be absent; one for another system means that the folder came from there.
 */
function holds(folder) {
  const hidden = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
  return (
    Object.values(installed).every(({ os, cpu }) => fits(os, process.platform) && fits(cpu, process.arch)) &&
    Object.entries(wanted).every(([path, { integrity, optional }]) =>
      installed[path] === undefined ? optional || path === '' : installed[path].integrity === integrity,
    )
  )
}

/** Whether a package's `os` or `cpu` lets it be installed here: `"x64"`, `["linux", "darwin"]`, `["!win32"]`, or nothing said. */
function fits(said, value) {
  const list = [said ?? value].flat()
  return list.includes(value) || (list.every((item) => item.startsWith('!')) && !list.includes(`!${value}`))
}

/** Whatever omits packages or hides errors in the surroundings (`npm run --silent`, NODE_ENV=production) is not meant for this. */
function npmCi(node, folder) {
  const flags = [
    '--prefix',
    folder,
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const cli = npmProgram()
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  const [program, args] = cli === undefined ? ['npm', ['ci', ...flags]] : [node, [cli, 'ci', ...flags]]
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' })
  if (status === 0) return
  giveUp(`npm ci failed in ${folder}:\n${error?.message ?? `${stderr}${stdout}`.trim()}`)
}

/** The npm that started this, else the one that came with the running Node. */
function npmProgram() {
  const bin = dirname(process.execPath)
  const places = ['node_modules', join('..', 'lib', 'node_modules')].map((place) => join(bin, place, 'npm', 'bin', 'npm-cli.js'))
  const starter = process.env.npm_execpath
  return [...(starter?.endsWith('npm-cli.js') ? [starter] : []), ...places].find((path) => existsSync(path))
}

function say(text) {
  console.error(`setup: ${text}`)
}

function giveUp(text) {
  say(text)
  process.exit(1)
}
