/**
 * `npm run package -- …` after a build: the packager, with what it needs that is made and not written. The menus of file managers come from the
 * table of formats into `out/packing`; there `menus.nsh` is for the installer of Windows, and `deb` is laid over the root of a Debian package,
 * which so removes it all again. Where updates are looked for is said by BESIDE_UPDATES and BESIDE_UPDATES_CHANNEL, for a release alone: without
 * them the app has no `app-update.yml` and looks for none. BESIDE_OFFICE=no leaves LibreOffice out, the largest part by far.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { certainFormatOf, formatIds, factsOf, type Family } from '../src/shared/formats.ts'
import { menuFamilies } from '../src/main/menus/entries.ts'
import { dolphinMenus, nautilusExtension, nemoMenus } from '../src/main/menus/linux.ts'
import { windowsInclude } from '../src/main/menus/windows.ts'
import { beforePack as chooseFfmpeg } from './ffmpeg.ts'

const packing = fileURLToPath(new URL('../out/packing', import.meta.url))

/** Text, archives and fonts have programs that open them, and a converter among those would only be in the way. */
const openedFamilies: ReadonlySet<Family> = new Set([
  'audio',
  'video',
  'image',
  'document',
  'spreadsheet',
  'presentation',
  'book',
])

/** Endings of what Beside reads. Everybody who writes TypeScript would be offered a converter of videos. */
export const openable: readonly string[] = [
  ...new Set(
    formatIds
      .filter((id) => openedFamilies.has(factsOf(id).family))
      .flatMap((id) => factsOf(id).extensions.filter((ending) => ending === 'mts' || certainFormatOf(`name.${ending}`) !== null)),
  ),
]

/** electron-builder calls this before it packs. @throws Error where there is no FFmpeg to pack. */
export function beforePack(context: Parameters<typeof chooseFfmpeg>[0]): void {
  chooseFfmpeg(context)
  writePacking()
}

export function writePacking(into = packing): void {
  rmSync(into, { recursive: true, force: true })
  const families = menuFamilies()
  const write = (path: string, content: string, isProgram: boolean) => {
    mkdirSync(dirname(join(into, path)), { recursive: true })
    writeFileSync(join(into, path), content)
    chmodSync(join(into, path), isProgram ? 0o755 : 0o644)
  }
  write('menus.nsh', windowsInclude(families, openable), false)
  const program = 'beside-desktop'
  const menus = { ...dolphinMenus(families, program), ...nemoMenus(families, program), ...nautilusExtension(families, program) }
  for (const [path, { content, isProgram }] of Object.entries(menus)) write(join('deb/usr/share', path), content, isProgram)
  mkdirSync(join(into, 'deb/usr/bin'))
  symlinkSync('/opt/Beside/resources/bin/beside', join(into, 'deb/usr/bin/beside'))
}

/** Arguments for the packager. @throws Error where updates would be fetched over a line that anybody can write to. */
export function publishArgs({
  BESIDE_UPDATES = '',
  BESIDE_UPDATES_CHANNEL = '',
}: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (BESIDE_UPDATES === '') return []
  if (!BESIDE_UPDATES.startsWith('https://'))
    throw new Error(`BESIDE_UPDATES has to be an https address, and is ${BESIDE_UPDATES}.`)
  const channel = BESIDE_UPDATES_CHANNEL === '' ? 'latest' : BESIDE_UPDATES_CHANNEL
  if (!/^[a-z]+$/.test(channel))
    throw new Error(`BESIDE_UPDATES_CHANNEL has to be a word such as latest or beta, and is ${channel}.`)
  return ['-c.publish.provider=generic', `-c.publish.url=${BESIDE_UPDATES}`, `-c.publish.channel=${channel}`]
}

/** Arguments for the packager. @throws Error for a word that is neither `yes` nor `no`. */
export function officeArgs({ BESIDE_OFFICE = '' }: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (BESIDE_OFFICE === '' || BESIDE_OFFICE === 'yes') return []
  if (BESIDE_OFFICE !== 'no') throw new Error(`BESIDE_OFFICE has to be yes or no, and is ${BESIDE_OFFICE}.`)
  // Twice is a list, which the packager adds to the one that it has; once would be in its place.
  return ['-c.files=!node_modules/@matbee', '-c.files=!node_modules/@matbee/**']
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const cli = createRequire(import.meta.url).resolve('electron-builder/cli.js')
    const args = [cli, '--publish', 'never', ...publishArgs(process.env), ...officeArgs(process.env), ...process.argv.slice(2)]
    process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
  } catch (error) {
    console.error(`package: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
