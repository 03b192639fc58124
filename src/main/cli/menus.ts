/** `beside menus`: *Convert with Beside* in the menus of the file managers, where no installer has put it there. Alone, as each command is. */
import { homedir } from 'node:os'
import type { Command } from 'commander'
import { addMenus, removeMenus, type UserMenus } from '../menus/user.ts'
import { languageTags } from '../../shared/language.ts'
import { packedApp } from '../packed.ts'
import type { CliContext, Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { refuseUnknown } from './program.ts'

export function defineMenus(program: Command, start: Start): void {
  const menus = program
    .command('menus')
    .summary('add “Convert with Beside” to file managers')
    .description(
      'Adds “Convert with Beside” to the right-click menus of your file managers: Nautilus, Nemo, Dolphin and Thunar, or the Finder. Only for the command that came with the app.',
    )
    .argument('[other...]')
    .usage('add | remove')
    .action((other: readonly string[]) => {
      refuseUnknown(menus, other)
      menus.help({ error: true })
    })
  menus
    .command('add')
    .description('Adds the menus, or brings them up to date.')
    .action(async () => await start(async (context) => await add(context)))
  menus
    .command('remove')
    .description('Removes them; menus of other programs stay as they are.')
    .action(async () => await start(async (context) => await remove(context)))
}

async function add(context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const { done, failed } = await addMenus(userOf(context))
  if (done.length + failed.length === 0) {
    screen.warn(
      'None of these file managers was found, or a package has added the menus already: Nautilus, Nemo, Dolphin, Thunar.',
    )
    return exit.failed
  }
  if (done.length > 0) screen.print(`“Convert with Beside” is now in the menus of ${done.join(', ')}.`)
  return told(failed, context)
}

async function remove(context: CliContext): Promise<ExitStatus> {
  const { failed } = await removeMenus(userOf(context))
  if (failed.length === 0) context.screen.print('“Convert with Beside” has been removed from the menus.')
  return told(failed, context)
}

function told(failed: readonly string[], { screen }: CliContext): ExitStatus {
  if (failed.length > 0) screen.warn(`These menus could not be changed: ${failed.join(', ')}.`)
  return failed.length > 0 ? exit.failed : exit.done
}

function userOf({ env }: CliContext): UserMenus {
  const app = packedApp(env)
  if (app === null)
    throw new UsageError('There is no app for the menus to start.', 'Install the desktop app, and use its `beside` command.')
  if (process.platform === 'win32') throw new UsageError('The installer adds the menus on Windows.')
  const tag = (env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || 'en').slice(0, 2)
  const language = languageTags.find((each) => each === tag) ?? 'en'
  return { platform: process.platform, env, home: homedir(), app, language, system: '/usr/share' }
}
