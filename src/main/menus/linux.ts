/** The menus as the file managers of Linux read them: contents of files by their paths below a folder of data, such as `/usr/share`. */
import { languageTags, type Language } from '../../shared/language.ts'
import { inLanguages, menuText, type MenuEntry, type MenuFamily } from './entries.ts'

interface MenuFile {
  readonly content: string
  readonly isProgram: boolean
}
export type MenuFiles = Readonly<Record<string, MenuFile>>

const icon = 'beside-desktop'

/** @param program a name on PATH or an absolute path. Dolphin takes a user's own ones for menus only where they may be run. */
export function dolphinMenus(families: readonly MenuFamily[], program: string): MenuFiles {
  return Object.fromEntries(
    families.map(({ family, mimes, entries }) => {
      const actions = entries.map(({ id, title, args }) =>
        [
          `[Desktop Action ${id}]`,
          ...inLanguages('Name', title),
          `Icon=${icon}`,
          `Exec=${[desktopQuoted(program), ...args, '--', '%F'].join(' ')}`,
        ].join('\n'),
      )
      const head = [
        '[Desktop Entry]',
        'Type=Service',
        // Plasma 5 asks for the type, Plasma 6 goes by the folder.
        'X-KDE-ServiceTypes=KonqPopupMenu/Plugin',
        `MimeType=${mimes.map((mime) => `${mime};`).join('')}`,
        `Actions=${entries.map(({ id, isApart }) => `${isApart ? '_SEPARATOR_;' : ''}${id};`).join('')}`,
        ...inLanguages('X-KDE-Submenu', (language) => menuText('convertWith', language)),
        `Icon=${icon}`,
      ].join('\n')
      return [`kio/servicemenus/beside-${family}.desktop`, { content: `${[head, ...actions].join('\n\n')}\n`, isProgram: true }]
    }),
  )
}

/** Nemo has no submenus for such files, so each family gets three lines: the most usual format, the last one, and the choice. */
export function nemoMenus(families: readonly MenuFamily[], program: string): MenuFiles {
  return Object.fromEntries(
    families.flatMap(({ family, extensions, entries }) =>
      [...entries.slice(0, 1), ...entries.slice(-2)].map(({ id, title, args }) => {
        const content = [
          '[Nemo Action]',
          ...inLanguages('Name', (language) => titleAlone(title, language)),
          // As addresses, which hold neither blanks nor quotes.
          `Exec=${[shellQuoted(program), ...args, '--', '%U'].join(' ')}`,
          'Quote=double',
          `Icon-Name=${icon}`,
          'Selection=NotNone',
          `Extensions=${extensions.map((extension) => `${extension};`).join('')}`,
          '',
        ].join('\n')
        return [`nemo/actions/beside-${family}-${id}.nemo_action`, { content, isProgram: false }]
      }),
    ),
  )
}

/** Programs in a folder, which Nautilus shows as a submenu for every file: all formats, in the language of whoever has them made. */
export function nautilusScripts(families: readonly MenuFamily[], program: string, language: Language): MenuFiles {
  const entries = new Map(families.flatMap((family) => family.entries).map((entry) => [entry.id, entry]))
  return Object.fromEntries(
    [...entries.values()].map(({ title, args }) => [
      `nautilus/scripts/${menuText('convertWith', language)}/${title(language).replaceAll('/', '∕')}`,
      {
        content: `#!/bin/sh\n${scriptMark}\nexec ${[shellQuoted(program), ...args].join(' ')} -- "$@"\n`,
        isProgram: true,
      },
    ]),
  )
}

/** Stands in each script of ours, so that no other one is ever removed. */
export const scriptMark = '# Made by Beside for the menu of the file manager.'

/** Read by Nautilus where its bindings for Python are installed: a true submenu, for the files that it fits. */
export function nautilusExtension(families: readonly MenuFamily[], program: string): MenuFiles {
  const title = (text: (language: Language) => string) => Object.fromEntries(languageTags.map((tag) => [tag, text(tag)]))
  const table = families.map(({ family, extensions, entries }) => ({
    family,
    extensions,
    entries: entries.map((entry) => ({ id: entry.id, args: entry.args, title: title(entry.title) })),
  }))
  // JSON of texts and lists is Python as well.
  const content = `"""Convert with Beside, in the menu of Nautilus. Generated."""
import locale
import os
import subprocess

from gi.repository import GObject, Nautilus

PROGRAM = ${JSON.stringify(program)}
TITLE = ${JSON.stringify(title((language) => menuText('convertWith', language)))}
FAMILIES = ${JSON.stringify(table, null, 2)}


def in_language(titles):
    tag = (locale.getlocale()[0] or "en").split("_")[0]
    return titles.get(tag, titles["en"])


class BesideMenu(GObject.GObject, Nautilus.MenuProvider):
    def get_file_items(self, *given):
        # Older versions pass the window first.
        paths = [file.get_location().get_path() for file in given[-1]]
        if not paths or None in paths:
            return []
        endings = {os.path.splitext(path)[1][1:].lower() for path in paths}
        family = next((each for each in FAMILIES if endings <= set(each["extensions"])), None)
        if family is None:
            return []
        item = Nautilus.MenuItem(name="Beside::convert", label=in_language(TITLE))
        menu = Nautilus.Menu()
        item.set_submenu(menu)
        for entry in family["entries"]:
            line = Nautilus.MenuItem(name="Beside::" + entry["id"], label=in_language(entry["title"]))
            line.connect("activate", self.convert, entry["args"], paths)
            menu.append_item(line)
        return [item]

    def convert(self, item, args, paths):
        subprocess.Popen([PROGRAM, *args, "--", *paths], start_new_session=True)
`
  return { 'nautilus-python/extensions/beside.py': { content, isProgram: false } }
}

/** One that stands among others. */
export function titleAlone(title: MenuEntry['title'], language: Language): string {
  return `${menuText('convertWith', language)}: ${title(language)}`
}

/** An argument as the desktop entry specification has it: once for the argument, once more for the value. */
function desktopQuoted(program: string): string {
  if (/^[\w./-]+$/.test(program)) return program
  const quoted = program
    .replaceAll(/["`$\\]/g, (character) => `\\${character}`)
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')
  return `"${quoted}"`
}

export function shellQuoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
