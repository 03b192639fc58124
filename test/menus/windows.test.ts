/**
 * What the installer of Windows includes, compiled by NSIS where electron-builder would put it; and run under Wine where that is. Its 64-bit
 * form stands in for the 32-bit one that electron-builder makes, as slim machines have no other Wine.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openable, writePacking } from '../../tools/packing.ts'
import { menuFamilies } from '../../src/main/menus/entries.ts'
import { windowsInclude } from '../../src/main/menus/windows.ts'
import { nsisTrouble } from '../support/checkers.ts'
import { temporaryFolder } from '../support/folder.ts'

const build = join(import.meta.dirname, '../../build')
const wine = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine'].find((path) => existsSync(path)) ?? null

/** As much of electron-builder's script as meets the include, in its order. */
const script = (project: string, target: string) => `${target}
!define PROJECT_DIR "${project}"
!define BUILD_RESOURCES_DIR "${build}"
!define APP_EXECUTABLE_FILENAME "Beside.exe"
!define isUpdated '"$updated" == "1"'
Var updated
!include "\${BUILD_RESOURCES_DIR}/installer.nsh"
!include MUI2.nsh
!include FileFunc.nsh
Var installMode
Name "Beside"
OutFile "\${OUT}"
RequestExecutionLevel user
InstallDir "C:\\Program Files\\Beside & Co"
!ifmacrodef customPageAfterChangeDir
!insertmacro customPageAfterChangeDir
!endif
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE German
!insertmacro MUI_LANGUAGE SpanishInternational
!insertmacro MUI_LANGUAGE French
!insertmacro MUI_LANGUAGE Japanese
!insertmacro MUI_LANGUAGE SimpChinese
Function .onInit
  StrCpy $installMode CurrentUser
  SetShellVarContext current
  StrCpy $updated 0
  \${GetParameters} $R0
  ClearErrors
  \${GetOptions} $R0 "--updated" $R1
  \${IfNot} \${Errors}
    StrCpy $updated 1
  \${EndIf}
  !ifndef BUILD_UNINSTALLER
    !insertmacro customInit
  !endif
FunctionEnd
Section
  !ifdef BUILD_UNINSTALLER
    !insertmacro customUnInstall
  !else
    !insertmacro customInstall
  !endif
SectionEnd
`

async function compiled(target: string): Promise<{ readonly folder: string; readonly troubles: readonly string[] }> {
  const folder = await temporaryFolder()
  writePacking(join(folder, 'out', 'packing'))
  await writeFile(join(folder, 'setup.nsi'), script(folder, target))
  const out = (name: string) => `-DOUT=${join(folder, name)}`
  const troubles = [
    nsisTrouble([out('add.exe'), join(folder, 'setup.nsi')]),
    nsisTrouble([out('remove.exe'), '-DBUILD_UNINSTALLER', join(folder, 'setup.nsi')]),
  ]
  return { folder, troubles }
}

