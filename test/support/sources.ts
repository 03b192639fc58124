/** The project's own sources and what they import, read by a real parser, for tests about the shape of the code. */
import { readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'vite'

export interface Import {
  /** A path from the top of the checkout for our own files, else the package or `node:` module as written. */
  readonly target: string
  readonly typeOnly: boolean
}

export interface SourceFile {
  /** From the top of the checkout, with `/`. */
  readonly path: string
  readonly text: string
}

const top = fileURLToPath(new URL('../..', import.meta.url))

export function sourcesUnder(...folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path: path.slice(top.length).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') })),
  )
}

/** Static, dynamic and type imports, re-exports, and files named by `new URL(…, import.meta.url)`, such as workers. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const { module, program } = parseSync(path, text)
  const found: Import[] = []
  const add = (specifier: string, typeOnly: boolean): void => {
    const isOwn = specifier.startsWith('.')
    found.push({ target: isOwn ? posix.join(posix.dirname(path), specifier) : specifier, typeOnly })
  }

  for (const { start, moduleRequest } of module.staticImports)
    add(moduleRequest.value, /^import\s+type\b/.test(text.slice(start)))
  for (const { start, entries } of module.staticExports) {
    const from = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest
    if (from) add(from.value, /^export\s+type\b/.test(text.slice(start)))
  }
  const literal = (node: { readonly type: string } | undefined): string | null =>
    node?.type === 'Literal' && 'value' in node && typeof node.value === 'string' ? node.value : null
  new Visitor({
    ImportExpression: (node) => add(literal(node.source) ?? '(computed)', false),
    TSImportType: (node) => add(node.source.value, true),
    NewExpression: (node) => {
      const url = node.callee.type === 'Identifier' && node.callee.name === 'URL' ? literal(node.arguments[0]) : null
      if (url?.startsWith('.') && /\.[mc]?tsx?$/.test(url)) add(url, false)
    },
  }).visit(program)
  return found
}

/** How often a source asks the system for the time by `new Date()` or `Date()`, which no lint rule can tell from `new Date(ms)`. */
export function clockReads({ path, text }: SourceFile): number {
  let count = 0
  const isNow = (node: { callee: { type: string }; arguments: readonly unknown[] }): boolean =>
    node.arguments.length === 0 && 'name' in node.callee && node.callee.name === 'Date'
  const look = (node: Parameters<typeof isNow>[0]): void => {
    if (isNow(node)) count += 1
  }
  new Visitor({ NewExpression: look, CallExpression: look }).visit(parseSync(path, text).program)
  return count
}
