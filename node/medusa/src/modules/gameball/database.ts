/** What the senders ask of the database beyond rows: its clock, the ledger's version, a second try. */

import type { Courier } from "gameball-referrals";
import { type AccountRow, type Db, DEFAULT_ID, type Host, type LedgerRow, TABLES } from "./host";

/** The database's own time, by which all machines go. */
export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await db.raw("select extract(epoch from clock_timestamp()) * 1000 as now");
  return new Date(Math.floor(Number(rows[0].now)));
}

/** The account's row; the first process to look writes it, and with it the day of the installation. */
export async function readAccount(db: Db): Promise<AccountRow> {
  const found: AccountRow | undefined = await db(TABLES.account).where({ id: DEFAULT_ID }).first();
  if (found !== undefined) {
    return found;
  }
  await db.raw("insert into ?? (id, installed_at) values (?, clock_timestamp()) on conflict do nothing", [
    TABLES.account,
    DEFAULT_ID,
  ]);
  return await db(TABLES.account).where({ id: DEFAULT_ID }).first();
}

export async function readLedger(db: Db): Promise<LedgerRow> {
  const found: LedgerRow | undefined = await db(TABLES.ledger).where({ id: DEFAULT_ID }).first();
  if (found !== undefined) {
    return found;
  }
  const row = { id: DEFAULT_ID, state: "", version: 0 };
  await db(TABLES.ledger).insert(row).onConflict().ignore();
  return await db(TABLES.ledger).where({ id: DEFAULT_ID }).first();
}

/** Stores a ledger's new state if nobody has changed it since it was read; tells whether that was so. */
export async function saveLedger(db: Db, ledger: LedgerRow, state: string): Promise<boolean> {
  const changed = await db(TABLES.ledger)
    .where({ id: ledger.id, version: ledger.version })
    .update({ state, version: ledger.version + 1, updated_at: db.fn.now() });
  return changed > 0;
}

/** Reserves calls that are no deliveries; tells how many there may be now, and else how long to wait. */
export async function reserve(
  db: Db,
  courier: Courier,
  bucket: "getCustomer" | "other",
  calls: number,
): Promise<{ granted: number; waitMs: number; blocked: string | null; ledger: string }> {
  for (;;) {
    const ledger = await readLedger(db);
    const now = await databaseNow(db);
    const reservation = courier.reserve(ledger.state, now, { [bucket]: calls });
    if (reservation.ledger !== ledger.state && !(await saveLedger(db, ledger, reservation.ledger))) {
      continue; // somebody else was faster
    }
    const waitMs =
      reservation.nextAt === null ? 1000 : Math.max(reservation.nextAt.getTime() - now.getTime(), 0);
    const granted = reservation.granted[bucket] ?? 0;
    return { granted, waitMs, blocked: reservation.blocked, ledger: reservation.ledger };
  }
}

const TRIES = 6;

/** Does a transaction's work, again where it met a deadlock or a conflict. */
export async function persistently<T>(host: Host, work: (db: Db) => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth += 1) {
    try {
      return await host.db.transaction(work as (db: unknown) => Promise<T>);
    } catch (error) {
      if (nth === TRIES || !["40001", "40P01"].includes(codeOf(error))) {
        throw error;
      }
      await pause(Math.random() * 10 * 2 ** nth);
    }
  }
}

/** PostgreSQL's code of an error; empty if it has none. */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** An error in a line for the log: PostgreSQL's and others' messages may quote rows, so only their kind is told. */
export function inShort(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  if (error.name === "GameballError") {
    return error.message;
  }
  const place =
    error.stack
      ?.split("\n")
      .find((line) => line.trimStart().startsWith("at "))
      ?.trim() ?? "";
  return [error.name, codeOf(error), place].filter((part) => part !== "").join(" ");
}
