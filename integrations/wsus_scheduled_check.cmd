@echo off
rem wsus_scheduled_check.cmd: the action of the task wsus_scheduled_check.xml, some minutes before the install window.
rem
rem Asks gate.cmd, which lies beside this file, and leaves its line in the folder %ProgramData%\patchgate
rem   on GO   in go.txt, which wsus_fresh_go.ps1 accepts as long as it is fresh
rem   else    in check.txt
rem Returns 0 when go.txt was written.
setlocal EnableExtensions DisableDelayedExpansion
set "errorlevel="
set "folder=%ProgramData%\patchgate"
rem Never made here: users may make folders in ProgramData, and would own the one that they made first.
if not exist "%folder%\" goto no_folder
del /f /q "%folder%\go.txt" "%folder%\check.txt" 2>nul
if exist "%folder%\go.txt" goto not_deleted
if exist "%folder%\check.txt" goto not_deleted
>"%folder%\check.txt" "%SystemRoot%\System32\cmd.exe" /d /c ^""%~dp0gate.cmd"^"
if not "%errorlevel%"=="0" exit /b %errorlevel%
rem An output that could not be opened leaves the exit code as it was, but no file.
ren "%folder%\check.txt" go.txt
if not exist "%folder%\go.txt" exit /b 1603
exit /b 0

:no_folder
echo FAILED wsus_scheduled_check.cmd: there is no folder "%folder%"
exit /b 1603

:not_deleted
echo FAILED wsus_scheduled_check.cmd: the files of the last check cannot be deleted
exit /b 1603
