import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { FailureCode } from '../../../../src/shared/failure.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { convert, never, orderOf, partsIn, plain, samplePhoto, seen, sourceOf, startImages, svgOf, workers } from './studio.ts'

const images = startImages()

/** What both a look and a conversion say, and that nothing is left of it. */
async function failures(folder: string, path: string): Promise<readonly (FailureCode | null)[]> {
  const code = async (work: Promise<unknown>): Promise<FailureCode | null> =>
    work.then(
      () => null,
      (error: { readonly failure?: { readonly code: FailureCode } }) => error.failure?.code ?? 'internal',
    )
  const looked = await code(images.inspect(path, 'jpeg', never))
  const converted = await code(images.convert(orderOf(path, 'jpeg', 'png'), () => {}, never))
  expect(partsIn(folder)).toEqual([])
  return [looked, converted]
}

describe('a source', () => {
  it.for([
    { what: 'text named .jpg', bytes: 'It was a dark and stormy night.\n'.repeat(99), code: 'source-unknown' },
    { what: 'a web page named .jpg', bytes: '<!doctype html><html><body>404</body></html>', code: 'source-unknown' },
    { what: 'zeros', bytes: Buffer.alloc(9000), code: 'source-unknown' },
    { what: 'nothing', bytes: '', code: 'source-empty' },
    { what: 'the first bytes of a JPEG', bytes: Buffer.from('ffd8ffe0', 'hex'), code: 'source-damaged' },
    { what: 'the first bytes of a PNG', bytes: '\x89PNG\r\n\x1a\n', code: 'source-damaged' },
    { what: 'the first bytes of a TIFF', bytes: 'II*\0', code: 'source-damaged' },
    { what: 'the first bytes of a GIF', bytes: 'GIF89a', code: 'source-damaged' },
    { what: 'the first bytes of a WebP', bytes: 'RIFF\xff\0\0\0WEBPVP8 ', code: 'source-damaged' },
    { what: 'the first bytes of a HEIC', bytes: '\0\0\0\x14ftypheic\0\0\0\0mif1', code: 'source-damaged' },
    { what: 'half an SVG', bytes: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect', code: 'source-damaged' },
    { what: 'a table that the library could read as a picture', bytes: '1,2,3\n4,5,6\n', code: 'source-unknown' },
    { what: 'a bitmap of the library itself', bytes: Buffer.from('b6a6f20800000001', 'hex'), code: 'source-unknown' },
  ] as const)('that is $what fails as $code', async ({ bytes, code }) => {
    const folder = await temporaryFolder()
    const path = join(folder, 'odd.jpg')
    await writeFile(path, bytes, 'latin1')

    expect(await failures(folder, path)).toEqual([code, code])
  })

  it('that is not there, a folder, or a pipe that nobody writes to is refused at once', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'album.jpg'))
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')])
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling.jpg'))

    const codes = await Promise.all(
      ['none.jpg', 'album.jpg', 'pipe.jpg', 'dangling.jpg'].map(async (name) => failures(folder, join(folder, name))),
    )

    expect(codes.map(([code]) => code)).toEqual(['source-missing', 'source-not-file', 'source-not-file', 'source-missing'])
  })

  it.for(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'heic'] as const)(
    'that is a %s cut short is damaged, and never half a picture',
    async (format) => {
      const folder = await temporaryFolder()
      const path = format === 'heic' ? await sourceOf('heic', folder) : join(folder, `cut.${format}`)
      if (format !== 'heic') await sharp(samplePhoto).resize(300)[format]().toFile(path)
      const { length } = await readFile(path)

      for (const kept of [0.95, 0.5, 0.05]) {
        await truncate(path, Math.floor(length * kept))
        expect((await failures(folder, path))[1]).toBe('source-damaged')
      }
    },
  )

  it.for(['png', 'avif', 'tiff', 'gif'] as const)('that is a %s with rubbish in the middle is damaged', async (format) => {
    const folder = await temporaryFolder()
    const path = join(folder, `rotten.${format}`)
    const bytes = await sharp(samplePhoto).resize(300)[format]().toBuffer()
    for (let at = 0; at < 600; at++) bytes[Math.floor(bytes.length / 2) + at] = (at * 37) & 255
    await writeFile(path, bytes)

    expect((await failures(folder, path))[1]).toBe('source-damaged')
  })

  it('that is a JPEG which ends too early, although it says that it ends, is damaged', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'grey.jpg')
    const bytes = await readFile(samplePhoto)
    await writeFile(path, Buffer.concat([bytes.subarray(0, bytes.length / 2), Buffer.from([0xff, 0xd9])]))

    expect((await failures(folder, path))[1]).toBe('source-damaged')
  })

  it('with bytes behind its end, as cameras leave them, is sound', async () => {
    const path = join(await temporaryFolder(), 'tail.jpg')
    await writeFile(path, Buffer.concat([await readFile(samplePhoto), Buffer.alloc(5000, 7)]))

    const { temp } = await convert(images, path, 'jpeg', 'webp', { width: 100 })

    expect((await seen(temp)).width).toBe(100)
  })

  it('is what its contents say, whatever its name says', async () => {
    const path = join(await temporaryFolder(), 'really-a-png.jpg')
    await plain('#c02020').png().toFile(path)

    expect(await images.inspect(path, 'jpeg', never)).toMatchObject({ format: 'png', image: { width: 60, height: 40 } })
    expect(await convert(images, path, 'jpeg', 'gif')).toMatchObject({ format: 'gif' })
  })

  it.runIf(process.getuid?.() !== 0)('that may not be read is refused as unreadable', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'secret.jpg')
    await writeFile(path, await readFile(samplePhoto))
    await chmod(path, 0)

    expect(await failures(folder, path)).toEqual(['source-unreadable', 'source-unreadable'])
  })
})

