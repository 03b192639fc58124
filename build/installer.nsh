; What the installer of Windows does beside copying: the command on PATH, a choice of the user, and the menus of the Explorer.
!include LogicLib.nsh
!include nsDialogs.nsh
!include WinMessages.nsh
!include "${BUILD_RESOURCES_DIR}/path.nsh"
; Made before packing, by tools/packing.ts.
!include "${PROJECT_DIR}/out/packing/menus.nsh"

!ifndef BUILD_UNINSTALLER
  Var besideOnPath
  Var besideCheckbox

  !macro customInit
    ; As it was chosen the last time.
    ReadRegStr $besideOnPath SHELL_CONTEXT "${BESIDE_SETUP}" "OnPath"
    ${If} $besideOnPath != "0"
      StrCpy $besideOnPath "1"
    ${EndIf}
  !macroend

  !macro customPageAfterChangeDir
    Page custom besidePathPage besidePathPageLeave

    Function besidePathPage
      ${If} ${isUpdated}
        Abort
      ${EndIf}
      !insertmacro MUI_HEADER_TEXT "$(beside_pathTitle)" "$(beside_pathText)"
      nsDialogs::Create 1018
      Pop $R0
      ${NSD_CreateCheckbox} 0 0 100% 12u "$(beside_pathChoice)"
      Pop $besideCheckbox
      ${NSD_SetState} $besideCheckbox $besideOnPath
      nsDialogs::Show
    FunctionEnd

    Function besidePathPageLeave
      ${NSD_GetState} $besideCheckbox $besideOnPath
    FunctionEnd
  !macroend

  !macro customInstall
    WriteRegStr SHELL_CONTEXT "${BESIDE_SETUP}" "OnPath" "$besideOnPath"
    ; Taken away first: the folder may be another one than before, or unwanted now.
    !insertmacro besideRemovePath
    ${If} $besideOnPath == "1"
      !insertmacro besideAddPath
    ${EndIf}
    !insertmacro besideAddMenus
    System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, p 0, p 0)'
  !macroend
!endif

!macro customUnInstall
  !insertmacro besideRemoveMenus
  ; The next version finds its folder on PATH, and the choice, as they were.
  ${IfNot} ${isUpdated}
    !insertmacro besideRemovePath
    DeleteRegKey SHELL_CONTEXT "${BESIDE_SETUP}"
    DeleteRegKey /ifempty SHELL_CONTEXT "Software\Beside"
  ${EndIf}
  System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, p 0, p 0)'
!macroend
