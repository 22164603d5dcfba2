#!/bin/sh
# Writes the root file system of a minimal Debian to stdout, as a tar archive made from Debian's packages.
#
#   docker/base/rootfs.sh bookworm | docker import -c 'CMD ["bash"]' - debian:bookworm-slim
#
# DEBIAN_MIRROR names another mirror than the tool's own default.
set -eu

suite=${1:?which suite? for example: bookworm, trixie, sid}
mirror=${DEBIAN_MIRROR:-}

# What Debian's official images do too: no package cache in any layer, no service started by its package,
# no documentation. Without the first, every image made from this one is 80 MB larger.
slim() {
  mkdir -p "$1/etc/apt/apt.conf.d" "$1/etc/dpkg/dpkg.cfg.d" "$1/usr/sbin"
  cat > "$1/etc/apt/apt.conf.d/docker-clean" <<'CONF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
CONF
  printf 'path-exclude=/usr/share/%s/*\n' doc info man locale > "$1/etc/dpkg/dpkg.cfg.d/docker-slim"
  printf '#!/bin/sh\nexit 101\n' > "$1/usr/sbin/policy-rc.d"
  chmod +x "$1/usr/sbin/policy-rc.d"
}

# One folder for everything, whoever made it, and out with it however this ends. Readable, because without root
# mmdebstrap works as somebody else. Never across a mount: a tool that was killed may have left /proc in there.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/labrys-rootfs.XXXXXX")
chmod 755 "$scratch"
trap 'rm -rf --one-file-system "$scratch"' EXIT
trap 'exit 143' HUP INT TERM PIPE
export TMPDIR="$scratch"

if command -v mmdebstrap > /dev/null; then
  slim "$scratch/slim"
  chmod -R a+rX "$scratch/slim"
  # The mirror's Release file may be older than its validity (a frozen mirror, a clock that is ahead).
  mmdebstrap --variant=minbase --include=ca-certificates \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="tar -C '$scratch/slim' --owner=0 --group=0 -c . | tar -C \"\$1\" -x" \
    --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*' \
    "$suite" - ${mirror:+"deb $mirror $suite main"}
elif command -v debootstrap > /dev/null; then
  root="$scratch/root"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" ${mirror:+"$mirror"} >&2
  slim "$root"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" --numeric-owner --exclude=./dev/* --exclude=./proc/* --exclude=./sys/* -c .
else
  echo "neither mmdebstrap nor debootstrap is installed: apt-get install mmdebstrap" >&2
  exit 69
fi