describe('the installer of Windows', () => {
  it('compiles what is included, without a warning, for both of its programs', async () => {
    expect((await compiled('Unicode true')).troubles).toEqual(['', ''])
  })

  it('has each line of each menu, and removes every key that it writes', () => {
    const text = windowsInclude(menuFamilies(), openable)
    const keys = (instruction: string) =>
      [...text.matchAll(new RegExp(`^  ${instruction} SHELL_CONTEXT "([^"]+)"`, 'gm'))].map(([, key = '']) => key)
    const removed = keys('DeleteRegKey')
    const written = new Set([...keys('WriteRegStr'), ...keys('WriteRegDWORD')])
    expect([...written].filter((key) => !removed.some((one) => key === one || key.startsWith(`${one}\\`)))).toEqual([])
    expect(text).toContain(`'"$INSTDIR\\\${APP_EXECUTABLE_FILENAME}" --to jpeg -- "%1"'`)
    for (const { family, extensions, entries } of menuFamilies()) {
      for (const extension of extensions)
        expect(text).toContain(
          `SystemFileAssociations\\.${extension}\\shell\\Beside" "ExtendedSubCommandsKey" "Beside.convert.${family}"`,
        )
      const lines = [...written].filter((key) => key.includes(`\\Beside.convert.${family}\\`) && key.endsWith('\\command'))
      expect(lines).toHaveLength(entries.length)
    }
  })

  it.skipIf(wine === null)(
    'adds to a PATH of any length without a change to the rest, and takes away that alone; an update keeps it (Wine)',
    async () => {
      const { folder, troubles } = await compiled('Target amd64-unicode')
      expect(troubles).toEqual(['', ''])
      const env = { ...process.env, WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all', DISPLAY: '' }
      const run = (program: string, ...args: readonly string[]) =>
        execFileSync(wine ?? '', [program, ...args], { env, cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' })
      const pathNow = () => /Path\s+(REG_\w+)\s+(.*?)\s*$/m.exec(run('reg', 'query', 'HKCU\\Environment', '/v', 'Path'))?.slice(1)
      const setPath = async (value: string) => {
        const bytes = [...Buffer.from(`${value}\0`, 'utf16le')].map((byte) => byte.toString(16).padStart(2, '0')).join(',')
        const text = `Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Environment]\r\n"Path"=hex(2):${bytes}\r\n`
        await writeFile(join(folder, 'path.reg'), Buffer.from(`\ufeff${text}`, 'utf16le'))
        run('regedit', 'path.reg')
      }
      const own = 'C:\\Program Files\\Beside & Co\\resources\\bin'
      const long = `${Array.from({ length: 600 }, (_, n) => `C:\\Folder ${n}`).join(';')};%USERPROFILE%\\bin`
      for (const before of [long, `${long};`, 'C:\\one', `C:\\before;${own}x;C:\\after`]) {
        await setPath(before)
        run('add.exe', '/S')
        expect(pathNow()).toEqual(['REG_EXPAND_SZ', `${before};${own}`])
        run('add.exe', '/S')
        run('remove.exe', '/S', '--updated')
        expect(pathNow()).toEqual(['REG_EXPAND_SZ', `${before};${own}`])
        run('remove.exe', '/S')
        expect(pathNow()).toEqual(['REG_EXPAND_SZ', before])
      }
      // One that the user has put there is not ours to remove.
      await setPath(`C:\\one;${own.toUpperCase()};C:\\two`)
      run('add.exe', '/S')
      run('remove.exe', '/S')
      expect(pathNow()).toEqual(['REG_EXPAND_SZ', `C:\\one;${own.toUpperCase()};C:\\two`])
      run('reg', 'delete', 'HKCU\\Environment', '/v', 'Path', '/f')
      run('add.exe', '/S')
      expect(pathNow()).toEqual(['REG_EXPAND_SZ', own])
      const menu = run('reg', 'query', 'HKCU\\Software\\Classes\\Beside.convert.audio', '/s')
      expect(menu).toContain('"C:\\Program Files\\Beside & Co\\Beside.exe" --to mp3 -- "%1"')
      run('remove.exe', '/S')
      expect(run('reg', 'query', 'HKCU\\Software\\Classes', '/s')).not.toContain('Beside')
    },
    300_000,
  )

  it.skipIf(wine === null)(
    'brings a command that passes arguments on and the exit status back (Wine)',
    async () => {
      const folder = await temporaryFolder()
      const told = join(folder, 'told.txt')
      // In the place of the app: says how it was started.
      const source = `Target amd64-unicode
OutFile "${join(folder, 'Beside.exe')}"
RequestExecutionLevel user
SilentInstall silent
Section
  ReadEnvStr $0 ELECTRON_RUN_AS_NODE
  FileOpen $1 "Z:${told.replaceAll('/', '\\')}" w
  FileWriteUTF16LE $1 "$0 $CMDLINE"
  FileClose $1
  SetErrorLevel 7
SectionEnd
`
      await writeFile(join(folder, 'beside.nsi'), source)
      expect(nsisTrouble([join(folder, 'beside.nsi')])).toBe('')
      const command = join(folder, 'resources', 'bin', 'beside.cmd')
      await cp(join(build, 'command', 'beside.cmd'), command)
      const env = { ...process.env, WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all', DISPLAY: '' }
      // Without a percent sign, which Wine's cmd takes out of what a batch file passes on; whether Windows' own does is not shown.
      const words = ['convert', 'a & b.wav', '-x', '!ü!.wav', '--to', 'mp3']
      const { status } = spawnSync(wine ?? '', ['cmd', '/c', `Z:${command.replaceAll('/', '\\')}`, ...words], {
        env,
        cwd: folder,
      })
      const [, by, rest] = /^1 (".*?") ".*?beside\.js" (.*)$/.exec(await readFile(told, 'utf16le')) ?? []
      expect([status, by, rest]).toEqual([7, expect.stringMatching(/\\Beside\.exe"$/), 'convert "a & b.wav" -x !ü!.wav --to mp3'])
    },
    300_000,
  )
})
