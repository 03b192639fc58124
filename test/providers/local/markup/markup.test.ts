/** Texts, as each other. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MarkupSource, MarkupTarget } from '../../../../src/main/providers/local/markup/pairings.ts'
import { tasks } from '../../../../src/main/providers/local/markup/tasks.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { docxOf } from '../../../support/office-files.ts'
import { temporaryFolder } from '../../../support/folder.ts'

async function converted(
  from: MarkupSource,
  text: string | Buffer,
  target: MarkupTarget,
  options: Options = {},
): Promise<string> {
  const folder = await temporaryFolder()
  const [path, output] = [join(folder, `a name.${from}`), join(folder, `result.${target}`)]
  await writeFile(path, text)
  await tasks.convert({ path, from, target, options, output })
  return await readFile(output, 'utf8')
}

/** As `converted`, with what is said of the result. */
async function told(from: MarkupSource, text: string | Buffer, target: MarkupTarget) {
  const folder = await temporaryFolder()
  const [path, output] = [join(folder, `a.${from}`), join(folder, `result.${target}`)]
  await writeFile(path, text)
  const said = await tasks.convert({ path, from, target, options: {}, output })
  return { said, text: await readFile(output, 'utf8') }
}

const markdown = `---
title: "My book"
author: Ann
---
# One

Some *text* with \`code\` & a [link](http://x.test/z "t").

| a | b |
|---|--:|
| 1 | é |

1. x
2. y

- [x] done

## Two

\`\`\`js
let a = 1 < 2
\`\`\`

~~old~~
`

describe('Markdown', () => {
  it('becomes a page with its title, author, tables and code', async () => {
    const html = await converted('md', markdown, 'html')
    expect(html).toMatch(
      /^<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8"\/>\n<title>My book<\/title>\n<meta name="author" content="Ann"\/>/,
    )
    expect(html).toContain('<td align="right">é</td>')
    expect(html).toContain('<pre><code class="language-js">let a = 1 &lt; 2\n</code></pre>')
    expect(html).not.toContain('<nav>')
  })
  it('begins with its contents where they are asked for', async () => {
    const html = await converted('md', markdown, 'html', { toc: true })
    expect(html).toContain('<a href="#h2">Two</a>')
    expect(html).toContain('<h2 id="h2">Two</h2>')
  })
  it('comes back from HTML with the same meaning', async () => {
    const back = await converted('html', await converted('md', markdown, 'html'), 'md')
    for (const part of [
      '# One',
      '*text*',
      '`code`',
      '[link](http://x.test/z "t")',
      '| 1   | é   |',
      '## Two',
      '```js\nlet a = 1 < 2\n```',
      '~~old~~',
    ])
      expect(back).toContain(part)
  })
  it('becomes text as people type it', async () => {
    expect(await converted('md', markdown, 'text')).toBe(
      'One\n\nSome text with code & a link.\n\na\tb\n1\té\n\n1. x\n2. y\n\n- done\n\nTwo\n\nlet a = 1 < 2\n\nold\n',
    )
  })
})

describe('HTML', () => {
  it('loses what acts or comes from elsewhere, and no word', async () => {
    const hostile =
      '<p onclick="x()">a<script>alert(1)</script><iframe src="file:///etc/passwd"></iframe><a href=" javascript:x()">b</a><img src=x onerror=y>c'
    const back = await converted('md', hostile, 'html')
    expect(back).toContain('<p>a<a>b</a><img src="x"/>c</p>')
    expect(await converted('html', hostile, 'text')).toBe('abc\n')
  })
  it('is read in the encoding that it declares', async () => {
    expect(
      await converted('html', Buffer.from('<meta charset="windows-1251"><p>\xcf\xf0\xe8\xe2\xe5\xf2', 'latin1'), 'text'),
    ).toBe('Привет\n')
  })
  it('of a hundred thousand levels is refused', async () => {
    await expect(converted('html', '<b>'.repeat(100_000), 'text')).rejects.toThrow('source-damaged')
  })
})

it('plain text becomes paragraphs, and text in another encoding', async () => {
  expect(await converted('text', 'a < b\nc\n\n\nd', 'html')).toContain('<p>a &lt; b<br/>\nc</p>\n<p>d</p>')
  expect(await converted('text', Buffer.from('\uFEFFé', 'utf16le'), 'text')).toBe('é')
})

it('a notebook has its texts, its code and its pictures', async () => {
  const cells = [
    { cell_type: 'markdown', source: ['# T\n', 'words'] },
    { cell_type: 'code', source: 'print(1)', outputs: [{ text: ['1\n'] }, { data: { 'image/png': 'aGk=\n' } }] },
  ]
  const html = await converted('ipynb', JSON.stringify({ cells, metadata: { language_info: { name: 'python' } } }), 'html')
  expect(html).toContain('<h1>T</h1>\n<p>words</p>\n<pre><code class="language-python">print(1)</code></pre>\n<pre>1\n</pre>')
  expect(html).toContain('src="data:image/png;base64,aGk="')
})

describe('a Word document', () => {
  const within = (xml: string) => docxOf([`a</w:t></w:r>${xml}<w:r><w:t>z`])

  it('keeps what stands in fields, above signs, and in formulas, and tells of the formulas', async () => {
    const field = '<w:fldSimple w:instr=" MERGEFIELD Name "><w:r><w:t>field</w:t></w:r></w:fldSimple>'
    const ruby =
      '<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>above</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>base</w:t></w:r></w:rubyBase></w:ruby></w:r>'
    const formula =
      '<m:oMathPara xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath></m:oMathPara>'
    expect(await told('docx', within(`${field}${ruby}${formula}`), 'text')).toEqual({
      text: 'afieldbase（above）x=1z\n',
      said: [{ code: 'equations-as-text', count: 1 }],
    })
  })

  it('brings its title and author into a page', async () => {
    expect(await converted('docx', docxOf(['text']), 'html')).toMatch(
      /<title>Spring &amp; autumn<\/title>\n<meta name="author" content="Ada Writer"\/>/,
    )
  })

  it('is refused as locked where it is, and not as damaged', async () => {
    const envelope = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)])
    await expect(converted('docx', envelope, 'md')).rejects.toThrow('source-unreadable')
  })
})

it('tells of text whose encoding was guessed, and of no other', async () => {
  const guessed = await told('text', Buffer.from('Stra\xdfe und Gr\xfc\xdfe\n', 'latin1'), 'md')
  expect([guessed, (await told('text', 'Straße\n', 'md')).said]).toEqual([
    { said: [{ code: 'encoding-guessed' }], text: 'Straße und Grüße\n' },
    [],
  ])
})

it('counts the fields in front of a text that nothing is made of', async () => {
  const front = '---\ntitle: My book\nauthor: Ann\ndate: 2024-01-02\ntags: [a, b]\n---\n'
  const [many, none] = [await told('md', `${front}\nWords\n`, 'html'), await told('md', '# My book\n', 'text')]
  expect([many.said, none.said]).toEqual([[{ code: 'fields-left', count: 2 }], []])
})

it('counts of a page what is read, and tells its title and author', async () => {
  const path = join(await temporaryFolder(), 'a.html')
  await writeFile(
    path,
    '<title>A &lt; B</title><meta name="author" content="Ada"><style>p{}</style><ol><li>ab c</ol><img alt="not this">',
  )
  expect(await tasks.inspect({ path, format: 'html' })).toEqual({
    document: { encoding: 'utf-8', characters: 3 },
    tags: [
      { name: 'TITLE', values: ['A < B'] },
      { name: 'ARTIST', values: ['Ada'] },
    ],
  })
})
