/** What comes with Beside recognizes text without anything installed, and says why where it cannot. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createTasks } from '../../../../src/main/providers/local/children/tasks.ts'
import { languageData, languagesHere } from '../../../../src/main/providers/local/ocr/languages.ts'
import { takes } from '../../../../src/main/providers/local/ocr/ocr.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { english, paper, startOcr, wrongPercent } from './reading.ts'

const ocr = startOcr()
const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: { failure?: unknown }) => error.failure,
  )

describe('text of a picture', () => {
  it('is recognized without an error where it is printed clearly', async () => {
    const path = join(await temporaryFolder(), 'page.png')
    await paper(english).png().toFile(path)
    const { part } = await ocr.convert('embedded', path, 'png', 'text')
    const text = await ocr.text(path, 'png')
    expect({ isRight: wrongPercent(text, english) <= 1, isSure: (part.confidence ?? 0) >= 80 }).toEqual({
      isRight: true,
      isSure: true,
    })
  })

  it('is recognized as the picture is shown, with what is transparent as white', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'page.jpg')
    const lying = await paper(english).rotate(270).jpeg().toBuffer()
    await sharp(lying).withMetadata({ orientation: 6 }).jpeg().toFile(path)
    const clear = join(folder, 'clear.webp')
    const ink = await paper(english).greyscale().negate().toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
    const { width, height } = ink.info
    const black = sharp({ create: { width, height, channels: 3, background: '#000' } })
    await black
      .joinChannel(ink.data, { raw: { width, height, channels: 1 } })
      .webp({ lossless: true })
      .toFile(clear)
    const texts = [await ocr.text(path, 'jpeg'), await ocr.text(clear, 'webp')]
    expect(texts.map((text) => wrongPercent(text, english) <= 1)).toEqual([true, true])
  })

  it('that has none, or noise alone, is nothing found', async () => {
    const folder = await temporaryFolder()
    const create = { width: 400, height: 300, channels: 3, background: '#fff' } as const
    await sharp({ create }).png().toFile(join(folder, 'blank.png'))
    await sharp({ create: { ...create, noise: { type: 'gaussian', mean: 128, sigma: 40 } } })
      .png()
      .toFile(join(folder, 'noise.png'))
    const found = await Promise.all(
      ['blank.png', 'noise.png'].map(async (name) => await codeOf(ocr.convert('embedded', join(folder, name), 'png', 'text'))),
    )
    const nothing = { code: 'nothing-found', facts: { because: 'no-text' } }
    expect(found).toMatchObject([nothing, nothing])
  })

  it('that is damaged fails, and leaves nothing', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'bad.png')
    await writeFile(path, Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(500, 7)]))
    const pdf = join(folder, 'bad.pdf')
    await writeFile(pdf, `%PDF-1.7\n${'no such thing\n'.repeat(50)}`)
    const found = [
      await codeOf(ocr.convert('embedded', path, 'png', 'pdf', { ocr: 'auto' })),
      await codeOf(ocr.convert('embedded', pdf, 'pdf', 'text', { ocr: 'force' })),
    ]
    expect([found, await readdir(folder)]).toMatchObject([
      [{ code: 'source-damaged' }, { code: 'source-damaged' }],
      ['bad.pdf', 'bad.png'],
    ])
  })
})

describe('languages', () => {
  it('are English, those of an installed Tesseract, and those of the folder for them', async () => {
    const folder = await temporaryFolder()
    const [own, theirs] = [join(folder, 'own'), join(folder, '5/tessdata')]
    await mkdir(own)
    await mkdir(theirs, { recursive: true })
    for (const path of [
      join(own, 'deu.traineddata'),
      join(theirs, 'fra.traineddata'),
      join(theirs, 'deu.traineddata'),
      join(theirs, 'osd.traineddata'),
    ])
      await writeFile(path, 'data')
    const here = await languagesHere({ own, folders: [`${folder}/*/tessdata`] })
    expect([[...here.keys()].toSorted(), here.get('deu')?.path]).toEqual([['deu', 'eng', 'fra'], join(own, 'deu.traineddata')])
  })

  it('that are not here are missing by name, and what is no name is refused', async () => {
    const places = { own: '/home/somebody/tessdata', folders: [] }
    const failures = [await codeOf(languageData('eng+deu', places)), await codeOf(languageData('../../etc/passwd', places))]
    expect(failures).toMatchObject([
      { code: 'tool-missing', facts: { because: 'language-missing', found: 'deu', path: '/home/somebody/tessdata' } },
      { code: 'option-invalid', facts: { option: 'ocrLanguage', allowed: 'eng' } },
    ])
  })

  it('whose data is none fail as that, and leave the others usable', async () => {
    const own = await temporaryFolder()
    const other = startOcr(own)
    await writeFile(join(own, 'deu.traineddata'), 'this is no data')
    const path = join(own, 'page.png')
    await paper(english).png().toFile(path)
    const failed = await codeOf(other.convert('embedded', path, 'png', 'text', { ocrLanguage: 'deu' }))
    expect([failed, wrongPercent(await other.text(path, 'png'), english) <= 1]).toMatchObject([{ code: 'tool-failed' }, true])
  })
})

describe('the process that recognizes', () => {
  it('fetches nothing, whatever it is told to', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('data')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { pool } = ocr.context
    const mib = 2 ** 20
    const tasks = createTasks(
      'ocr',
      { tool: 'Tesseract', heapMb: 256, maxBytes: 1024 * mib, grownBytes: 400 * mib },
      { ...pool, width: () => 1 },
    )
    const path = join(await temporaryFolder(), 'page.png')
    await paper(english).png().toFile(path)
    const languages = [{ code: 'eng', path: `http://127.0.0.1:${port}/eng.traineddata` }]
    const sheet = { path, from: 'png', page: 0, turn: 0 } as const
    const failed = await codeOf(
      tasks.run('read', { sheet, languages, pdf: null }, { signal: AbortSignal.timeout(30_000), limitMs: 30_000 }),
    )
    await tasks.stop()
    server.close()
    expect([failed, asked]).toMatchObject([{ code: 'tool-failed' }, []])
  })
})

describe('a PDF', () => {
  it('is read anew where that is asked for, a picture always where it becomes text', () => {
    const asked = [
      takes({ from: 'pdf', target: 'text', options: {} }),
      takes({ from: 'pdf', target: 'text', options: { ocr: 'auto' } }),
      takes({ from: 'pdf', target: 'pdf', options: { ocr: 'off' } }),
      takes({ from: 'png', target: 'pdf', options: {} }),
      takes({ from: 'png', target: 'pdf', options: { ocrLanguage: 'eng' } }),
      takes({ from: 'png', target: 'text', options: {} }),
    ]
    expect(asked).toEqual([false, true, false, false, true, true])
  })
})
