import { spawnSync } from 'node:child_process'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { menuFamilies } from '../../src/main/menus/entries.ts'
import { quickActions } from '../../src/main/menus/macos.ts'
import { plistTrouble, xmlTrouble } from '../support/checkers.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('the Quick Actions of the Finder', () => {
  it('are bundles of property lists, one for each line of the menu', async () => {
    const folder = await temporaryFolder()
    const files = quickActions(menuFamilies(), '/Applications/Tom & "Jerry" <1>/Beside.app', 'de')
    expect(Object.keys(files).filter((path) => path.startsWith('Beside audio mp3.workflow/'))).toEqual(
      ['Info.plist', 'document.wflow'].map((name) => `Beside audio mp3.workflow/Contents/${name}`),
    )
    for (const [path, { content }] of Object.entries(files)) {
      const full = join(folder, path)
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, content)
    }
    expect(xmlTrouble(Object.keys(files).map((path) => join(folder, path)))).toBe('')
    // All are made by the same two functions.
    for (const name of ['Info.plist', 'document.wflow'])
      expect(plistTrouble(join(folder, 'Beside video choose.workflow/Contents', name))).toBe('')
    const info = files['Beside audio mp3.workflow/Contents/Info.plist']?.content
    expect(info).toContain('<string>Mit Beside umwandeln: MP3</string>')
    expect(info).toContain('<array><string>public.audio</string></array>')
  })

  it('run a script that passes all files to the app, and removes the bundle where the app has gone', async () => {
    const home = await temporaryFolder()
    const bundle = 'Beside image webp.workflow'
    const app = join(home, "Tom's Apps", 'Beside.app')
    const services = join(home, 'Library', 'Services', bundle)
    const files = quickActions(menuFamilies(), app, 'en')
    const content = files[`${bundle}/Contents/document.wflow`]?.content ?? ''
    const script = (/<key>COMMAND_STRING<\/key><string>([\s\S]*?)<\/string>/.exec(content)?.[1] ?? '')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
      // In the place of the program of macOS.
      .replace('/usr/bin/open', `'${process.execPath}' -e 'console.log(JSON.stringify(process.argv.slice(1)))' --`)
    const run = () =>
      spawnSync('/bin/sh', ['-c', script, 'sh', '/x/a b.png', '-c.png'], { env: { HOME: home }, encoding: 'utf8' })
    await mkdir(services, { recursive: true })
    await mkdir(app, { recursive: true })
    expect(JSON.parse(run().stdout)).toEqual(['-n', '-a', app, '--args', '--to', 'webp', '--', '/x/a b.png', '-c.png'])
    await rm(app, { recursive: true })
    expect([run().stdout, await stat(services).catch(() => 'gone')]).toEqual(['', 'gone'])
  })
})
