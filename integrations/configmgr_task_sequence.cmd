@echo off
rem configmgr_task_sequence.cmd: the step "Run Command Line" of a task sequence; success code 0 and no other.
rem
rem Asks gate.cmd, which lies beside this file, and as long as the host is busy asks again: 5 times, a minute apart.
rem Returns what gate.cmd returned. PATCHGATE_BUSY_WAIT: seconds between two tries.
setlocal EnableExtensions DisableDelayedExpansion
set "errorlevel="
if not defined PATCHGATE_BUSY_WAIT set "PATCHGATE_BUSY_WAIT=60"
rem Whatever it holds is one argument, and no command.
set "PATCHGATE_BUSY_WAIT=%PATCHGATE_BUSY_WAIT:"=%"
set /a "waited=0"
:again
"%SystemRoot%\System32\cmd.exe" /d /c ^""%~dp0gate.cmd"^"
set "answer=%errorlevel%"
if not "%answer%"=="1618" exit /b %answer%
if "%waited%"=="5" exit /b 1618
set /a "waited+=1"
rem Waits: timeout.exe refuses to work without a console.
"%SystemRoot%\System32\ping.exe" -n "%PATCHGATE_BUSY_WAIT%" 127.0.0.1 >nul 2>nul
goto again
