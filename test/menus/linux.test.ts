import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { menuFamilies } from '../../src/main/menus/entries.ts'
import { dolphinMenus, nautilusExtension, nautilusScripts, nemoMenus } from '../../src/main/menus/linux.ts'
import { noActions, withActions, withoutActions } from '../../src/main/menus/thunar.ts'
import { desktopFileTrouble, xmlTrouble } from '../support/checkers.ts'
import { temporaryFolder } from '../support/folder.ts'

const families = menuFamilies()
const odd = `/home/me/My "Apps" & 100%/it's $HOME/Beside.AppImage`

describe('the menus of Dolphin', () => {
  it('are desktop files but for what KDE alone knows: checked as such', async () => {
    const folder = await temporaryFolder()
    for (const [path, { content, isProgram }] of Object.entries(dolphinMenus(families, odd))) {
      expect([path, isProgram]).toEqual([expect.stringMatching(/^kio\/servicemenus\/beside-\w+\.desktop$/), true])
      expect(content).toContain('X-KDE-Submenu[de]=Mit Beside umwandeln')
      // The specification knows no services; all else in it holds for them as well.
      const known = content
        .replace('Type=Service', 'Type=Application\nName=Beside\nExec=beside-desktop')
        .replace('_SEPARATOR_;', '')
      const file = join(folder, 'menu.desktop')
      await writeFile(file, known)
      expect([path, desktopFileTrouble(file)]).toEqual([path, ''])
    }
  })

  it('start the app with the format before all files', () => {
    const audio = dolphinMenus(families, 'beside-desktop')['kio/servicemenus/beside-audio.desktop']?.content ?? ''
    expect(audio).toContain('\nExec=beside-desktop --to mp3 -- %F\n')
    expect(audio).toContain('\nExec=beside-desktop --last -- %F\n')
    expect(audio).toContain('\nExec=beside-desktop -- %F\n')
    expect(audio).toContain('\nMimeType=audio/mpeg;')
  })
})

describe('the menus of Nemo', () => {
  it('are three lines for each family, for files by their endings, which come as addresses', () => {
    const files = nemoMenus(families, 'beside-desktop')
    expect(Object.keys(files).filter((path) => path.includes('beside-image-'))).toEqual(
      ['jpeg', 'last', 'choose'].map((id) => `nemo/actions/beside-image-${id}.nemo_action`),
    )
    expect(files['nemo/actions/beside-image-jpeg.nemo_action']?.content.split('\n')).toEqual(
      expect.arrayContaining([
        '[Nemo Action]',
        'Name=Convert with Beside: JPEG',
        'Name[de]=Mit Beside umwandeln: JPEG',
        'Exec=beside-desktop --to jpeg -- %U',
        'Quote=double',
        'Selection=NotNone',
        expect.stringMatching(/^Extensions=jpg;jpeg;.*heic;/),
      ]),
    )
  })
})

describe('the scripts of Nautilus', () => {
  it('pass on whatever files are called', async () => {
    const folder = await temporaryFolder()
    const app = join(folder, `it's "the" app $HOME`)
    await writeFile(app, `#!${process.execPath}\nconsole.log(JSON.stringify(process.argv.slice(2)))\n`, { mode: 0o755 })
    const files = nautilusScripts(families, app, 'de')
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['MP3', 'Auswählen …'].map((name) => `nautilus/scripts/Mit Beside umwandeln/${name}`)),
    )
    const script = join(folder, 'script')
    const mp3 = files['nautilus/scripts/Mit Beside umwandeln/MP3']
    await writeFile(script, mp3?.content ?? '', { mode: 0o755 })
    const names = ['a b.wav', '-x.wav', `"it's" $(x).wav`, 'line\nbreak.wav', '*.wav']
    const { stdout } = spawnSync(script, names, { encoding: 'utf8' })
    expect([mp3?.isProgram, JSON.parse(stdout)]).toEqual([true, ['--to', 'mp3', '--', ...names]])
  })
})

