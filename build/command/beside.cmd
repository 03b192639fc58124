@echo off
rem The command line of the app around it, run by the Node that the app brings.
rem Arguments go on as they came, in UTF-16; what is printed is UTF-8, and Node itself writes to the console.
setlocal DisableDelayedExpansion
set "ELECTRON_RUN_AS_NODE=1"
"%~dp0..\..\Beside.exe" "%~dp0..\app.asar\dist\beside.js" %*
exit /b %errorlevel%
