import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { receive } from '../../src/main/api/web/inbox.ts'
import { temporaryFolder } from '../support/folder.ts'

/** What a browser sends, as far as the inbox reads it. */
function upload(body: string): IncomingMessage {
  return Object.assign(Readable.from([Buffer.from(body)]), { headers: {} }) as unknown as IncomingMessage
}

/** As exFAT and SMB answer. */
const noLinks = (code: string) => async () => await Promise.reject(Object.assign(new Error(code), { code }))

describe('an upload to a file system without hard links', () => {
  it.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EISDIR'])('arrives, and takes nobody’s place (%s)', async (code) => {
    const folder = await temporaryFolder()
    const place = { folder, name: 'a.wav' }
    const paths = [
      await receive(upload('first'), place, { link: noLinks(code) }),
      await receive(upload('second'), place, { link: noLinks(code) }),
    ]
    expect(paths).toEqual([join(folder, 'a.wav'), join(folder, 'a (2).wav')])
    expect(await Promise.all(paths.map(async (path) => await readFile(path, 'utf8')))).toEqual(['first', 'second'])
    expect((await readdir(folder)).toSorted()).toEqual(['a (2).wav', 'a.wav'])
  })
})