describe('the extension of Nautilus', () => {
  it('has a submenu for files of one family and none for others, in the language of the user', async () => {
    const folder = await temporaryFolder()
    for (const [path, { content }] of Object.entries(nautilusExtension(families, 'beside-desktop'))) {
      await mkdir(join(folder, dirname(path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
    // In the place of the bindings, as far as they are used.
    const use = `
import json, subprocess, sys, types
class Item:
    def __init__(self, name, label): self.name, self.label, self.menu, self.clicked = name, label, None, None
    def set_submenu(self, menu): self.menu = menu
    def connect(self, signal, call, *given): self.clicked = (call, given)
class Menu:
    def __init__(self): self.items = []
    def append_item(self, item): self.items.append(item)
class File:
    def __init__(self, path): self.path = path
    def get_location(self): return self
    def get_path(self): return self.path
gi, repository = types.ModuleType("gi"), types.ModuleType("gi.repository")
repository.GObject = types.SimpleNamespace(GObject=type("GObject", (), {}))
repository.Nautilus = types.SimpleNamespace(MenuProvider=type("MenuProvider", (), {}), MenuItem=Item, Menu=Menu)
sys.modules["gi"], sys.modules["gi.repository"] = gi, repository
sys.path.insert(0, sys.argv[1])
import beside
beside.locale.getlocale = lambda: ("de_AT", "UTF-8")
started = []
beside.subprocess = types.SimpleNamespace(Popen=lambda args, **more: started.append(args))
menu = beside.BesideMenu()
items = lambda *paths: menu.get_file_items("window", [File(path) for path in paths])
[item] = items("/x/a.MP3", "/x/-b c.wav")
call, given = item.menu.items[0].clicked
call(item, *given)
print(json.dumps([item.label, [line.label for line in item.menu.items][-2:], started, items("/x/a.mp3", "/x/b.png"), items(None), items("/x/a.txt")]))
`
    const args = ['-c', use, join(folder, 'nautilus-python/extensions')]
    const { stdout, stderr, error } = spawnSync('python3', args, { encoding: 'utf8', env: { ...process.env, PYTHONUTF8: '1' } })
    if (error !== undefined) throw new Error('python3 is missing; `npm run setup -- mutagen` installs it', { cause: error })
    expect([stderr, JSON.parse(stdout)]).toEqual([
      '',
      [
        'Mit Beside umwandeln',
        ['Zuletzt verwendetes Format', 'Auswählen …'],
        [['beside-desktop', '--to', 'mp3', '--', '/x/a.MP3', '/x/-b c.wav']],
        [],
        [],
        [],
      ],
    ])
  })
})

describe('the actions of Thunar', () => {
  const others = `<?xml version="1.0" encoding="UTF-8"?>
<actions>
<action>
	<icon>utilities-terminal</icon>
	<name>Open Terminal Here — é &amp; more</name>
	<unique-id>1735180505505982-1</unique-id>
	<command>exo-open --working-directory %f --launch TerminalEmulator</command>
	<patterns>*</patterns>
	<directories/>
</action>

  <!-- mine -->
</actions>
`

  it('come among those of the user, once, and go again without a trace', async () => {
    const once = withActions(others, families, odd, 'en') ?? ''
    const path = join(await temporaryFolder(), 'uca.xml')
    await writeFile(path, once)
    expect(xmlTrouble([path])).toBe('')
    expect(once.startsWith(others.slice(0, others.indexOf('</actions>')))).toBe(true)
    expect(once).toContain('<unique-id>beside-audio-mp3</unique-id>')
    expect(once).toContain('<submenu>Convert with Beside</submenu>')
    expect(withActions(once, families, odd, 'en')).toBe(once)
    expect(withoutActions(once)).toBe(others)
    expect(withoutActions(withActions(noActions, families, odd, 'fr') ?? '')).toBe(noActions)
  })

  it('are put into nothing that is not Thunar’s', () => {
    for (const file of ['', '<?xml version="1.0"?><other/>', others.replace('</actions>', '')])
      expect([withActions(file, families, odd, 'en'), withoutActions(file)]).toEqual([null, null])
  })
})
