# What make test and make demo share: packages, build, a throw-away server.
# Source it with $here set to the top of the checkout.
#
# The extension is never installed into the system.  It is staged into a
# folder, and a private server is told to look there (extension_destdir, which
# Debian's servers have).  PostgreSQL refuses to run as root, so as root the
# server, and what starts servers of its own, run as the postgres user.

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s\n' "$@" >&2; exit 1; }

as_server() {
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Run a command as root, if there is a way to.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
	else return 1
	fi
}

# The major version to use: of $PG_CONFIG, else the newest server here, else the distribution's own.
server_version() {
	if [ -n "${PG_CONFIG:-}" ]; then
		"$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/'
		return
	fi
	local newest
	newest=$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | cut -d/ -f5 | sort -n | tail -n 1)
	[ -n "$newest" ] || newest=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
	printf '%s\n' "$newest"
}

# missing_packages VERSION KIND: the Debian packages that are not there yet; KIND is demo or test.
missing_packages() {
	local version=$1 lib=/usr/lib/postgresql/$1
	command -v gcc >/dev/null || echo gcc
	[ -e /usr/include/stdio.h ] || echo libc6-dev
	[ -x "$lib/bin/postgres" ] || echo "postgresql-$version"
	[ -e "$lib/lib/pgxs/src/makefiles/pgxs.mk" ] || echo "postgresql-server-dev-$version"
	[ "$2" = test ] || return 0
	[ -e "/usr/share/postgresql/$version/extension/pgtap.control" ] || echo "postgresql-$version-pgtap"
	command -v pg_prove >/dev/null || echo libtap-parser-sourcehandler-pgtap-perl
	perl -MIPC::Run -e 1 2>/dev/null || echo libipc-run-perl
}

# The same where not even the version is known: packages that depend on the right ones.
generic_packages() {
	echo gcc libc6-dev postgresql postgresql-server-dev-all
	[ "$1" != test ] || echo pgtap libtap-parser-sourcehandler-pgtap-perl libipc-run-perl
}

# Sees to the packages and sets version, bindir and PG_CONFIG.
set_up() {
	local missing
	version=$(server_version)
	if [ -z "$version" ] && command -v apt-get >/dev/null; then
		say "Reading the package lists ..."
		as_root apt-get -qq update || true
		version=$(server_version)
	fi
	[ -n "$version" ] || die "No PostgreSQL server found. Set PG_CONFIG to the pg_config of one, or, as root:" \
		"    apt-get update && apt-get install $(generic_packages "$1" | tr '\n' ' ')"
	bindir=$(dirname "${PG_CONFIG:-/usr/lib/postgresql/$version/bin/pg_config}")
	export PG_CONFIG=$bindir/pg_config
	missing=$(missing_packages "$version" "$1" | tr '\n' ' ')
	install_packages $missing
}

# Install these, or name them; none is fine.
install_packages() {
	[ $# -gt 0 ] || return 0
	as_root true 2>/dev/null || die "Packages are missing, and neither root nor sudo is at hand. As root:" \
		"    apt-get install $*"
	say "Installing $* ..."
	{ as_root apt-get -qq update &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@"; } \
		>"$work/packages.log" 2>&1 ||
		{ cat "$work/packages.log" >&2; die "Could not install: $*"; }
}

# A folder for this run that the server's user can read.
make_work() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/salesmgmt.XXXXXX")
	chmod 755 "$work"
}

# Build, and stage what make install would install into $work/stage.
build() {
	say "Building for PostgreSQL $version ..."
	{ make -C "$here" -s -j"$(nproc)" WERROR="${CI:+1}" all &&
		make -C "$here" -s install DESTDIR="$work/stage"; } >"$work/build.log" 2>&1 ||
		{ cat "$work/build.log" >&2; die "The build failed."; }
}

# Lines of postgresql.conf by which a server finds the staged extension.
extension_settings() {
	if [ -n "$("$bindir/postgres" --describe-config | grep ^extension_destdir)" ]; then
		echo "extension_destdir = '$work/stage'"
	else					# PostgreSQL 18 has its own way
		echo "extension_control_path = '$work/stage$("$PG_CONFIG" --sharedir):\$system'"
		echo "dynamic_library_path = '$work/stage$("$PG_CONFIG" --pkglibdir):\$libdir'"
	fi
}

# server_start DIR: make and start a server there; clients then reach it by PGHOST alone.
server_start() {
	[ "$(id -u)" != 0 ] || id -u postgres >/dev/null || die "There is no user postgres to run a server as."
	mkdir -p "$1"
	chmod 700 "$1"		# trust is for its owner alone
	[ "$(id -u)" != 0 ] || chown postgres "$1"
	as_server "$bindir/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >"$work/initdb.log" 2>&1 ||
		{ cat "$work/initdb.log" >&2; die "initdb failed."; }
	{ echo "listen_addresses = ''"
		echo "unix_socket_directories = '$1'"
		echo "fsync = off"
		echo "max_worker_processes = 16"
		extension_settings; } | as_server tee -a "$1/data/postgresql.conf" >/dev/null
	as_server "$bindir/pg_ctl" -D "$1/data" -l "$1/server.log" -w start >/dev/null ||
		{ cat "$1/server.log" >&2; die "The server did not start."; }
	export PGHOST=$1 PGUSER=postgres PGPORT=5432 PGDATABASE=postgres
}

server_stop() {
	[ -d "$1/data" ] || return 0
	as_server "$bindir/pg_ctl" -D "$1/data" -m immediate stop >/dev/null 2>&1 || true
}
