/** What goes up: forms that servers can read, names that they understand. */
import { describe, expect, it } from 'vitest'
import { asciiName, formBody, jsonBody } from '../../../src/main/providers/http/bodies.ts'

describe('what goes up', () => {
  it('is a form that a server reads back, whatever the names', async () => {
    const fields = [
      ['target_format', 'mp3'],
      ['odd "name"\r\n', 'välue\r\n--x'],
    ] as const
    const file = { field: 'files', name: 'a"b.wav', type: 'audio/wav', content: { ...jsonBody(null), bytes: 4 } }
    const form = formBody(fields, file, 'beside-boundary')
    const whole = Buffer.concat(await Array.fromAsync(form.slices()))
    const read = await new Response(whole, { headers: { 'content-type': form.type } }).formData()
    const part = read.get('files') as File
    expect(whole.length).toBe(form.bytes)
    expect([[...read.keys()], read.get('target_format'), part.name, part.type, await part.text()]).toEqual([
      ['target_format', 'odd "name"\r\n', 'files'],
      'mp3',
      'a"b.wav',
      'audio/wav',
      'null',
    ])
  })

  it.each([
    ['/x/My song (1).WAV', 'My_song_1.wav'],
    ['/x/Ünï.mp3', 'U_ni.wav'],
    ['/x/日本.wav', 'file.wav'],
    ['/x/-rf.wav', 'rf.wav'],
    ['/x/.secrets', 'secrets.wav'],
    [`/x/${'a'.repeat(300)}.wav`, `${'a'.repeat(80)}.wav`],
  ])('%s is called %s there', (path, name) => {
    expect(asciiName(path, 'wav')).toBe(name)
  })
})
