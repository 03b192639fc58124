/**
 * The menu as Quick Actions of the Finder: a bundle for each format, which Automator runs. Services in the app's own `Info.plist` would need no
 * files, but the app would have to be one that the system can call, and Electron offers no way for that.
 */
import type { Language } from '../../shared/language.ts'
import { titleAlone, shellQuoted, type MenuFiles } from './linux.ts'
import type { MenuFamily } from './entries.ts'
import type { Family } from '../../shared/formats.ts'

/** What the Finder calls the files of a family. */
const types: Readonly<Partial<Record<Family, readonly string[]>>> = {
  audio: ['public.audio'],
  video: ['public.movie'],
  image: ['public.image'],
  document: [
    'com.adobe.pdf',
    'org.openxmlformats.wordprocessingml.document',
    'com.microsoft.word.doc',
    'org.oasis-open.opendocument.text',
    'public.rtf',
  ],
  // A kind of its own on a Mac, to which tables of values and all programs' spreadsheets belong.
  spreadsheet: ['public.spreadsheet', 'public.comma-separated-values-text', 'public.tab-separated-values-text'],
  presentation: ['public.presentation'],
  book: ['org.idpf.epub-container', 'com.amazon.mobi-ebook'],
}

/**
 * Paths are below `Library/Services`. A bundle that finds its app gone removes itself: nobody else does where an app is dragged to the trash.
 * @param app the folder that ends in `.app`
 */
export function quickActions(families: readonly MenuFamily[], app: string, language: Language): MenuFiles {
  return Object.fromEntries(
    families.flatMap(({ family, entries }) =>
      entries.flatMap(({ id, title, args }) => {
        const bundle = `Beside ${family} ${id}.workflow`
        const script = [
          `app=${shellQuoted(app)}`,
          `[ -d "$app" ] || exec rm -rf "$HOME/Library/Services/${bundle}"`,
          // A second start, which hands its files to the app that runs and ends.
          `exec /usr/bin/open -n -a "$app" --args ${args.join(' ')}${args.length > 0 ? ' ' : ''}-- "$@"`,
        ].join('\n')
        const file = (content: string) => ({ content, isProgram: false })
        return [
          [`${bundle}/Contents/Info.plist`, file(plist(info(titleAlone(title, language), family)))],
          [`${bundle}/Contents/document.wflow`, file(plist(workflow(script)))],
        ]
      }),
    ),
  )
}

function info(title: string, family: Family) {
  return {
    NSServices: [
      {
        NSMenuItem: { default: title },
        NSMessage: 'runWorkflowAsService',
        NSRequiredContext: { NSApplicationIdentifier: 'com.apple.finder' },
        NSSendFileTypes: [...(types[family] ?? ['public.data'])],
      },
    ],
  }
}

/** Automator's own form of a single *Run Shell Script* that is given its files as arguments. */
function workflow(script: string) {
  return {
    AMApplicationBuild: '521.1',
    AMApplicationVersion: '2.10',
    AMDocumentVersion: '2',
    actions: [
      {
        action: {
          AMAccepts: { Container: 'List', Optional: true, Types: ['com.apple.cocoa.path'] },
          AMActionVersion: '2.0.3',
          AMApplication: ['Automator'],
          AMProvides: { Container: 'List', Types: ['com.apple.cocoa.string'] },
          ActionBundlePath: '/System/Library/Automator/Run Shell Script.action',
          ActionName: 'Run Shell Script',
          ActionParameters: {
            COMMAND_STRING: script,
            CheckedForUserDefaultShell: true,
            inputMethod: 1,
            shell: '/bin/sh',
            source: '',
          },
          BundleIdentifier: 'com.apple.RunShellScript',
          CFBundleVersion: '2.0.3',
          CanShowSelectedItemsWhenRun: false,
          CanShowWhenRun: true,
          Category: ['AMCategoryUtilities'],
          'Class Name': 'RunShellScriptAction',
          InputUUID: '4B2D7E0A-8A3C-4E0F-9C57-0B6D1C1E1A01',
          OutputUUID: '4B2D7E0A-8A3C-4E0F-9C57-0B6D1C1E1A02',
          UUID: '4B2D7E0A-8A3C-4E0F-9C57-0B6D1C1E1A03',
        },
        isViewVisible: true,
      },
    ],
    connectors: {},
    workflowMetaData: {
      serviceApplicationBundleID: 'com.apple.finder',
      serviceApplicationPath: '/System/Library/CoreServices/Finder.app',
      serviceInputTypeIdentifier: 'com.apple.Automator.fileSystemObject',
      serviceOutputTypeIdentifier: 'com.apple.Automator.nothing',
      serviceProcessesInput: 0,
      workflowTypeIdentifier: 'com.apple.Automator.servicesMenu',
    },
  }
}

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value }

function plist(value: Value): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<plist version="1.0">${written(value)}</plist>`,
    '',
  ].join('\n')
}

function written(value: Value): string {
  if (typeof value === 'string') return `<string>${escaped(value)}</string>`
  if (typeof value === 'number') return `<integer>${value}</integer>`
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>'
  if (Array.isArray(value)) return `<array>${(value as readonly Value[]).map(written).join('')}</array>`
  return `<dict>${Object.entries(value)
    .map(([key, each]) => `<key>${escaped(key)}</key>${written(each)}`)
    .join('')}</dict>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
