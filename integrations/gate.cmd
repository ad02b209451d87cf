@echo off
rem gate.cmd [INSTALLER [ARGUMENT]...]: asks patchgate.exe, which lies beside this file, and runs INSTALLER on GO only.
rem
rem   0      GO, or what INSTALLER returned
rem   1618   not now: servicing or an installation is running, ask again later
rem   1603   anything else: refused, or patchgate.exe is missing, crashed, ran out of time, gave no answer that fits
rem
rem Prints patchgate's line, verdict first; or one that begins with FAILED. PATCHGATE_TIMEOUT: seconds, 300 without it.
rem A file patchgate-policy.textproto beside this one is the policy; one that cannot be read or parsed is no GO.
setlocal EnableExtensions DisableDelayedExpansion
rem A variable of this name would hide the real exit codes.
set "errorlevel="
if "%~1"==":ask" goto ask
rem An installer without a name: a variable of the caller that is not set. Nothing would be installed, and 0 returned.
if not [%1]==[] if "%~1"=="" goto no_installer
if not exist "%~dp0patchgate.exe" goto no_program
call :decide
if not "%errorlevel%"=="0" exit /b %errorlevel%
if "%~1"=="" exit /b 0
%*
exit /b %errorlevel%

:no_installer
echo FAILED gate.cmd: the name of the installer is empty
exit /b 1603

:no_program
echo FAILED gate.cmd: patchgate.exe is not beside it
exit /b 1603

rem Reads what this file prints when it runs as ":ask": patchgate's line, then its exit code. Nothing that was read is
rem parsed again as a command: it is expanded as !name! only.
:decide
setlocal
set "word="
set "rest="
set "code="
set "last="
set "surplus="
for /f "tokens=1,*" %%A in ('^""%~f0" :ask^"') do (
  if defined code (set "surplus=1") else if defined word (set "code=%%A") else (set "word=%%A" & set "rest=%%B")
  set "last=%%A"
)
setlocal EnableDelayedExpansion
set "answer="
for %%W in (NO_GO INDETERMINATE FAILED) do if "!word!"=="%%W" set "answer=1603"
if defined answer if "!code!"=="exit:1618" set "answer=1618"
if defined answer if "!code!"=="exit:0" set "answer="
if "!word!"=="GO" if "!code!"=="exit:0" if defined rest set "answer=0"
if defined surplus set "answer="
if not defined answer (
  echo FAILED gate.cmd: patchgate.exe gave no answer that fits its exit code, !last!
  exit /b 1603
)
echo !word! !rest!
exit /b !answer!

:ask
rem Whatever PATCHGATE_TIMEOUT holds is one argument, and no command. The blank: what is empty cannot be edited.
setlocal EnableDelayedExpansion
set "limit=!PATCHGATE_TIMEOUT! "
setlocal DisableDelayedExpansion
set "limit=%limit:"=%"
set "limit=%limit: =%"
if not defined limit set "limit=300"
set "policy="
if exist "%~dp0patchgate-policy.textproto" set policy= --policy "%~dp0patchgate-policy.textproto"
"%~dp0patchgate.exe" check --exit-style msi --event-log --timeout "%limit%"%policy% -o one-line 2>nul
echo exit:%errorlevel%
exit /b 1603
