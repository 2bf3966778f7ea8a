#!/bin/sh
# Installs the programs that some tests drive, where this user may. Missing ones only cause skipped tests.
# Works with Debian's and Ubuntu's packages, as root or with sudo that asks no password.
set -u

has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

missing=""
has chromium || has google-chrome || missing="$missing chromium"
has chromedriver || missing="$missing chromium-driver"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || missing="$missing postgresql"
has mariadbd || missing="$missing mariadb-server"
has node || missing="$missing nodejs"
has npm || missing="$missing npm"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=""
elif has sudo && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "  warning: not installed, and no right to install:$missing; the tests that need them are skipped"
  exit 0
fi
if ! has apt-get; then
  echo "  warning: not installed, and this system has no apt-get:$missing; the tests that need them are skipped"
  exit 0
fi

echo "  installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
quick="-o DPkg::Lock::Timeout=120 -o Acquire::Retries=2"
# shellcheck disable=SC2086 - lists of words on purpose
if $as_root apt-get $quick update -qq && $as_root apt-get $quick install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $missing; then
  exit 0
fi
echo "  warning: could not install:$missing; the tests that need them are skipped"
exit 0
