#!/usr/bin/env bash
# Builds the packages for machines without Swift: an archive with the server, its service and all licences, and a Python
# wheel that installs the server into an environment. The build is reproducible: the same sources and tools give the
# same bytes.
#
#   deploy/dist/build.sh [FOLDER]        dist by default
#
# The server needs no library except glibc. The last line of the output names the oldest glibc that it runs on.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
venv=.venv-dist
scratch=.build-static
# The modification time of every file in the archive and in the wheel: 2020-02-02, as in other wheels.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1580601600}

# The libraries to link statically besides Swift's: C libraries by their pkg-config names, and all archives, which
# include the compilers' libraries.
c_libraries=(libnghttp2 libprotobuf-c zlib)
archives=(libnghttp2.a libprotobuf-c.a libz.a libstdc++.a libgcc_eh.a)
# The shared libraries of glibc.
glibc='ld-linux-[a-z0-9-]+\.so\.[0-9]|lib(c|dl|m|pthread|resolv|rt|util)\.so\.[0-9]'

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

# The stamp changes if the environment must be rebuilt: if its inputs, its Python or its path change.
install_python_packages() {
  local stamp
  stamp=$({ pwd && "$python" -VV && cat deploy/dist/build.sh deploy/dist/requirements.txt; } | sha256sum)
  if [[ -f $venv/setup-stamp && $(<"$venv/setup-stamp") == "$stamp" ]]; then return 0; fi
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet install -r deploy/dist/requirements.txt
  printf '%s\n' "$stamp" >"$venv/setup-stamp"
}

# Makes a folder that contains only static libraries, with pkg-config files that point to it. The linker searches it
# first.
gather_libraries() {
  local name path
  mkdir -p "$static"
  for name in "${archives[@]}"; do
    path=$("$toolchain/clang" -print-file-name="$name")
    [[ $path == /* ]] || fail "$name is not there: make setup installs what holds it"
    # Code with exceptions asks for the shared libgcc_s. Under that name, the linker finds the static libgcc_eh here.
    ln -sf "$(realpath "$path")" "$static/${name/libgcc_eh/libgcc_s}"
  done
  for name in "${c_libraries[@]}"; do
    sed "s,^libdir=.*,libdir=$static," "$(pkg-config --variable=pcfiledir "$name")/$name.pc" >"$static/$name.pc"
  done
}

# Puts LLVM's linker where clang looks for gold, its default. Gold keeps references to symbols that only discarded
# functions use. One of them, libstdc++'s arc4random, would require a newer glibc.
put_linker() {
  printf '#!/bin/sh\nexec %q "$@"\n' "$toolchain/ld.lld" >"$static/ld.gold"
  chmod +x "$static/ld.gold"
}

build_program() {
  # Links again each time, because a library may be newer than the server.
  rm -f "$scratch/release/scimult"
  PKG_CONFIG_PATH=$static${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH} COMPILER_PATH=$static \
    swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product scimult -Xlinker "-L$static"
  strip --strip-unneeded -o "$work/scimult" "$scratch/release/scimult"
  local needed
  needed=$(readelf -d "$work/scimult" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vxE "$glibc" || true)
  [[ -z $needed ]] || fail "the server needs more than glibc: $needed"
}

# The oldest glibc that has all symbols that the server uses.
oldest_glibc() {
  objdump -T "$work/scimult" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1 | sed 's/GLIBC_//'
}

# Collects the files of the archive and of the wheel in one folder.
gather_files() {
  local page
  install -m 0644 LICENSE deploy/systemd/scimult.service deploy/systemd/scimult.default "$work"
  for page in deploy/debian/scimult.1 deploy/dist/README.md; do
    sed "s/@VERSION@/$version/; s/@GLIBC@/$(oldest_glibc)/; s/@MACHINE@/$(uname -m)/" "$page" >"$work/$(basename "$page")"
  done
  "$venv/bin/python" scripts/license_texts.py --binary "$scratch/release/scimult" --scratch "$scratch" "$static"/*.a \
    >"$work/THIRD-PARTY-LICENSES"
}

make_archive() {
  local name
  name=scimult-$version-linux-$(uname -m)
  (cd "$work" && tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --transform="s,^\./,$name/," ./LICENSE ./README.md ./THIRD-PARTY-LICENSES ./scimult \
    ./scimult.1 ./scimult.default ./scimult.service) | gzip -9 -n >"$out/$name.tar.gz"
}

make_wheel() {
  install -m 0644 deploy/dist/pyproject.toml deploy/dist/hatch_build.py "$work"
  (cd "$work" && SCIMULT_VERSION=$version "$OLDPWD/$venv/bin/python" -m hatchling build -t wheel -d wheel >/dev/null)
  # auditwheel adds no library, because the program needs none. It finds the oldest glibc and puts it into the wheel's
  # name.
  "$venv/bin/auditwheel" repair --patcher none --wheel-dir "$out" "$work"/wheel/*.whl
}

[[ $# -le 1 ]] || fail "usage: build.sh [FOLDER]"
out=${1:-dist}
mkdir -p "$out" "$scratch"
out=$(realpath "$out")
static=$(realpath "$scratch")/static-libraries
toolchain=$(dirname "$(realpath "$(command -v swift)")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_python_packages
gather_libraries
put_linker
build_program
version=$("$work/scimult" --version)
version=${version#scimult }
gather_files
rm -f "$out"/scimult-*.tar.gz "$out"/scimult_server-*.whl
make_archive
make_wheel
(cd "$out" && ls -sh1 scimult-*.tar.gz scimult_server-*.whl)
printf 'oldest glibc: %s\n' "$(oldest_glibc)"
