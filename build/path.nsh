; The folder of the command in PATH: of the user, or of everybody where Beside is installed for everybody. By the registry's own calls: NSIS cuts
; off what does not fit into its variables, and a PATH may be longer. What was added is remembered, and nothing else is ever removed.
!define BESIDE_SETUP "Software\Beside\Setup"

!macro besideOpenPath
  ; $R1: root, $R2: key, $R3: handle, 0 where it cannot be had.
  StrCpy $R1 -2147483647
  StrCpy $R2 "Environment"
  ${If} $installMode == "all"
    StrCpy $R1 -2147483646
    StrCpy $R2 "SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
  ${EndIf}
  StrCpy $R3 0
  System::Call 'advapi32::RegOpenKeyExW(p R1, w R2, i 0, i 0x2011F, *p .R3) i .R0'
  ${If} $R0 <> 0
    StrCpy $R3 0
  ${EndIf}
!macroend

; $R0: folder. $R4: type, $R5: bytes, $R6: memory, $R7: the value in it, behind a semicolon and with one at its end.
!macro besideReadPath
  StrCpy $R4 2
  StrCpy $R5 0
  System::Call 'advapi32::RegQueryValueExW(p R3, w "Path", p 0, *i .R4, p 0, *i .R5) i .R1'
  ${If} $R1 <> 0
    StrCpy $R4 2
    StrCpy $R5 0
  ${EndIf}
  StrLen $R2 $R0
  IntOp $R2 $R2 * 2
  IntOp $R2 $R2 + $R5
  IntOp $R2 $R2 + 16
  System::Alloc $R2
  Pop $R6
  System::Int64Op $R6 + 2
  Pop $R7
  System::Call 'kernel32::lstrcpyW(p R6, w ";")'
  ${If} $R5 > 0
    System::Call 'advapi32::RegQueryValueExW(p R3, w "Path", p 0, p 0, p R7, *i R5) i .R1'
  ${EndIf}
  System::Call 'kernel32::lstrcatW(p R6, w ";")'
  ; $R8: where the folder stands between semicolons, 0 where it does not.
  StrCpy $R9 ";$R0;"
  System::Call 'shlwapi::StrStrIW(p R6, w R9) p .R8'
!macroend

!macro besideWritePath
  System::Call 'kernel32::lstrlenW(p R7) i .R1'
  IntOp $R1 $R1 + 1
  IntOp $R1 $R1 * 2
  System::Call 'advapi32::RegSetValueExW(p R3, w "Path", i 0, i R4, p R7, i R1) i .R1'
!macroend

!macro besideClosePath
  System::Free $R6
  System::Call 'advapi32::RegCloseKey(p R3)'
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=5000
!macroend

!macro besideAddPath
  !insertmacro besideOpenPath
  ${If} $R3 != 0
    StrCpy $R0 "$INSTDIR\resources\bin"
    !insertmacro besideReadPath
    ; The longest that a variable of the environment may be.
    IntOp $R2 $R2 / 2
    ${If} $R8 == 0
    ${AndIf} $R2 < 32767
      ${If} $R5 > 2
        System::Call 'kernel32::lstrcatW(p R7, w R0)'
      ${Else}
        System::Call 'kernel32::lstrcpyW(p R7, w R0)'
      ${EndIf}
      !insertmacro besideWritePath
      ${If} $R1 = 0
        WriteRegStr SHELL_CONTEXT "${BESIDE_SETUP}" "PathFolder" "$R0"
      ${EndIf}
    ${EndIf}
    !insertmacro besideClosePath
  ${EndIf}
!macroend

!macro besideRemovePath
  ReadRegStr $R0 SHELL_CONTEXT "${BESIDE_SETUP}" "PathFolder"
  ${If} $R0 != ""
    !insertmacro besideOpenPathKeeping
    ${If} $R3 != 0
      !insertmacro besideReadPath
      ${If} $R8 != 0
        StrLen $R1 "$R0;"
        IntOp $R1 $R1 * 2
        System::Int64Op $R8 + $R1
        Pop $R9
        System::Call 'kernel32::lstrlenW(p R9) i .R1'
        IntOp $R1 $R1 + 1
        IntOp $R1 $R1 * 2
        System::Call 'kernel32::RtlMoveMemory(p R8, p R9, p R1)'
        ; The semicolon at the end was put there to search by.
        System::Call 'kernel32::lstrlenW(p R6) i .R1'
        ${If} $R1 > 1
          IntOp $R1 $R1 - 1
          IntOp $R1 $R1 * 2
          System::Int64Op $R6 + $R1
          Pop $R9
          System::Call '*$R9(&i2 0)'
        ${Else}
          System::Call '*$R7(&i2 0)'
        ${EndIf}
        !insertmacro besideWritePath
      ${EndIf}
      !insertmacro besideClosePath
    ${EndIf}
    DeleteRegValue SHELL_CONTEXT "${BESIDE_SETUP}" "PathFolder"
  ${EndIf}
!macroend

; $R0 is in use.
!macro besideOpenPathKeeping
  Push $R0
  !insertmacro besideOpenPath
  Pop $R0
!macroend
