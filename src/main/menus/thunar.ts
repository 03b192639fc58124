/**
 * The menu as Thunar reads it. It keeps all of a user's actions in one file, in which ours are found again by their names; whatever else is
 * in there stays as it is, character by character. Apart, because it is the only one that is merged.
 */
import type { Language } from '../../shared/language.ts'
import { menuText, type MenuFamily } from './entries.ts'
import { shellQuoted } from './linux.ts'

/** Thunar's file without anything in it. */
export const noActions = '<?xml version="1.0" encoding="UTF-8"?>\n<actions>\n</actions>\n'

const own = /[ \t]*<action>(?:(?!<\/action>)[\s\S])*?<unique-id>beside-[\w-]+<\/unique-id>[\s\S]*?<\/action>\r?\n?/g

/** Null where `file` is not one of Thunar's. */
export function withoutActions(file: string): string | null {
  return /<\/actions>\s*$/.test(file) ? file.replaceAll(own, '') : null
}

export function withActions(file: string, families: readonly MenuFamily[], program: string, language: Language): string | null {
  const others = withoutActions(file)
  if (others === null) return null
  const end = others.lastIndexOf('</actions>')
  return `${others.slice(0, end)}${actionsOf(families, program, language)}${others.slice(end)}`
}

function actionsOf(families: readonly MenuFamily[], program: string, language: Language): string {
  return families
    .flatMap(({ family, extensions, entries }) =>
      entries.map(({ id, title, args }) =>
        [
          '<action>',
          '\t<icon>beside-desktop</icon>',
          `\t<name>${escaped(title(language))}</name>`,
          // Older ones know no submenus, and show the name alone.
          `\t<submenu>${escaped(menuText('convertWith', language))}</submenu>`,
          `\t<unique-id>beside-${family}-${id}</unique-id>`,
          `\t<command>${escaped([shellQuoted(program).replaceAll('%', '%%'), ...args, '--', '%F'].join(' '))}</command>`,
          `\t<description>${escaped(menuText('convertWith', language))}</description>`,
          '\t<range>*</range>',
          `\t<patterns>${extensions.flatMap((extension) => [`*.${extension}`, `*.${extension.toUpperCase()}`]).join(';')}</patterns>`,
          '\t<audio-files/>',
          '\t<image-files/>',
          '\t<video-files/>',
          '\t<other-files/>',
          '</action>\n',
        ].join('\n'),
      ),
    )
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
