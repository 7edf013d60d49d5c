#!/usr/bin/env bash
# Builds the server's Debian package: the program, its service, its settings and its manual page.
#
#   deploy/debian/build.sh BINARY VERSION OUT.deb
#   deploy/debian/build.sh .build/release/scimult 0.1.0 scimult_0.1.0_amd64.deb
#
# A binary that was linked with --static-swift-stdlib is packaged unchanged. For other binaries, the package contains
# their Swift libraries in a separate folder. All other libraries become the package's dependencies.
# DEB_MAINTAINER names the package's maintainer: "Name <address>".
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

require() {
  local program=$1 package=$2
  command -v "$program" >/dev/null || fail "$program is needed: apt-get install $package"
}

# Lists the paths of the Swift libraries that a binary links; none if they are linked statically.
swift_libraries() {
  local libraries runtime
  libraries=$(ldd "$1" | awk '$3 ~ /^\// { print $3 }')
  runtime=$(grep '/libswiftCore\.so$' <<<"$libraries") || return 0
  grep "^$(dirname "$runtime")/" <<<"$libraries"
}

# Installs the program, with its Swift libraries next to it if it has any.
install_program() {
  local binary=$1 libraries
  mapfile -t libraries < <(swift_libraries "$binary")
  if [[ ${#libraries[@]} -eq 0 ]]; then
    install -D -m 0755 "$binary" "$root/usr/bin/scimult"
    strip --strip-unneeded "$root/usr/bin/scimult"
    return 0
  fi
  require patchelf patchelf
  install -D -m 0755 "$binary" "$root/usr/lib/scimult/scimult"
  install -m 0644 "${libraries[@]}" "$root/usr/lib/scimult"
  strip --strip-unneeded "$root"/usr/lib/scimult/*
  # Removes library paths of this machine.
  # shellcheck disable=SC2016
  patchelf --set-rpath '$ORIGIN' "$root"/usr/lib/scimult/*
  mkdir -p "$root/usr/bin"
  ln -s ../lib/scimult/scimult "$root/usr/bin/scimult"
}

# The format that Debian's tools read. The changes themselves are in the project's own file next to it.
debian_changelog() {
  printf 'scimult (%s) unstable; urgency=medium\n\n' "$version"
  printf '  * /usr/share/doc/scimult/CHANGELOG.md.gz says what changed.\n\n'
  printf ' -- %s  %s\n' "$maintainer" "$(date --rfc-email --reference="$repository/CHANGELOG.md")"
}

install_files() {
  install -D -m 0644 "$repository/deploy/systemd/scimult.service" "$root/usr/lib/systemd/system/scimult.service"
  install -D -m 0644 "$repository/deploy/systemd/scimult.default" "$root/etc/default/scimult"
  install -d -m 0755 "$root/var/lib/scimult"

  local documents=$root/usr/share/doc/scimult manual=$root/usr/share/man/man1
  mkdir -p "$documents" "$manual"
  install -m 0644 "$here/copyright" "$documents/copyright"
  gzip -9 -n -c "$repository/CHANGELOG.md" >"$documents/CHANGELOG.md.gz"
  debian_changelog | gzip -9 -n >"$documents/changelog.gz"
  sed "s/@VERSION@/$version/" "$here/scimult.1" | gzip -9 -n -c >"$manual/scimult.1.gz"
}

# Lists the program's Debian dependencies for a control file: the packages of its libraries, with minimum versions.
dependencies() {
  local programs
  mapfile -t programs < <(find "$root/usr/bin" "$root/usr/lib/scimult" -type f 2>/dev/null)
  mkdir -p "$work/debian"
  printf 'Source: scimult\n' >"$work/debian/control"
  # It warns about libraries without a version in their names. These are Swift's, which the package contains.
  (cd "$work" && dpkg-shlibdeps -O -l"$root/usr/lib/scimult" "${programs[@]/#/-e}" \
    2> >(grep -v "can't extract name and version" >&2)) | sed 's/^shlibs:Depends=//'
}

write_control() {
  local control=$root/DEBIAN
  mkdir -p "$control"
  install -m 0755 "$here/postinst" "$here/prerm" "$here/postrm" "$control"
  echo /etc/default/scimult >"$control/conffiles"
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$control/md5sums"
  cat >"$control/control" <<CONTROL
Package: scimult
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$root" | cut -f 1)
Depends: $(dependencies)
Section: science
Priority: optional
Description: gRPC server for encoders of scientific papers
 Serves SciMult models, with an expert for each task (classification, link
 prediction, search), and any BERT in a Hugging Face or sentence-transformers
 folder, on CPUs. Clients ask for embeddings of texts, or for a ranking of
 papers, and get what the original PyTorch code gives.
 .
 The service is not started before it has a model: name one in
 /etc/default/scimult, then run systemctl enable --now scimult.
CONTROL
}

[[ $# -eq 3 ]] || fail "usage: build.sh BINARY VERSION OUT.deb"
version=$2
maintainer=${DEB_MAINTAINER:-SciMult Serve maintainers <scimult@localhost>}
out=$3
binary=$(realpath -e "$1") || fail "$1 is not there: build it with swift build -c release --static-swift-stdlib"
[[ $version =~ ^[0-9][A-Za-z0-9.+~-]*$ ]] || fail "$version is no version of a Debian package: it begins with a digit"
require dpkg-deb dpkg
require dpkg-shlibdeps dpkg-dev
require strip binutils

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"
chmod 0755 "$root"

install_program "$binary"
install_files
write_control
# A format that Debian 12 and Ubuntu 22.04 can unpack, and that takes only seconds to compress.
dpkg-deb --root-owner-group -Zzstd --build "$root" "$out"
