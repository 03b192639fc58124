/** Texts and books through all of Beside, read by Pandoc and Calibre; and what hostile ones ask for, which nobody gets. */
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'

const said = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

async function made(name: string, content: string, ...targets: readonly string[]): Promise<string> {
  const folder = await temporaryFolder()
  let path = join(folder, name)
  await writeFile(path, content)
  const { convert } = await testBeside(folder)
  for (const target of targets) {
    const { jobs, refused } = await convert([path], target)
    expect([target, refused, jobs.map(endedInWords)]).toEqual([target, [], ['done']])
    path = jobs.flatMap(outputsOf)[0] ?? ''
  }
  return path
}

const markdown =
  '---\ntitle: A title\nauthor: Ann\nlang: en\n---\n\n# One\n\nFirst *words*.\n\n# Two\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n'

describe('a book', () => {
  it('made of Markdown is one to Calibre and to Pandoc', async () => {
    const path = await made('a.md', markdown, 'epub')
    expect(said('ebook-meta', path)).toMatch(/^Title +: A title\nAuthor\(s\) +: Ann/)
    expect(said('pandoc', '--sandbox', '-f', 'epub', '-t', 'plain', path)).toMatch(/One\s+First words\.\s+Two\s+-\s+a\s+-\s+b/)
  })
  it('goes to a Kindle and comes back by Calibre with its words', async () => {
    expect(await readFile(await made('a.md', markdown, 'epub', 'mobi', 'epub', 'text'), 'utf8')).toMatch(
      /One\s+First words\.[^]*Two/,
    )
  })
})

it('a book made of a page has nothing of other files that the page leads to', async () => {
  const folder = await temporaryFolder()
  const [page, other] = [join(folder, 'in', 'page.html'), join(folder, 'other.html')]
  await mkdir(join(folder, 'in'))
  await writeFile(other, '<html><body><p>a secret</p></body></html>')
  const links = [other, `file://${other}`, '../other.html'].map((to) => `<a href="${to}">x</a>`).join('')
  await writeFile(page, `<html><head><title>A page</title></head><body><h1>One</h1><p>Words</p>${links}</body></html>`)
  const { convert } = await testBeside(folder)
  const [book] = (await convert([page], 'mobi')).jobs.flatMap(outputsOf)
  const [text] = (await convert([book ?? ''], 'text')).jobs.flatMap(outputsOf)
  const words = await readFile(text ?? '', 'utf8')
  expect([words.includes('Words'), words.includes('secret')]).toEqual([true, false])
})

describe('markup', () => {
  it.each(['rst', 'latex', 'org', 'mediawiki', 'docbook'])(
    'of Markdown becomes %s by Pandoc, and HTML again',
    async (between) => {
      const html = await readFile(await made('a.md', markdown, between, 'html'), 'utf8')
      expect(html.replaceAll(/<[^>]*>/g, ' ')).toMatch(/One\s+First\s+words\s*\.\s+Two\s+a\s+b/)
    },
  )
  it('asks nobody for anything, and reads no other file', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const secret = join(await temporaryFolder(), 'secret.txt')
    await writeFile(secret, 'the secret words')
    const hostile = `<p>x<img src="${at}/a.png"><link rel="stylesheet" href="${at}/b.css"><iframe src="file://${secret}"></iframe><script src="${at}/c.js"></script></p>`
    const results = [
      await made('a.html', hostile, 'text'),
      await made('a.html', hostile, 'md'),
      await made('a.md', hostile, 'epub', 'html'),
      await made('a.html', hostile, 'rst'),
      await made('a.rst', `x\n\n.. include:: ${secret}\n\n.. image:: ${at}/d.png\n`, 'html'),
      await made('a.html', hostile, 'epub', 'fb2'),
    ]
    for (const path of results) expect(await readFile(path, 'latin1')).not.toContain('secret words')
    expect(asked).toBe(0)
    server.close()
  }, 180_000)
})
