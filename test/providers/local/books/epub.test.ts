/** Books, made of texts and read again. */
import { readFile, writeFile } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { tasks } from '../../../../src/main/providers/local/books/tasks.ts'
import { temporaryFolder } from '../../../support/folder.ts'

const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const page = `<html lang="fr"><head><title>Livre &amp; co</title><meta name="author" content="Zoé"></head><body><div>
<p>avant<h1>Un</h1><p>texte<img alt="p" src="data:image/png;base64,${dot}"><img alt="loin" src="http://127.0.0.1:9/x.png"><br></p>
<script>no()</script><h1>Deux</h1><h2>Deux et demi</h2><p>fin</div>`

async function book(toc: boolean): Promise<string> {
  const folder = await temporaryFolder()
  const [path, output] = [join(folder, 'page.html'), join(folder, 'book.epub')]
  await writeFile(path, page)
  await tasks.convert({ path, from: 'html', target: 'epub', options: { toc }, output })
  return output
}

describe('a book made of a page', () => {
  it('keeps title, author, language and a chapter for each of its highest headings', async () => {
    const path = await book(true)
    expect(await tasks.inspect({ path })).toEqual({
      title: 'Livre & co',
      authors: ['Zoé'],
      language: 'fr',
      document: { chapters: 3, characters: 33 },
    })
    // By these bytes every reader knows it.
    expect((await readFile(path)).toString('latin1', 30, 58)).toBe('mimetypeapplication/epub+zip')
  })
  it('comes back as HTML with its pictures, as Markdown and as text', async () => {
    const path = await book(false)
    const back = async (target: 'html' | 'md' | 'text') => {
      const output = `${path}.${target}`
      await tasks.convert({ path, from: 'epub', target, options: {}, output })
      return await readFile(output, 'utf8')
    }
    const html = await back('html')
    expect(html).toContain(`<img alt="p" src="data:image/png;base64,${dot}"/>loin`)
    expect(html).toContain('<html lang="fr">')
    expect(html).not.toContain('127.0.0.1')
    expect(await back('md')).toContain('# Deux\n\n## Deux et demi\n\nfin')
    expect(await back('text')).toMatch(/avant\n+Un\n\ntexte/)
  })
})

describe('a book made to hurt', () => {
  async function zipped(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
    const path = join(await temporaryFolder(), 'a.epub')
    const zip = new ZipFile()
    for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name)
    zip.end()
    await pipeline(zip.outputStream, createWriteStream(path))
    return path
  }
  const container = '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
  const opf = (href: string) =>
    `<package><manifest><item id="a" href="${href}" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>`

  it('that would unpack to far more than it is, is refused before it is', async () => {
    const path = await zipped({
      'META-INF/container.xml': container,
      'p.opf': opf('a.xhtml'),
      'a.xhtml': Buffer.alloc(80 * 2 ** 20),
    })
    await expect(tasks.inspect({ path })).rejects.toMatchObject({ failure: { facts: { because: 'unpacks-too-large' } } })
  })
  it('whose names lead outside is refused', async () => {
    const path = await zipped({ 'META-INF/container.xml': container, 'p.opf': opf('../../../../etc/passwd') })
    await expect(tasks.inspect({ path })).rejects.toThrow('source-damaged')
    const bytes = await readFile(await zipped({ 'META-INF/container.xml': container, 'aa/evil.xhtml': 'x' }))
    const evil = Buffer.from(bytes.toString('latin1').replaceAll('aa/evil', '../evil'), 'latin1')
    await writeFile(path, evil)
    await expect(tasks.inspect({ path })).rejects.toMatchObject({ failure: { facts: { because: 'entry-outside' } } })
  })
  it('that is no book, or empty, is refused', async () => {
    await expect(tasks.inspect({ path: await zipped({ a: 'b' }) })).rejects.toThrow('source-damaged')
    await expect(
      tasks.inspect({ path: await zipped({ 'META-INF/container.xml': container, 'p.opf': '<package/>' }) }),
    ).rejects.toThrow('source-damaged')
  })
})
