/** What a start of the app was given: files, and what is to become of them. A second start passes the same on to the first. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { formatNamed, isFormatId, type FormatId } from '../../shared/formats.ts'

/** As the menu of a file manager asks for it; the window asks the user where nothing is said. */
const wantedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('choice') }),
  z.object({ kind: z.literal('last') }),
  z.object({ kind: z.literal('format'), target: z.custom<FormatId>(isFormatId) }),
])
export type MenuChoice = Readonly<z.infer<typeof wantedSchema>>

export const startSchema = z.object({
  files: z.array(z.string()).readonly(),
  /** An older version, which may be the second one for a moment of an update, says nothing. */
  wanted: wantedSchema.default({ kind: 'choice' }),
  /** As an action of the desktop's own menu: the dialog that adds files. */
  asksForFiles: z.boolean().default(false),
  /** To stay out of sight. */
  isHidden: z.boolean(),
})
export type AppStart = Readonly<z.infer<typeof startSchema>>

/** @param args without the program, and without the folder that a development Electron is started with. */
export function startOf(args: readonly string[], cwd: string): AppStart {
  const end = args.indexOf('--')
  const before = end === -1 ? args : args.slice(0, end)
  const after = end === -1 ? [] : args.slice(end + 1)
  const to = before.indexOf('--to')
  const named = to === -1 ? '' : (before[to + 1] ?? '')
  const files = [...before.filter((arg, at) => arg !== '' && !arg.startsWith('-') && (to === -1 || at !== to + 1)), ...after]
  return {
    files: files.flatMap((arg) => pathOf(arg, cwd)),
    wanted: wantedOf(formatNamed(named), before),
    asksForFiles: before.includes('--add'),
    isHidden: before.includes('--hidden'),
  }
}

/** What another version of Beside may have put into a menu, and this one does not know, is for the user to choose. */
function wantedOf(target: FormatId | null, args: readonly string[]): MenuChoice {
  if (target !== null) return { kind: 'format', target }
  return { kind: args.includes('--last') ? 'last' : 'choice' }
}

/** Some file managers give addresses for files. Web addresses are sources as well. */
function pathOf(arg: string, cwd: string): readonly string[] {
  if (/^https?:\/\//i.test(arg)) return [arg]
  if (!/^file:\/\//i.test(arg)) return [resolve(cwd, arg)]
  try {
    return [fileURLToPath(arg)]
  } catch {
    return []
  }
}