describe('a bomb is refused before it goes off', () => {
  it('as a PNG of 900 million pixels in a few hundred kB', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'bomb.png')
    // The header of a small one, made to promise more: the decoder believes it.
    const bytes = await plain('#000000', { width: 30, height: 30 }).png().toBuffer()
    bytes.writeUInt32BE(30_000, 16)
    bytes.writeUInt32BE(30_000, 20)
    const { crc32 } = await import('node:zlib')
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29)
    await writeFile(path, bytes)

    expect(await failures(folder, path)).toEqual(['tool-memory', 'tool-memory'])
  })

  it('as an SVG that wants to be a square kilometre', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'bomb.svg')
    await writeFile(path, svgOf('<rect width="9" height="9"/>', 'width="100000cm" height="100000cm"'))

    expect(await failures(folder, path)).toEqual(['tool-memory', 'tool-memory'])
  })

  it('as an SVG whose entities multiply', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'laughs.svg')
    const entities = Array.from({ length: 12 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('')
    await writeFile(path, `<!DOCTYPE svg [<!ENTITY e0 "ha">${entities}]>${svgOf('<text y="9">&e12;</text>')}`)

    expect(await failures(folder, path)).toEqual(['source-damaged', 'source-damaged'])
  })
})

describe('an SVG opens no other file', () => {
  it.for([
    { way: 'an image beside it', inner: () => '<image xlink:href="red.png" width="60" height="40"/>' },
    {
      way: 'an image by its path',
      inner: (folder: string) => `<image xlink:href="file://${folder}/red.png" width="60" height="40"/>`,
    },
    { way: 'an image on the network', inner: () => '<image xlink:href="http://127.0.0.1:9/red.png" width="60" height="40"/>' },
    {
      way: 'an inclusion',
      inner: (folder: string) => `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://${folder}/red.svg"/>`,
    },
    {
      way: 'a style sheet',
      inner: (folder: string) =>
        `<style>@import url("file://${folder}/red.css");</style><rect width="60" height="40" fill="none"/>`,
    },
    { way: 'a use of another drawing', inner: (folder: string) => `<use xlink:href="file://${folder}/red.svg#r"/>` },
  ])('through $way', async ({ inner }) => {
    const folder = await temporaryFolder()
    await plain('#ff0000').png().toFile(join(folder, 'red.png'))
    await writeFile(join(folder, 'red.svg'), svgOf('<rect id="r" width="60" height="40" fill="#ff0000"/>'))
    await writeFile(join(folder, 'red.css'), 'rect { fill: #ff0000 !important }')
    const path = join(folder, 'curious.svg')
    await writeFile(path, svgOf(inner(folder)))

    const { temp } = await convert(images, path, 'svg', 'png')

    expect((await seen(temp)).at(30, 20)).toEqual([0, 0, 0, 0])
  })

  it('through an entity', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'secret.txt'), 'secret')
    const path = join(folder, 'curious.svg')
    const doctype = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${folder}/secret.txt">]>`
    await writeFile(path, `${doctype}${svgOf('<text y="30" font-size="30">&x;</text>')}`)

    expect((await failures(folder, path))[1]).toBe('source-damaged')
  })
})

describe('an output', () => {
  it('in a folder that is gone fails as that, and is told by the system and not by the library', async () => {
    const path = join(await temporaryFolder(), 'photo.jpg')
    await plain('#c02020').jpeg().toFile(path)

    const converting = images.convert({ ...orderOf(path, 'jpeg', 'png'), temp: () => '/nowhere/at/all.part' }, () => {}, never)

    await expect(converting).rejects.toMatchObject({ failure: { code: 'folder-missing' } })
  })

  it('never replaces a file that is already under its name, and leaves that one alone', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'photo.jpg')
    await plain('#c02020').jpeg().toFile(path)
    await writeFile(join(folder, 'taken'), 'mine')

    const converting = images.convert({ ...orderOf(path, 'jpeg', 'png'), temp: () => join(folder, 'taken') }, () => {}, never)

    await expect(converting).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('mine')
  })
})

it('a source on the web and a target that is no picture are refused', async () => {
  const order = orderOf(samplePhoto, 'jpeg', 'png')

  const web = images.convert({ ...order, source: { kind: 'url', url: 'https://example.org/a.jpg' } }, () => {}, never)
  const song = images.convert({ ...order, target: 'mp3' }, () => {}, never)

  await expect(web).rejects.toMatchObject({ failure: { code: 'source-not-local' } })
  await expect(song).rejects.toMatchObject({ failure: { code: 'pair-unsupported' } })
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})
