/**
 * The menu as the installer of Windows writes it into the registry: a submenu for each family, and a line in the menu of every ending that
 * leads there. Also *Open with*, for what Beside reads. All of it is removed again key by key.
 */
import { languageTags, type Language } from '../../shared/language.ts'
import { menuText, type MenuFamily, type MenuText } from './entries.ts'

/** NSIS knows languages by Windows' numbers; the installer speaks these and no other. */
const languageNumbers: Readonly<Record<Language, number>> = { en: 1033, de: 1031, es: 3082, fr: 1036, ja: 1041, zh: 2052 }

const texts: readonly MenuText[] = ['convertWith', 'lastUsed', 'chooseFormat', 'pathTitle', 'pathText', 'pathChoice']

const classes = 'Software\\Classes'
const openWith = `${classes}\\Applications\\\${APP_EXECUTABLE_FILENAME}`
const program = '$INSTDIR\\${APP_EXECUTABLE_FILENAME}'

/** An include for NSIS. @param openable endings that *Open with* offers Beside for. */
export function windowsInclude(families: readonly MenuFamily[], openable: readonly string[]): string {
  return [
    '; Generated from the table of formats.',
    ...texts.flatMap((name) =>
      languageTags.map((tag) => `LangString beside_${name} ${languageNumbers[tag]} ${quoted(menuText(name, tag))}`),
    ),
    '',
    '!macro besideAddMenus',
    `  WriteRegStr SHELL_CONTEXT "${openWith}" "FriendlyAppName" "Beside"`,
    `  WriteRegStr SHELL_CONTEXT "${openWith}\\shell\\open\\command" "" '"${program}" -- "%1"'`,
    ...openable.map((extension) => `  WriteRegStr SHELL_CONTEXT "${openWith}\\SupportedTypes" ".${extension}" ""`),
    ...families.flatMap(submenu),
    ...families.flatMap(({ family, extensions }) => extensions.flatMap((extension) => line(family, extension))),
    '!macroend',
    '',
    '!macro besideRemoveMenus',
    `  DeleteRegKey SHELL_CONTEXT "${openWith}"`,
    ...families.map(({ family }) => `  DeleteRegKey SHELL_CONTEXT "${classes}\\${submenuOf(family)}"`),
    ...families.flatMap(({ extensions }) =>
      extensions.flatMap((extension) => [
        `  DeleteRegKey SHELL_CONTEXT "${lineOf(extension)}"`,
        // What others have put there stays.
        `  DeleteRegKey /ifempty SHELL_CONTEXT "${shellOf(extension)}"`,
        `  DeleteRegKey /ifempty SHELL_CONTEXT "${classes}\\SystemFileAssociations\\.${extension}"`,
      ]),
    ),
    '!macroend',
    '',
  ].join('\n')
}

const submenuOf = (family: string) => `Beside.convert.${family}`
const shellOf = (extension: string) => `${classes}\\SystemFileAssociations\\.${extension}\\shell`
const lineOf = (extension: string) => `${shellOf(extension)}\\Beside`

function line(family: string, extension: string): readonly string[] {
  const write = (name: string, value: string) => `  WriteRegStr SHELL_CONTEXT "${lineOf(extension)}" "${name}" ${value}`
  return [
    write('MUIVerb', '"$(beside_convertWith)"'),
    write('Icon', `'"${program}",0'`),
    // Any number of files; the app is started for each, and gathers them.
    write('MultiSelectModel', '"Player"'),
    write('ExtendedSubCommandsKey', `"${submenuOf(family)}"`),
  ]
}

function submenu({ family, entries }: MenuFamily): readonly string[] {
  return entries.flatMap(({ id, title, args, isApart }, at) => {
    // They are shown in the order of their names.
    const key = `${classes}\\${submenuOf(family)}\\shell\\${String(at + 1).padStart(2, '0')}.${id}`
    const name = { last: '"$(beside_lastUsed)"', choose: '"$(beside_chooseFormat)"' }[id] ?? quoted(title('en'))
    return [
      `  WriteRegStr SHELL_CONTEXT "${key}" "MUIVerb" ${name}`,
      `  WriteRegStr SHELL_CONTEXT "${key}" "MultiSelectModel" "Player"`,
      ...(isApart ? [`  WriteRegDWORD SHELL_CONTEXT "${key}" "CommandFlags" 0x20`] : []),
      `  WriteRegStr SHELL_CONTEXT "${key}\\command" "" '"${program}" ${[...args, '--'].join(' ')} "%1"'`,
    ]
  })
}

function quoted(text: string): string {
  return `"${text.replaceAll('$', '$$$$').replaceAll('"', '$\\"')}"`
}
